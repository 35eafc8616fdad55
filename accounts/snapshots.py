"""What a person and a session look like from outside."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import NAMESPACE_OID, UUID, uuid5

from placet.lib.actors import Actor

if TYPE_CHECKING:
    from accounts.models import Session, User, Workspace


@dataclass(frozen=True, kw_only=True)
class UserSnapshot:
    id: UUID
    email: str
    display_name: str
    role: str
    must_change_password: bool
    theme: str
    shortcuts: bool
    is_active: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: "User") -> Self:
        return cls(
            id=row.pk,
            email=row.email,
            display_name=row.display_name,
            role=row.role,
            must_change_password=row.must_change_password,
            theme=row.theme,
            shortcuts=row.shortcuts,
            is_active=row.is_active,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @property
    def is_owner(self) -> bool:
        return self.role == "owner"

    def as_actor(self) -> Actor:
        return Actor(kind="human", user_id=self.id, is_owner=self.is_owner, name=self.display_name)


@dataclass(frozen=True, kw_only=True)
class WorkspaceSnapshot:
    """The one workspace. Its row's number says nothing, so foreign dialects, which want a UUID, get one of its own moment."""

    id: UUID
    name: str
    slug: str

    @classmethod
    def of(cls, row: "Workspace | None") -> Self:
        """Where people were added by commands alone nobody has named it."""
        if row is None:
            return cls(id=uuid5(NAMESPACE_OID, "placet"), name="Placet", slug="placet")
        born = f"placet:{row.created_at.isoformat()}"
        return cls(id=uuid5(NAMESPACE_OID, born), name=row.name, slug=row.slug)


@dataclass(frozen=True, kw_only=True)
class SessionSnapshot:
    """`id` is a hash of the session key: enough to end it, useless to sign in with."""

    id: str
    user_agent: str
    address: str | None
    created_at: datetime
    seen_at: datetime
    is_current: bool

    @classmethod
    def of(cls, row: "Session", *, current: str) -> Self:
        return cls(
            id=row.session_key,
            user_agent=row.user_agent,
            address=row.address,
            created_at=row.created_at,
            seen_at=row.seen_at,
            is_current=row.session_key == current,
        )

    @property
    def device(self) -> str:
        """ "Firefox on macOS": a guess from the user agent, good enough to recognise one's own."""
        browser = _first(BROWSERS, self.user_agent) or "Unknown browser"
        system = _first(SYSTEMS, self.user_agent)
        return f"{browser} on {system}" if system else browser


# Order matters: every Chromium claims to be Safari, Edge and Opera claim to be Chrome, Android claims to be Linux.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "HeadlessChrome/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
    "curl/": "curl",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def _first(names: dict[str, str], text: str) -> str:
    return next((name for mark, name in names.items() if mark in text), "")

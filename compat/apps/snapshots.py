"""What an app looks like from outside. Its secrets are readable once, in the answers that made them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from agents.snapshots import AgentSnapshot

if TYPE_CHECKING:
    from compat.apps.models import App


@dataclass(frozen=True, kw_only=True)
class AppSnapshot:
    id: UUID
    agent: AgentSnapshot
    client_id: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    installation_id: UUID
    installed_at: datetime | None
    installed_by_id: UUID | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: "App") -> Self:
        """`row` comes with its agent and its application selected."""
        return cls(
            id=row.pk,
            agent=AgentSnapshot.of(row.agent),
            client_id=row.application.client_id,
            redirect_uris=tuple(row.application.redirect_uris.split()),
            scopes=tuple(row.scopes),
            installation_id=row.installation_id,
            installed_at=row.installed_at,
            installed_by_id=row.installed_by_id,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @property
    def name(self) -> str:
        return self.agent.name

    @property
    def is_installed(self) -> bool:
        return self.installed_at is not None


@dataclass(frozen=True, kw_only=True)
class RegisteredApp:
    """The one moment these secrets are readable."""

    app: AppSnapshot
    client_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class TokenSnapshot:
    id: int
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """The one moment a token is readable."""

    token: str = field(repr=False)
    expires_at: datetime

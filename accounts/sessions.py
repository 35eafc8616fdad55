"""Database sessions that carry their user, so a person can see and end them. Named in SESSION_ENGINE."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from placet.lib.clock import now
from placet.lib.ids import parse_id

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"


class SessionStore(DatabaseStore):
    """Rows are found by the hash of the cookie's key; the key itself is stored nowhere."""

    @classmethod
    def get_model_class(cls) -> Any:
        from accounts.models import Session

        return Session

    def load(self) -> dict[str, Any]:
        rows = self.model.objects.filter(
            session_key=session_hash(self.session_key), expire_date__gt=now()
        )
        row = rows.first()
        if row is None:
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(row.session_data)
        return data

    def exists(self, session_key: str) -> bool:
        found: bool = self.model.objects.filter(session_key=session_hash(session_key)).exists()
        return found

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=session_hash(key)).delete()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.session_key = session_hash(row.session_key)
        row.user_id = parse_id(data.get(SESSION_KEY))
        row.user_agent = str(data.get("user_agent", ""))[:300]
        row.address = data.get("address") or None
        row.created_at = _moment(data.get(SIGNED_IN_AT))
        row.seen_at = _moment(data.get(SEEN_AT))
        return row

    def get_session_cookie_age(self) -> int:
        """The idle limit, or what is left of the absolute one: the row's expiry and the cookie's both come from here."""
        signed_in_at = self.get(SIGNED_IN_AT)
        if signed_in_at is None:
            return settings.SESSION_COOKIE_AGE
        left = signed_in_at + settings.PLACET_SESSION_ABSOLUTE_SECONDS - now().timestamp()
        return max(0, min(settings.SESSION_COOKIE_AGE, int(left)))

    # Django's async twins each repeat the query by the plain key; these go through the ones above.
    async def aload(self) -> dict[str, Any]:
        return await sync_to_async(self.load)()

    async def aexists(self, session_key: str) -> bool:
        return await sync_to_async(self.exists)(session_key)

    async def asave(self, must_create: bool = False) -> None:
        await sync_to_async(self.save)(must_create)

    async def adelete(self, session_key: str | None = None) -> None:
        await sync_to_async(self.delete)(session_key)


def session_hash(session_key: str | None) -> str:
    """Names a session in events and pages without being able to sign in as it."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()


def _moment(seconds: float | None) -> datetime:
    return now() if seconds is None else datetime.fromtimestamp(seconds, UTC)

"""A bearer key becomes an Actor. Every door for agents enters here; a 401 is made here and nowhere else."""

import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from agents.models import ApiKey
from placet.events.models import Recorded
from placet.lib import limits
from placet.lib.actors import Actor
from placet.lib.clock import iso, now
from placet.lib.errors import FieldError, Forbidden, Unauthorized
from placet.lib.exchange import note
from placet.lib.ids import KEY_PREFIX, hash_key
from placet.lib.rest import actor_of

USED_AT_MOST_EVERY = timedelta(minutes=1)
MOST_CACHED = 10_000
HOW = FieldError(
    "Authorization", "must be: Bearer hp_…; or send the key in the header x-api-key: hp_…"
)
UNKNOWN = FieldError("Authorization", "must carry a live key: this one is unknown, or was revoked")
EXPIRED = FieldError("Authorization", "must carry a live key: make or rotate one in the settings")
_cache: dict[str, tuple[float, Actor]] = {}
_lock = threading.Lock()


def actor_of_headers(headers: Mapping[str, str]) -> Actor:
    """The Actor of `Authorization: Bearer hp_…` or `x-api-key: hp_…`; raises Unauthorized, or 429 past the key's rate."""
    actor = actor_of_key(key_in(headers))
    note(actor=actor.kind)
    limits.take("key", str(actor.key_id))
    return actor


def actor_of_key(key: str) -> Actor:
    """The Actor of a key. Remembered for less than a second, and forgotten at once when the key is revoked or rotated."""
    if not key.startswith(KEY_PREFIX):
        raise Unauthorized("Missing or invalid API key", errors=[HOW])
    digest = hash_key(key)
    until, actor = _cache.get(digest, (0.0, None))
    if actor is None or until < time.monotonic():
        actor = _look_up(digest)
        _remember(digest, actor)
    return actor


def forget_keys(recorded: Recorded) -> None:
    """A bus subscriber: what a key or its person may do has changed."""
    if recorded.type.startswith(("key:", "user:", "agent:deleted")):
        with _lock:
            _cache.clear()


def _look_up(digest: str) -> Actor:
    at = now()
    row = ApiKey.objects.live(at).filter(key_hash=digest).select_related("user").first()
    if row is None:
        raise _dead(digest, at)
    if row.last_used_at is None or at - row.last_used_at > USED_AT_MOST_EVERY:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=at)
    return Actor(
        kind="key",
        user_id=row.user_id,
        name=row.label,
        key_id=row.pk,
        bound_agent_id=row.agent_id,
        scopes=frozenset(row.scopes),
    )


def _dead(digest: str, at: datetime) -> Unauthorized:
    """Who holds a key that has expired may know so; of all others the answer says nothing."""
    rows = ApiKey.objects.filter(key_hash=digest, expires_at__lte=at, revoked_at=None)
    expired_at = rows.filter(user__is_active=True).values_list("expires_at", flat=True).first()
    if expired_at is None:
        return Unauthorized("Invalid API key", errors=[UNKNOWN])
    return Unauthorized(f"This API key expired at {iso(expired_at)}", errors=[EXPIRED])


def _remember(digest: str, actor: Actor) -> None:
    with _lock:
        if len(_cache) >= MOST_CACHED:
            _cache.clear()
        _cache[digest] = (time.monotonic() + settings.PLACET_KEY_CACHE_SECONDS, actor)


def key_in(headers: Mapping[str, str]) -> str:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    return headers.get("x-api-key", "").strip()


class KeyAuthentication(BaseAuthentication):
    """DRF's door to `actor_of_headers`: the Actor is `request.auth`."""

    def authenticate(self, request: Request) -> tuple[Any, Actor]:
        return _nobody, actor_of_headers(request.headers)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="placet"'


class HasScope(BasePermission):
    """Reading needs the read scope, everything else the write scope."""

    def has_permission(self, request: Request, view: object) -> bool:
        actor = actor_of(request)
        needed = "read" if request.method in {"GET", "HEAD", "OPTIONS"} else "write"
        if actor.is_key and needed not in actor.scopes:
            raise Forbidden(f'This key lacks the "{needed}" scope.')
        return True


class _Nobody:
    is_authenticated = True


_nobody = _Nobody()

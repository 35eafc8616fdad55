"""Uploads may be long: from whoever may make one, and not too many at once. Everybody else keeps to the usual limit."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.http import parse_cookie

from agents.auth import actor_of_key, key_in
from inbox import live
from placet.bodies import LIMIT, declared_length, refuse
from placet.lib.asgi import App, Receive, Scope, Send
from placet.lib.errors import Forbidden, PlacetError, TooManyRequests, Unauthorized
from placet.pool import on_pool

TAKES_FILES = re.compile(r"/api/(?:v1/)?files/(?:upload|store)/?|/chats/[^/]+/write/")
AGENTS = "/api/v1/"
#: What a form may carry beside its files.
FORM_BYTES = 1024 * 1024
MOST_AT_ONCE, RETRY_AFTER_SECONDS = 8, 5


class Uploads:
    """In front of a BodyLimit: who sends a long form to a door that takes files is known before the body is read."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_long_upload(scope):
            await self.app(scope, receive, send)
            return
        try:
            who = await on_pool(_uploader, scope["path"], _headers(scope))
            with self._place_for(who):
                most = settings.PLACET_FILE_MAX_BYTES + FORM_BYTES
                await self.app({**scope, LIMIT: most}, receive, send)
        except PlacetError as refusal:
            await refuse(scope, refusal, receive, send)

    @contextmanager
    def _place_for(self, who: str) -> Iterator[None]:
        if self._running[who] >= MOST_AT_ONCE:
            raise TooManyRequests(
                f"Too many uploads at once: at most {MOST_AT_ONCE}.",
                retry_after=RETRY_AFTER_SECONDS,
            )
        self._running[who] += 1
        try:
            yield
        finally:
            self._running[who] -= 1
            if not self._running[who]:
                del self._running[who]


def _is_long_upload(scope: Scope) -> bool:
    """Short ones, and what is no form, the door itself answers in every respect."""
    if scope["method"] != "POST" or not TAKES_FILES.fullmatch(scope["path"]):
        return False
    length = declared_length(scope)
    usual = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    kind = dict(scope["headers"]).get(b"content-type", b"")
    return kind.startswith(b"multipart/form-data") and (length is None or length > usual)


def _uploader(path: str, headers: Mapping[str, str]) -> str:
    """Who is counted; raises Unauthorized or Forbidden. The door asks again, and says what else is wrong."""
    if path.startswith(AGENTS):
        actor = actor_of_key(key_in(headers))
        if "write" not in actor.scopes:
            raise Forbidden('This key lacks the "write" scope.')
        return actor.label
    visitor = live.visitor(
        parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    )
    if visitor is None:
        raise Unauthorized("Not signed in")
    return f"human:{visitor[0]}"


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]}

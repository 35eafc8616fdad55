"""How much a request may carry, decided before anything is kept: works in front of either handler."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace

import orjson
from django.conf import settings

from placet.lib.asgi import App, Message, Receive, Scope, Send
from placet.lib.errors import Busy, PlacetError, TooBig
from placet.lib.rest import error_body

#: What all requests of this process may keep of their bodies at one time.
BUDGET = 64 * 1024 * 1024
#: Small bodies pass whatever the large ones do; uvicorn itself keeps four times as much for a connection.
FREE = 16 * 1024
RETRY_AFTER_SECONDS = 5
#: How much of a refused body is read for nothing: a client that sends first and reads later must find the answer.
DISCARDED_BYTES, DISCARD_SECONDS = 8 * 1024 * 1024, 5.0


class BodyLimit:
    """Answers 413 to a body that says it is too large, at once, and to one that turns out to be, as soon as it does.

    503 when the bodies that are being kept just now are too much together.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        if _declared(dict(scope["headers"])) > limit:
            await refuse(scope, TooBig(limit), receive, send)
            return
        body = _Body(receive, limit)
        try:
            await self.app(scope, body.receive, send)
        except (TooBig, Busy) as refusal:
            await refuse(scope, refusal, receive, send)
        finally:
            body.forget()


class _Body:
    """Counts what comes, for its own limit and against the budget of the process."""

    kept_by_all = 0

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._limit, self._size, self._charged = receive, limit, 0, 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise TooBig(self._limit)
        self._charge(max(0, self._size - FREE) - self._charged)
        return message

    def _charge(self, more: int) -> None:
        if more and _Body.kept_by_all + more > BUDGET:
            raise Busy("Too many large bodies are on their way.", retry_after=RETRY_AFTER_SECONDS)
        _Body.kept_by_all += more
        self._charged += more

    def forget(self) -> None:
        _Body.kept_by_all -= self._charged
        self._charged = 0


def kept() -> int:
    """How many bytes of bodies this process keeps just now, small ones not counted."""
    return _Body.kept_by_all


def _declared(headers: dict[bytes, bytes]) -> int:
    with suppress(ValueError):
        return int(headers.get(b"content-length", b"0"))
    return 0


async def refuse(scope: Scope, refusal: PlacetError, receive: Receive, send: Send) -> None:
    """Answer before the request has come in whole, so that the client can read it."""
    body = orjson.dumps(error_body(refusal, SimpleNamespace(get_full_path=lambda: scope["path"])))
    await send(
        {
            "type": "http.response.start",
            "status": refusal.status,
            "headers": _headers(refusal, body),
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": True})
    # The answer is out, whoever reads it now; closing on a body still on its way would take it back.
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            await _discard(receive)
    await send({"type": "http.response.body"})


async def _discard(receive: Receive) -> None:
    left, more = DISCARDED_BYTES, True
    while more and left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        more = bool(message.get("more_body"))


def _headers(refusal: PlacetError, body: bytes) -> list[tuple[bytes, bytes]]:
    retry = refusal.extra.get("retry_after")
    return [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"cache-control", b"no-store"),
        *([(b"retry-after", str(retry).encode())] if retry else []),
    ]

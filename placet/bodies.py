"""How much a request may carry, decided before anything is kept: works in front of either handler.

A body is kept in memory up to FILE_UPLOAD_MAX_MEMORY_SIZE and on disk beyond that; both have a budget for the whole process.
"""

import asyncio
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from placet.lib import accents
from placet.lib.asgi import App, Message, Receive, Scope, Send
from placet.lib.errors import Busy, PlacetError, TooBig

#: A key of the scope: how long this request's body may be, where somebody in front has said so.
LIMIT = "placet.longest_body"
#: What all requests of this process may keep of their bodies at one time.
BUDGET = 64 * 1024 * 1024
#: The same of the disk: only uploads are so long.
DISK_BUDGET = 4 * 1024 * 1024 * 1024
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
        limit = scope.get(LIMIT) or settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        declared = declared_length(scope) or 0
        if declared > limit:
            await refuse(scope, TooBig(limit, declared), receive, send)
            return
        body = _Body(receive, limit)
        try:
            await self.app(scope, body.receive, send)
        except (TooBig, Busy) as refusal:
            await refuse(scope, refusal, receive, send)
        finally:
            body.forget()


class _Purse:
    """What all bodies together have taken of a budget."""

    def __init__(self) -> None:
        self.taken = 0

    def take(self, more: int, budget: int) -> None:
        if more > 0 and self.taken + more > budget:
            raise Busy("Too many large bodies are on their way.", retry_after=RETRY_AFTER_SECONDS)
        self.taken += more


class _Body:
    """Counts what comes, for its own limit and against the budgets of the process."""

    memory, disk = _Purse(), _Purse()

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._limit, self._size = receive, limit, 0
        self._in_memory = self._on_disk = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise TooBig(self._limit)
        self._charge(max(0, self._size - FREE))
        return message

    def _charge(self, counted: int) -> None:
        in_memory = min(counted, settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
        self.memory.take(in_memory - self._in_memory, BUDGET)
        self._in_memory = in_memory
        self.disk.take(counted - in_memory - self._on_disk, DISK_BUDGET)
        self._on_disk = counted - in_memory

    def forget(self) -> None:
        self._charge(0)


def kept() -> int:
    """How many bytes of bodies this process keeps just now, small ones not counted."""
    return _Body.memory.taken


def declared_length(scope: Scope) -> int | None:
    """What the request says its body's length is; None when it says nothing that is a number."""
    with suppress(ValueError, KeyError):
        return int(dict(scope["headers"])[b"content-length"])
    return None


async def refuse(scope: Scope, refusal: PlacetError, receive: Receive, send: Send) -> None:
    """Answer before the request has come in whole, so that the client can read it."""
    answer = _said(scope, refusal)
    await send(
        {
            "type": "http.response.start",
            "status": answer.status_code,
            "headers": _headers(answer),
        }
    )
    await send({"type": "http.response.body", "body": answer.content, "more_body": True})
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


def _said(scope: Scope, refusal: PlacetError) -> HttpResponse:
    """In the words of whoever speaks at that path."""
    request = HttpRequest()
    request.path = request.path_info = scope["path"]
    return accents.refused(refusal, request)


def _headers(answer: HttpResponse) -> list[tuple[bytes, bytes]]:
    said = [(name.lower().encode(), value.encode()) for name, value in answer.items()]
    return [
        *said,
        (b"content-length", str(len(answer.content)).encode()),
        (b"connection", b"close"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"cache-control", b"no-store"),
    ]

"""WSGI behaviour inside ASGI for sync requests, and no thread at all for a request that only waits.

Django's stock handler starts a thread per request and keeps it while the request is parked. Here a sync request runs whole,
middleware and view, in one of a few lasting threads; an async one runs on the loop and visits the pool for its queries.
"""

import asyncio
import io
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context, copy_context
from typing import IO, Any

from django.conf import settings
from django.core import signals
from django.core.exceptions import ImproperlyConfigured, RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.urls import set_script_prefix, set_urlconf
from django.utils.log import log_response
from django.utils.module_loading import import_string

from placet import pool
from placet.bodies import refuse
from placet.departures import until_gone
from placet.lib.asgi import Message, Receive, Scope, Send
from placet.lib.errors import TooBig
from placet.middleware import Guard
from placet.spool import spooled
from placet.streams import closing, headers_of, parts_of

#: A wait has no use for a body. Some clients send an empty JSON object all the same.
LONGEST_WAIT_BODY = 4 * 1024
# Django's handlers set private marks on a response (`_handler_class`, `_resource_closers`) that its stubs do not know.
Response = Any


class PooledHandler(ASGIHandler):
    """A sync request runs whole, middleware and view, in one of a few lasting threads."""

    def __init__(self) -> None:
        # Not ASGIHandler's own: it would load the middleware for async and hop threads at every layer.
        self.load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"PooledHandler speaks HTTP only, not {scope['type']}.")
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        context = copy_context()
        response = await self._respond_in_thread(context, _with_length(scope, body), body)
        if response.streaming:
            async with closing(response, context), until_gone(receive):
                await self._stream(response, context, scope, send)
        else:
            await self.send_response(response, send)

    async def read_body(self, receive: Receive) -> IO[bytes]:
        """A body that came in one piece stays a plain buffer; a longer one is spooled to disk as it grows."""
        first = await receive()
        if first["type"] == "http.request" and not first.get("more_body"):
            return io.BytesIO(first.get("body", b""))
        return await spooled(_again(first, receive))

    async def _respond_in_thread(self, context: Context, scope: Scope, body: IO[bytes]) -> Response:
        running = pool.threads().submit(context.run, self.respond, scope, body)
        try:
            return await asyncio.wrap_future(running)
        except asyncio.CancelledError:
            # The thread cannot be stopped; what it answers is nobody's, so it must at least let go of its files.
            running.add_done_callback(_close_unsent)
            raise

    def respond(self, scope: Scope, body: IO[bytes]) -> Response:
        """One request from signal to signal on one thread: the signals recycle its database connection."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refused = self.create_request(scope, body)
        response: Response = refused if request is None else self.get_response(request)
        # An upload need not stay on the disk until its request is collected.
        body.close()
        response._handler_class = self.__class__
        if not response.streaming:
            response.close()
        return response

    async def _stream(self, response: Response, context: Context, scope: Scope, send: Send) -> None:
        start = {"status": response.status_code, "headers": headers_of(response)}
        await send({"type": "http.response.start", **start})
        if scope["method"] != "HEAD":
            parts = parts_of(response, context)
            try:
                async for part in parts:
                    for chunk, _ in self.chunk_bytes(part):
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
            finally:
                await parts.aclose()
        await send({"type": "http.response.body"})


class AsyncHandler(ASGIHandler):
    """For async views that park: no thread, no second task, the guards it is given before and after it."""

    def __init__(self, guards: Sequence[str]) -> None:
        self._guards = [_guard(path) for path in guards]
        super().__init__()

    def load_middleware(self, is_async: bool = True) -> None:
        none: dict[str, list[Any]] = {
            f"_{kind}_middleware": [] for kind in ("view", "template_response", "exception")
        }
        vars(self).update(none)
        self._refusal: Any = convert_exception_to_response(self._first_refusal)
        self._view: Any = convert_exception_to_response(getattr(self, "_get_response_async"))  # noqa: B009 - unknown to the stubs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"AsyncHandler speaks HTTP only, not {scope['type']}.")
        try:
            if not await _body_skipped(receive):
                return
        except TooBig as refusal:
            await refuse(scope, refusal, receive, send)
            return
        set_script_prefix(get_script_prefix(scope))
        # Sent and not `asend`ed: that would hop to a thread for the sync receivers, and none of them blocks.
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refused = self.create_request(scope, io.BytesIO())
        response: Response = refused
        try:
            async with until_gone(receive):
                response = await self.get_response_async(request) if request else refused
                response._handler_class = self.__class__
                await self.send_response(response, send)
        finally:
            if response is None:
                signals.request_finished.send(sender=self.__class__)
            else:
                response.close()

    async def get_response_async(self, request: HttpRequest) -> Response:
        """As Django's, without the thread it takes to write one log line."""
        set_urlconf(settings.ROOT_URLCONF)
        response = await self._refusal(request) or await self._view(request)
        for guard in reversed(self._guards):
            response = guard.after(request, response)
        response._resource_closers.append(request.close)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        if response.status_code >= 400:
            said = (response.reason_phrase, request.path)
            log_response("%s: %s", *said, response=response, request=request)
        return response

    async def _first_refusal(self, request: HttpRequest) -> Response:
        for guard in self._guards:
            if refusal := await guard.before_wait(request):
                return refusal
        return None


def _guard(path: str) -> Guard:
    found = import_string(path)
    if not (isinstance(found, type) and issubclass(found, Guard)):
        raise ImproperlyConfigured(
            f"{path} must be a Guard to stand before views that park: anything else would be kept with each parked wait."
        )
    return found(_no_next)


def _no_next(request: HttpRequest) -> Response:
    raise AssertionError("The handler calls a guard's halves.")


async def _body_skipped(receive: Receive) -> bool:
    """Read past a body nobody asked for without keeping it; False when the client left."""
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        size += len(message.get("body", b""))
        if size > LONGEST_WAIT_BODY:
            raise TooBig(LONGEST_WAIT_BODY)
        if not message.get("more_body"):
            return True


def _with_length(scope: Scope, body: IO[bytes]) -> Scope:
    """A body that came in chunks did not say its length, and Django reads a form without one as empty."""
    if any(name == b"content-length" for name, _ in scope["headers"]):
        return scope
    length = body.seek(0, io.SEEK_END)
    body.seek(0)
    known = (b"content-length", str(length).encode())
    return {**scope, "headers": [*scope["headers"], known]} if length else scope


def _again(first: Message, receive: Receive) -> Receive:
    """`receive` with one message put back in front."""
    put_back = [first]

    async def receive_again() -> Message:
        return put_back.pop() if put_back else await receive()

    return receive_again


def _close_unsent(running: "Future[Response]") -> None:
    with suppress(Exception):
        if not running.cancelled():
            running.result().close()

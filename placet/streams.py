"""Answers that come in parts, from sync code to an async connection."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Any

from django.http import FileResponse

from placet import pool

BLOCK = 2**16
SLOWEST_READER_SECONDS = 60
_END = object()


def parts_of(response: Any, context: Context) -> AsyncGenerator[bytes, None]:
    """The parts of a streaming response, each produced where it may block without blocking the loop."""
    if response.is_async:
        return _own_parts(response)
    if isinstance(response, FileResponse):
        response.block_size = BLOCK
        return _file_parts(response)
    return _pinned_parts(response, context)


@asynccontextmanager
async def closing(response: Any, context: Context) -> AsyncIterator[None]:
    try:
        yield
    finally:
        # Shielded: a cancelled request still closes its file and sends `request_finished`.
        closed = pool.threads().submit(context.run, response.close)
        await asyncio.shield(asyncio.wrap_future(closed))


def headers_of(response: Any) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    cookies = [cookie.output(header="").strip() for cookie in response.cookies.values()]
    return headers + [(b"Set-Cookie", cookie.encode("ascii")) for cookie in cookies]


async def _own_parts(response: Any) -> AsyncGenerator[bytes, None]:
    async for part in response:
        yield part


async def _file_parts(response: Any) -> AsyncGenerator[bytes, None]:
    """A file needs no thread of its own between two reads, so slow downloads cannot use up the pool."""
    loop, parts = asyncio.get_running_loop(), iter(response)
    part: Any
    while (part := await loop.run_in_executor(pool.threads(), next, parts, _END)) is not _END:
        yield part


async def _pinned_parts(response: Any, context: Context) -> AsyncGenerator[bytes, None]:
    """Any other sync stream stays on one thread to its end: it may hold a cursor, and connections belong to threads."""
    stream = _Pinned(response, asyncio.get_running_loop())
    running = stream.loop.run_in_executor(
        pool.streams(), lambda: context.run(pool.tidily, stream.push)
    )
    running.add_done_callback(stream.ended)
    try:
        while (part := await stream.next(running)) is not _END:
            yield part
        await running
    finally:
        stream.stop()
        # The response may be closed, and its context entered again, only once its thread has let go of both.
        await asyncio.wait([running])


class _Pinned:
    """One part at a time from the stream's thread to the loop: a slow reader holds the stream back."""

    def __init__(self, response: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.loop, self._response = loop, response
        self._queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
        self._stopped = False

    def push(self) -> None:
        for part in self._response:
            if self._stopped:
                return
            taken = asyncio.run_coroutine_threadsafe(self._queue.put(part), self.loop)
            taken.result(SLOWEST_READER_SECONDS)

    async def next(self, running: "asyncio.Future[None]") -> Any:
        return _END if running.done() and self._queue.empty() else await self._queue.get()

    def ended(self, running: "asyncio.Future[None]") -> None:
        if self._queue.empty():
            self._queue.put_nowait(_END)

    def stop(self) -> None:
        self._stopped = True
        while not self._queue.empty():
            self._queue.get_nowait()

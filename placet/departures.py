"""Noticing that a client has left, while something else is being awaited."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from placet.lib.asgi import Receive


@asynccontextmanager
async def until_gone(receive: Receive) -> AsyncIterator[None]:
    """Cancel the block when the client leaves, and end it quietly then; cancellations by others pass through."""
    me = asyncio.current_task()
    if me is None:
        raise RuntimeError("A request runs in a task.")
    gone, departure = asyncio.ensure_future(receive()), _Departure(me)
    gone.add_done_callback(departure)
    try:
        yield
    except asyncio.CancelledError:
        if not departure.happened or me.uncancel() > 0:
            raise
    finally:
        gone.remove_done_callback(departure)
        gone.cancel()


class _Departure:
    __slots__ = ("happened", "task")

    def __init__(self, task: "asyncio.Task[Any]") -> None:
        self.task, self.happened = task, False

    def __call__(self, gone: "asyncio.Future[Any]") -> None:
        if not gone.cancelled() and gone.exception() is None:
            self.happened = True
            self.task.cancel()

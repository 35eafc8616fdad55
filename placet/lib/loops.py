"""What there is once for each event loop, and the tasks that belong to the loop and not to a request."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)
RETRY_SECONDS = 1.0


class PerLoop(Generic[T]):
    """One `T` for each loop that asked, until that loop is closed."""

    def __init__(self, make: Callable[[asyncio.AbstractEventLoop], T]) -> None:
        self._make, self._made = make, dict[asyncio.AbstractEventLoop, T]()
        self._lock = threading.Lock()

    def here(self) -> T:
        """The running loop's."""
        loop = asyncio.get_running_loop()
        found = self._made.get(loop)
        return self._made_for(loop) if found is None else found

    def all(self) -> list[T]:
        """Every loop's; may be asked on any thread."""
        return list(self._made.values())

    def _made_for(self, loop: asyncio.AbstractEventLoop) -> T:
        with self._lock:
            for old in [old for old in self._made if old.is_closed()]:
                del self._made[old]
            made = self._made[loop] = self._make(loop)
            return made


def start(loop: asyncio.AbstractEventLoop, task: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """Run what outlives the request it is begun in. In that request's context asgiref would keep looking for its thread."""
    return loop.create_task(task, context=Context())


class Errand:
    """A task that is there only while there is something to do: `run` ends when nothing is left, and who brings more begins it."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, run: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        self._loop, self._run = loop, run
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self._task is None or self._task.done():
            self._task = start(self._loop, self._until_done())

    async def _until_done(self) -> None:
        while True:
            try:
                return await self._run()
            except Exception:
                log.exception("errand.failed", extra={"errand": self._run.__qualname__})
                await asyncio.sleep(RETRY_SECONDS)

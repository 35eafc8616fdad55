"""What there is once for each event loop, and the tasks that belong to the loop and not to a request."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Generic, TypeVar

T = TypeVar("T")


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

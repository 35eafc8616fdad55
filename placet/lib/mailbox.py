"""From any thread to one event loop: a burst of items costs the loop one wake-up."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Hands items to `opened` on the loop's thread, in order, as soon as the loop turns."""

    def __init__(self, loop: asyncio.AbstractEventLoop, opened: Callable[[list[T]], None]) -> None:
        self._loop, self._opened = loop, opened
        self._items: deque[T] = deque()
        self._rung = False

    def put(self, item: T) -> None:
        self._items.append(item)
        if not self._rung:
            self._rung = True
            # A closed loop has nobody left to tell.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._open)

    def _open(self) -> None:
        # The bell is reset before the box is emptied: an item that comes in between rings once too often, never too seldom.
        self._rung = False
        items = []
        while self._items:
            items.append(self._items.popleft())
        if items:
            self._opened(items)

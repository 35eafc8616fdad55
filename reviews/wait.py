"""How a waiter is parked and woken.

Order is everything: take a place, THEN read the row, then sleep. A change committed before the read is seen by it; one
committed after finds the place. What still gets lost (a dropped message from another process) a slow sweep over all parked
ids makes good.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self
from uuid import UUID

from django.conf import settings

from agents.selectors import live_keys
from placet.events.models import Recorded
from placet.events.selectors import latest_id
from placet.lib import loops
from placet.lib.errors import TooManyRequests
from placet.lib.ids import parse_id
from placet.lib.mailbox import Mailbox
from placet.pool import on_pool
from reviews.selectors import settled_among

log = logging.getLogger(__name__)
SWEEP_SECONDS = 5.0
# On PostgreSQL an event may become visible after one with a higher number: not every quiet sweep is skipped.
MOST_SKIPPED = 2
RETRY_AFTER_SECONDS = 5
_SETTLING = {"review:responded", "review:expired", "review:cancelled", "message:deleted"}
_REVOKING = {"key:revoked", "key:rotated"}
# Many reviews or keys may have ended with one of these; which, only the database knows.
_SWEEPING = {"agent:deleted", "user:updated"}


def hear(recorded: Recorded) -> None:
    """A bus subscriber, called on any thread."""
    if recorded.type in _SETTLING:
        name = parse_id(recorded.data.get("messageId"))
    elif recorded.type in _REVOKING:
        name = parse_id(recorded.data.get("keyId"))
    elif recorded.type in _SWEEPING:
        for hub in _hubs.all():
            hub.sweep_soon()
        return
    else:
        return
    for hub in _hubs.all():
        if name is not None and hub.knows(name):
            hub.mailbox.put(name)


def park(review_id: UUID, key_id: UUID) -> "Place":
    """A place to wait in, to be used as a context manager; refused with 429 when the process or the key has too many."""
    return Place(_hubs.here(), review_id, key_id)


def parked() -> int:
    """How many wait in this process."""
    return sum(hub.count for hub in _hubs.all())


def send_all_home() -> None:
    """The server is leaving: whoever waits is answered `timeout` now, and nobody parks any more."""
    for hub in _hubs.all():
        hub.leave()


class Place:
    """One waiter's place, filed under its review and its key."""

    __slots__ = ("_future", "_hub", "key_id", "review_id")

    def __init__(self, hub: "WaitHub", review_id: UUID, key_id: UUID) -> None:
        self._hub, self.review_id, self.key_id = hub, review_id, key_id
        self._future = hub.loop.create_future()

    def __enter__(self) -> Self:
        self._hub.admit(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._hub.release(self)

    @property
    def closing(self) -> bool:
        return self._hub.closing

    @property
    def turn(self) -> asyncio.Semaphore:
        """Held while looking: a herd that wakes at once must leave threads to everybody else."""
        return self._hub.turn

    def reset(self) -> None:
        """From here on a wake-up counts: call before reading the row."""
        if self._future.done():
            self._future = self._hub.loop.create_future()

    def wake(self) -> None:
        if not self._future.done():
            self._future.set_result(None)

    async def woken(self, until: float) -> None:
        """Sleep until woken, or until `until` on the loop's clock."""
        timer = self._hub.loop.call_at(until, self.wake)
        try:
            await self._future
        finally:
            timer.cancel()


class WaitHub:
    """All waiters of one event loop. Touched only on that loop, except for a look whether a name is filed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.mailbox: Mailbox[UUID] = Mailbox(loop, self.wake)
        self._by_review: defaultdict[UUID, set[Place]] = defaultdict(set)
        self._by_key: defaultdict[UUID, set[Place]] = defaultdict(set)
        self.turn = asyncio.Semaphore(max(1, settings.PLACET_THREADS // 2))
        self.count = 0
        self.closing = False
        self._sweeper: asyncio.Task[None] | None = None
        self._due = asyncio.Event()
        self._newest = self._skipped = 0

    def sweep_soon(self) -> None:
        """Called on any thread. A closed loop has nobody left to wake."""
        if self.count:
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._due.set)

    def knows(self, name: UUID) -> bool:
        return name in self._by_review or name in self._by_key

    def admit(self, place: Place) -> None:
        full = self.count >= settings.PLACET_WAITERS_MAX
        if full or len(self._by_key.get(place.key_id, ())) >= settings.PLACET_WAITERS_MAX_PER_KEY:
            whose = "on this server" if full else "with this key"
            raise TooManyRequests(
                f"Too many waits are open {whose}.", retry_after=RETRY_AFTER_SECONDS
            )
        self._by_review[place.review_id].add(place)
        self._by_key[place.key_id].add(place)
        self.count += 1
        if self._sweeper is None:
            self._sweeper = loops.start(self.loop, self._sweep())

    def release(self, place: Place) -> None:
        self.count -= 1
        for places, name in ((self._by_review, place.review_id), (self._by_key, place.key_id)):
            places[name].discard(place)
            if not places[name]:
                del places[name]
        if not self.count and self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def wake(self, names: Iterable[UUID]) -> None:
        for name in names:
            for place in (*self._by_review.get(name, ()), *self._by_key.get(name, ())):
                place.wake()

    def leave(self) -> None:
        self.closing = True
        self.wake(self._by_review)

    async def _sweep(self) -> None:
        while True:
            # Not `wait_for`: up to Python 3.11 it swallows a cancellation that comes with the event, and `release` would
            # leave a sweeper that never ends.
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self._due.wait()
            self._due.clear()
            try:
                self.wake(await on_pool(self._gone, list(self._by_review), set(self._by_key)))
            except Exception:
                log.exception("wait.sweep_failed")

    def _gone(self, review_ids: list[UUID], key_ids: set[UUID]) -> set[UUID]:
        """Whose wait is over. Reviews end with an event, so most sweeps of a quiet night need not ask for ten thousand."""
        newest = latest_id()
        if newest == self._newest and self._skipped < MOST_SKIPPED:
            self._skipped += 1
            settled: set[UUID] = set()
        else:
            self._newest, self._skipped = newest, 0
            settled = settled_among(review_ids)
        return settled | (key_ids - live_keys(key_ids))


_hubs = loops.PerLoop(WaitHub)

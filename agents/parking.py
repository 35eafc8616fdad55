"""Where requests of agents wait that have nothing to say yet: parked without a thread or a connection, and woken.

Order is everything: take a place, THEN look, then sleep. A change committed before the look is seen by it; one
committed after finds the place. What still gets lost (a dropped message from another process) a slow sweep over all parked
names makes good.
"""

import asyncio
import logging
import math
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

from django.conf import settings

from agents.selectors import live_keys
from placet.events.models import Recorded
from placet.lib import loops
from placet.lib.errors import TooManyRequests
from placet.lib.ids import parse_id
from placet.lib.mailbox import Mailbox
from placet.pool import on_pool

log = logging.getLogger(__name__)
SWEEP_SECONDS = 5.0
# A wake-up that brought nothing may have come from a key whose end this process had not yet heard of: look again soon.
DOUBT_SECONDS = 1.0
RETRY_AFTER_SECONDS = 5
_REVOKING = {"key:revoked", "key:rotated"}
# Many waits may have ended with one of these; which, only the database knows.
_SWEEPING = {"agent:deleted", "user:updated"}


def hear(recorded: Recorded) -> None:
    """A bus subscriber, called on any thread."""
    if recorded.type in _REVOKING:
        call(parse_id(recorded.data.get("keyId")))
    elif recorded.type in _SWEEPING:
        for lot in _lots.all():
            lot.sweep_soon()


def call(name: UUID | None) -> None:
    """There is news for whoever waits under this name. Called on any thread."""
    for lot in _lots.all():
        if name is not None and lot.knows(name):
            lot.mailbox.put(name)


def park(register: type["Register"], name: UUID, key_id: UUID) -> "Place":
    """A place to wait in, to be used as a context manager; refused with 429 when the process or the key has too many."""
    return Place(_lots.here(), register, name, key_id)


def registers(kind: type["R"]) -> list["R"]:
    """Of each loop where somebody waits, or did. Asked on any thread."""
    return [found for lot in _lots.all() if (found := lot.found(kind)) is not None]


def register_here(kind: type["R"]) -> "R":
    return _lots.here().register(kind)


def parked() -> int:
    """How many wait in this process."""
    return sum(lot.count for lot in _lots.all())


def send_all_home() -> None:
    """The server is leaving: whoever waits is answered now with what there is, and nobody parks any more."""
    for lot in _lots.all():
        lot.leave()


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found: what can be answered, whether that was waited for, and for how long it is true at the most."""

    answer: bytes
    found: bool
    good_for: float = math.inf


class Register(ABC):
    """Everybody on one loop who waits for one kind of thing, by its name."""

    def __init__(self, lot: "Lot") -> None:
        self.lot = lot
        self.places: defaultdict[UUID, set[Place]] = defaultdict(set)

    @abstractmethod
    def missed(self, names: list[UUID]) -> set[UUID]:
        """Those of the names for which something may have happened unheard. Asked by the sweep, on a pool thread."""


class Keys(Register):
    """Every wait ends with its key."""

    def missed(self, names: list[UUID]) -> set[UUID]:
        return set(names) - live_keys(names)


R = TypeVar("R", bound=Register)


class Place:
    """One waiter's place, filed under what it waits for and under its key."""

    __slots__ = ("_future", "_lot", "key_id", "name", "register")

    def __init__(self, lot: "Lot", register: type[Register], name: UUID, key_id: UUID) -> None:
        self._lot, self.register, self.name, self.key_id = lot, register, name, key_id
        self._future = lot.loop.create_future()

    def __enter__(self) -> Self:
        self._lot.admit(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._lot.release(self)

    async def wait(
        self,
        until: float,
        first: Callable[[], Awaitable[Look]],
        then: Callable[[], Awaitable[Look]],
    ) -> bytes:
        """Look, sleep until woken, look again: until something is found, the server leaves, or `until` on the loop's clock."""
        look, doubtful = first, False
        while True:
            # From here on a wake-up counts.
            self._reset()
            # A herd that wakes at once must leave threads to everybody else.
            async with self._lot.turn:
                seen = await look()
            if seen.found or self._lot.closing or self._lot.loop.time() >= until:
                return seen.answer
            nap = min(DOUBT_SECONDS, seen.good_for) if doubtful else seen.good_for
            await self._woken(min(until, self._lot.loop.time() + nap))
            look, doubtful = then, not doubtful

    def wake(self) -> None:
        if not self._future.done():
            self._future.set_result(None)

    def _reset(self) -> None:
        if self._future.done():
            self._future = self._lot.loop.create_future()

    async def _woken(self, until: float) -> None:
        timer = self._lot.loop.call_at(until, self.wake)
        try:
            await self._future
        finally:
            timer.cancel()


class Lot:
    """All places of one event loop. Touched only on that loop, except for a look whether a name is filed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.mailbox: Mailbox[UUID] = Mailbox(loop, self.wake)
        self.turn = asyncio.Semaphore(max(1, settings.PLACET_THREADS // 2))
        self.count = 0
        self.closing = False
        self._registers: dict[type[Register], Register] = {}
        self._keys = self.register(Keys)
        self._sweeper: asyncio.Task[None] | None = None
        self._due = asyncio.Event()

    def register(self, kind: type[R]) -> R:
        if (found := self.found(kind)) is None:
            found = kind(self)
            # Another dictionary: threads look through the one that is there.
            self._registers = {**self._registers, kind: found}
        return found

    def found(self, kind: type[R]) -> R | None:
        found = self._registers.get(kind)
        return found if isinstance(found, kind) else None

    def sweep_soon(self) -> None:
        """Called on any thread. A closed loop has nobody left to wake."""
        if self.count:
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._due.set)

    def knows(self, name: UUID) -> bool:
        return any(name in register.places for register in self._registers.values())

    def admit(self, place: Place) -> None:
        full = self.count >= settings.PLACET_WAITERS_MAX
        of_key = len(self._keys.places.get(place.key_id, ()))
        if full or of_key >= settings.PLACET_WAITERS_MAX_PER_KEY:
            whose = "on this server" if full else "with this key"
            raise TooManyRequests(
                f"Too many waits are open {whose}.", retry_after=RETRY_AFTER_SECONDS
            )
        for register, name in self._files(place):
            register.places[name].add(place)
        self.count += 1
        if self._sweeper is None:
            self._sweeper = loops.start(self.loop, self._sweep())

    def release(self, place: Place) -> None:
        self.count -= 1
        for register, name in self._files(place):
            register.places[name].discard(place)
            if not register.places[name]:
                del register.places[name]
        if not self.count and self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def wake(self, names: Iterable[UUID]) -> None:
        for name in names:
            for register in self._registers.values():
                for place in register.places.get(name, ()):
                    place.wake()

    def leave(self) -> None:
        self.closing = True
        self.wake(self._keys.places)

    def _files(self, place: Place) -> tuple[tuple[Register, UUID], ...]:
        return (self.register(place.register), place.name), (self._keys, place.key_id)

    async def _sweep(self) -> None:
        while True:
            # Not `wait_for`: up to Python 3.11 it swallows a cancellation that comes with the event, and `release` would
            # leave a sweeper that never ends.
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self._due.wait()
            self._due.clear()
            names = [(register, list(register.places)) for register in self._registers.values()]
            try:
                self.wake(await on_pool(_missed, names))
            except Exception:
                log.exception("parking.sweep_failed")


def _missed(parked: list[tuple[Register, list[UUID]]]) -> set[UUID]:
    found: set[UUID] = set()
    for register, names in parked:
        if names:
            found |= register.missed(names)
    return found


_lots = loops.PerLoop(Lot)

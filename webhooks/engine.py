"""Sends what is due, hundreds at a time over one loop, until nothing is.

A target's slot is taken before a common one: whoever answers slowly, or never, uses up its own. The loop itself never
asks the database: one thread beside it takes, packs and settles, always a batch at a time.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TypeVar

from django.db import DatabaseError, connections

from placet.lib.clock import now
from placet.lib.outbound import Outbound, Refused, Unreachable
from placet.pool import tidily
from webhooks.outcomes import Outcome
from webhooks.parcels import Parcel
from webhooks.services import sending

T = TypeVar("T")
log = logging.getLogger(__name__)
SLOTS, SLOTS_EACH = 500, 32
#: At most so many are taken for one target at a time, and only while at most as many are under way: together its slots.
TAKEN_EACH = SLOTS_EACH // 2
#: Few enough that the first of them are on their way while the next are packed.
AT_ONCE = 100
#: What ends in the same moment is settled in one transaction.
GATHER_SECONDS = 0.01
#: How long a worker that leaves waits for what it has begun; what then is not back is given back.
PARTING_SECONDS = 3.0
RETRY_SECONDS, LOOK_SECONDS = 1.0, 1.0


class Engine:
    """One per process; any thread may call it."""

    def __init__(self) -> None:
        self._busy, self._asked = threading.Lock(), threading.Event()
        self._stopping = threading.Event()
        self._run: Run | None = None

    def drain(self) -> None:
        """Send until nothing is due. A second caller only lets the first one look again, and returns."""
        self._asked.set()
        self._wake()
        while self._asked.is_set() and self._busy.acquire(blocking=False):
            try:
                with asyncio.Runner(loop_factory=_new_loop) as runner:
                    runner.run(self._drain())
            finally:
                self._busy.release()

    def stop(self) -> None:
        """Take nothing more; what does not come back in a moment is given back. Returns at once."""
        self._stopping.set()
        self._wake()

    async def _drain(self) -> None:
        self._asked.clear()
        async with Outbound() as outbound:
            self._run = Run(outbound, self._asked, self._stopping)
            try:
                await self._run.until_nothing_is_due()
            finally:
                self._run = None

    def _wake(self) -> None:
        if run := self._run:
            # It may just have ended, and its loop with it.
            with suppress(RuntimeError):
                run.loop.call_soon_threadsafe(run.news.set)


class Run:
    """From the first due delivery to the last, on one loop."""

    def __init__(
        self, outbound: Outbound, asked: threading.Event, stopping: threading.Event
    ) -> None:
        self.loop, self.news = asyncio.get_running_loop(), asyncio.Event()
        self._outbound, self._asked, self._stopping = outbound, asked, stopping
        self._under_way: dict[asyncio.Task[Outcome], Parcel] = {}
        self._ended: list[Outcome] = []
        self._database = ThreadPoolExecutor(1, thread_name_prefix="placet-deliver")

    async def until_nothing_is_due(self) -> None:
        try:
            while not self._stopping.is_set():
                self.news.clear()
                self._asked.clear()
                taken = await self._take()
                if not (taken or self._under_way or self._ended or self._asked.is_set()):
                    return
                # A full look says that there is more: what has been taken leaves while the next is packed.
                if taken < AT_ONCE:
                    await self._something_happens()
                await self._settle()
            await self._part()
        finally:
            await self._on_database(connections.close_all)
            self._database.shutdown(wait=False)

    async def _take(self) -> int:
        if (room := SLOTS - len(self._under_way)) <= 0:
            return 0
        crowds = Counter(parcel.target for parcel in self._under_way.values())
        full = [target for target, crowd in crowds.items() if crowd > TAKEN_EACH]
        try:
            parcels = await self._on_database(
                partial(sending.take, most=min(room, AT_ONCE), most_each=TAKEN_EACH, full=full)
            )
        except DatabaseError:
            # Without more for a while: those who are under way come back all the same, and are to be written down.
            log.exception("webhook.take_failed", extra={"under_way": len(self._under_way)})
            await asyncio.sleep(RETRY_SECONDS)
            return 0
        for parcel in parcels:
            task = asyncio.create_task(try_once(self._outbound, parcel))
            self._under_way[task] = parcel
            task.add_done_callback(self._came_back)
        return len(parcels)

    async def _something_happens(self) -> None:
        """Something ends or somebody calls; or a while has passed, and something else may have become due."""
        if not self._ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), LOOK_SECONDS)
        await asyncio.sleep(GATHER_SECONDS)

    def _came_back(self, task: "asyncio.Task[Outcome]") -> None:
        self._under_way.pop(task, None)
        if not task.cancelled():
            self._ended.append(task.result())
        self.news.set()

    async def _settle(self) -> None:
        ended, self._ended = self._ended, []
        if not ended:
            return
        try:
            await self._on_database(partial(sending.settle, ended))
        except DatabaseError:
            # Sent is sent: what became of it is kept until it can be written.
            log.exception("webhook.settle_failed", extra={"outcomes": len(ended)})
            self._ended += ended
            await asyncio.sleep(RETRY_SECONDS)

    async def _part(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=PARTING_SECONDS)
        left = dict(self._under_way)
        for task in left:
            task.cancel()
        await self._settle()
        await self._on_database(
            partial(sending.give_back, [parcel.delivery_id for parcel in left.values()])
        )

    async def _on_database(self, work: Callable[[], T]) -> T:
        return await self.loop.run_in_executor(self._database, partial(tidily, work))


async def try_once(outbound: Outbound, parcel: Parcel) -> Outcome:
    """One request, whatever becomes of it."""
    at, begun = now(), time.monotonic()
    tried = partial(
        Outcome,
        delivery_id=parcel.delivery_id,
        target=parcel.target,
        message_id=parcel.message_id,
        at=at,
    )
    try:
        body, headers = parcel.sealed(at)
        answer = await outbound.send(parcel.method, parcel.url, headers=headers, body=body)
    except (Refused, Unreachable) as fault:
        return tried(error=str(fault), milliseconds=_since(begun))
    except Exception:
        log.exception("webhook.attempt_failed", extra={"delivery": str(parcel.delivery_id)})
        return tried(error="Placet could not send it.", milliseconds=_since(begun))
    return tried(
        code=answer.status,
        answer=answer.body,
        milliseconds=_since(begun),
        retry_after=retry_after(answer.headers.get("Retry-After"), at),
    )


def retry_after(value: str | None, at: datetime) -> int | None:
    """Whole seconds, given as such or as a date; None for neither."""
    if not value:
        return None
    # Not `isdigit`: to that a "²" is one too, and no number to anybody.
    if value.strip().isdecimal():
        return int(value.strip()[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    wanted = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, round((wanted - at).total_seconds()))


def _new_loop() -> asyncio.AbstractEventLoop:
    """The web server's kind of loop where there is one: it carries half as many requests again."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


engine = Engine()

"""The leg behind the others: read the event table for what other processes committed, and for what got lost on the way."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from django.db import connections

from placet.events.models import EventRow, Recorded
from placet.events.selectors import events_since, latest_id

log = logging.getLogger(__name__)
PAGE = 500
RETRY_SECONDS = 1.0
POLL_SECONDS = 0.01
QUIET_MS = 500
# SQLite has one writer at a time, so ids appear in order: this only lets the second of two looks see what the first one saw.
SEEN_AGAIN = 50
# Most commits are this process's own, and their publisher is about to say so: asking again costs less than reading the rows.
GRACE_SECONDS = 0.002


class Source(Protocol):
    def wait(self) -> bool:
        """Block for a while; True when there may be news."""


class Follower(threading.Thread):
    """Hands every event after the start to `receive`, which drops what it has heard already."""

    def __init__(
        self,
        receive: Callable[[Recorded], None],
        source: Source,
        *,
        is_new: Callable[[Recorded], bool],
    ) -> None:
        super().__init__(name="placet-follow", daemon=True)
        self._receive, self._source, self._is_new = receive, source, is_new
        self._cursor: int | None = None

    def run(self) -> None:
        while True:
            try:
                self._follow()
            except Exception:
                log.exception("follow.failed")
                connections.close_all()
                time.sleep(RETRY_SECONDS)

    def _follow(self) -> None:
        if self._cursor is None:
            self._cursor = self._begin()
        while True:
            if self._source.wait():
                self._cursor = self._catch_up(self._cursor)

    def _begin(self) -> int:
        """What happened before the start is nobody's news, though the first reads will meet it again."""
        cursor = latest_id()
        for recorded in events_since(cursor):
            self._is_new(recorded)
        return cursor

    def _catch_up(self, cursor: int) -> int:
        while True:
            missed = events_since(cursor, limit=PAGE)
            for recorded in missed:
                self._receive(recorded)
            newest = max((recorded.id for recorded in missed), default=cursor)
            if newest <= cursor or len(missed) < PAGE:
                return max(newest, cursor)
            cursor = newest


class Ticks:
    """Every so many seconds, or as soon as somebody says there is a gap."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._gap = seconds, threading.Event()

    def wait(self) -> bool:
        self._gap.wait(self._seconds)
        self._gap.clear()
        return True

    def now(self) -> None:
        self._gap.set()


class SqliteCommits:
    """Notices commits of any connection to the file by `PRAGMA data_version`, asked when something wrote beside it."""

    def __init__(self, *, knows: Callable[[int], bool]) -> None:
        self._knows = knows
        self._writes = writes_in(Path(connections["default"].settings_dict["NAME"]).parent)
        self._raw: sqlite3.Connection | None = None
        self._version = 0
        # Read by the first wait, in the follower's thread: this object is made in an event loop, where the ORM refuses to work.
        self._newest: int | None = None

    def wait(self) -> bool:
        if self._newest is None:
            self._newest = latest_id()
        self._writes()
        raw = self._raw = self._raw or sqlite3.connect(
            connections["default"].settings_dict["NAME"], isolation_level=None
        )
        version = int(raw.execute("PRAGMA data_version").fetchone()[0])
        if version == self._version:
            return False
        self._version = version
        if not self._any_unheard(raw):
            return False
        time.sleep(GRACE_SECONDS)
        return self._any_unheard(raw)

    def _any_unheard(self, raw: sqlite3.Connection) -> bool:
        sql = f"SELECT id FROM {EventRow._meta.db_table} WHERE id > ? ORDER BY id"  # noqa: S608 - our own table's name
        newest = self._newest or 0
        ids = [int(row[0]) for row in raw.execute(sql, [newest - SEEN_AGAIN])]
        self._newest = max(ids, default=newest)
        return not all(self._knows(event_id) for event_id in ids)


def writes_in(folder: Path) -> Callable[[], None]:
    """A function that blocks until something wrote in `folder`, or a while has passed.

    A hundred wake-ups a second cost half a per cent of a core before they look at anything, so the kernel is asked to
    knock. Where it cannot (another system, a share it does not see), the function is a plain poll.
    """
    try:
        from inotify_simple import INotify, flags

        watch = INotify()
        watch.add_watch(folder, flags.MODIFY)
    except (ImportError, OSError, AttributeError):
        return lambda: time.sleep(POLL_SECONDS)
    return partial(_knock, watch)


def _knock(watch: Any) -> None:
    if watch.read(timeout=QUIET_MS):
        # Under load every commit knocks: what comes in the next moment is one look.
        time.sleep(GRACE_SECONDS)
        watch.read(timeout=0)

"""What heartbeats add up to. Pure arithmetic on transitions: spans of one status each, and how much of a time was good."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple, Protocol
from uuid import UUID

UP = frozenset({"active", "busy"})
#: Before the first heartbeat nobody knows: neither up nor down.
UNKNOWN = "unknown"


class Change(Protocol):
    @property
    def status(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


class Transition(NamedTuple):
    """A change as it comes from the history: there may be thousands."""

    agent_id: UUID
    status: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Span:
    status: str
    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One bar of the picture: how long each status held within it."""

    start: datetime
    end: datetime
    held: dict[str, timedelta]

    def share(self, *statuses: str) -> float:
        """0 to 1: how much of the slot's known time these held; nothing known is 0."""
        known = sum((time for status, time in self.held.items() if status != UNKNOWN), timedelta())
        mine = sum((self.held.get(status, timedelta()) for status in statuses), timedelta())
        return mine / known if known else 0.0

    @property
    def is_unknown(self) -> bool:
        return not self.held.keys() - {UNKNOWN}


def spans(changes: Sequence[Change], *, start: datetime, end: datetime) -> list[Span]:
    """Tile [start, end) without gap or overlap. `changes` are oldest first; one from before `start` says how it began."""
    moments = [(UNKNOWN, start)]
    for change in changes:
        if change.created_at >= end:
            break
        at = max(change.created_at, start)
        if at == moments[-1][1]:
            moments.pop()
        if not moments or moments[-1][0] != change.status:
            moments.append((change.status, at))
    ends = [at for _, at in moments[1:]] + [end]
    return [
        Span(status=status, start=at, end=until)
        for (status, at), until in zip(moments, ends, strict=True)
        if at < until
    ]


def uptime(tiles: Iterable[Span]) -> float | None:
    """Time in active or busy ÷ time since the first heartbeat within the window; None when there was none.

    Error and offline both count as down: whoever relies on the agent gets nothing from it either way.
    """
    known = [span for span in tiles if span.status != UNKNOWN]
    total = sum((span.length for span in known), timedelta())
    up = sum((span.length for span in known if span.status in UP), timedelta())
    return up / total if total else None


def time_in(tiles: Iterable[Span], *statuses: str) -> timedelta:
    return sum((span.length for span in tiles if span.status in statuses), timedelta())


def slots(tiles: Sequence[Span], *, count: int) -> list[Slot]:
    """The window cut into `count` equal bars."""
    if not tiles:
        return []
    start, whole = tiles[0].start, tiles[-1].end - tiles[0].start
    edges = [start + whole * number / count for number in range(count + 1)]
    return list(_filled(tiles, edges))


def _filled(tiles: Sequence[Span], edges: list[datetime]) -> Iterator[Slot]:
    """Both run forward in time, so one pass serves all bars."""
    at = 0
    for left, right in pairwise(edges):
        held: dict[str, timedelta] = {}
        while True:
            span = tiles[at]
            time = min(span.end, right) - max(span.start, left)
            if time > timedelta():
                held[span.status] = held.get(span.status, timedelta()) + time
            if span.end > right or at + 1 == len(tiles):
                break
            at += 1
        yield Slot(start=left, end=right, held=held)

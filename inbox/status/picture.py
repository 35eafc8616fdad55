"""The timeline as a drawing: a bar for each slot, as full as the agent was up in it, on a red foot where it was in error.

One path draws all bars of a kind; where the pointer rests, a run of alike bars says in words what it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from agents.uptime import UNKNOWN, UP, Slot, Span, slots, time_in
from inbox.status.window import Window
from inbox.status.words import between, lasted, percent

HIGH = 20
#: The least one sees of something that went wrong, however short it was.
LEAST = 4
#: From the foot of a bar upwards; time offline is what stays empty of it.
LAYERS = (("error", frozenset({"error"})), ("up", UP))


@dataclass(frozen=True, kw_only=True)
class Shape:
    kind: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """Neighbouring bars that say the same."""

    x: int
    width: int
    title: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    width: int
    height: int
    shapes: tuple[Shape, ...]
    runs: tuple[Run, ...]
    summary: str


def draw(tiles: Sequence[Span], window: Window, up: float | None) -> Picture:
    bars = slots(tiles, count=window.bars)
    pitch = window.wide + 1
    return Picture(
        width=window.bars * pitch - 1,
        height=HIGH,
        shapes=tuple(_shapes(bars, window.wide)),
        runs=tuple(_runs(bars, pitch)),
        summary=summary(tiles, window, up),
    )


def summary(tiles: Sequence[Span], window: Window, up: float | None) -> str:
    """The picture for whoever does not see it."""
    if up is None:
        return f"No heartbeat in the last {window.label}"
    wrong = [_counted(tiles, status) for status in ("error", "offline") if time_in(tiles, status)]
    return "; ".join([f"Up {percent(up)} of the last {window.label}", *wrong])


def _counted(tiles: Sequence[Span], status: str) -> str:
    times = sum(span.status == status for span in tiles)
    return f"{status} {'once' if times == 1 else f'{times} times'}, {lasted(time_in(tiles, status))} in all"


def _shapes(bars: Sequence[Slot], wide: int) -> Iterator[Shape]:
    drawn: dict[str, list[str]] = {"empty": []}  # first, so that the others lie on it
    for number, bar in enumerate(bars):
        foot = HIGH
        if bar.share("offline"):
            drawn["empty"].append(_bar(number, wide, 0, HIGH))
        for kind, high in _heights(bar):
            foot -= high
            drawn.setdefault(kind, []).append(_bar(number, wide, foot, high))
    for kind, paths in drawn.items():
        if paths:
            yield Shape(kind=kind, path="".join(paths))


def _bar(number: int, wide: int, top: int, high: int) -> str:
    return f"M{number * (wide + 1)} {top}h{wide}v{high}h-{wide}z"


def _heights(bar: Slot) -> list[tuple[str, int]]:
    """How much of HIGH each layer takes. "empty" is the bar itself, behind them."""
    if bar.is_unknown:
        return [(UNKNOWN, 2)]
    heights, left = [], HIGH
    for kind, statuses in LAYERS:
        if share := bar.share(*statuses):
            # The last layer takes what rounding left, where nothing was offline.
            full = kind == "up" and not bar.share("offline")
            heights.append((kind, left if full else min(left, max(LEAST, int(share * HIGH)))))
            left -= heights[-1][1]
    return heights


def _runs(bars: Sequence[Slot], pitch: int) -> Iterator[Run]:
    at = 0
    for _, group in groupby(bars, key=lambda bar: frozenset(bar.held)):
        run = list(group)
        yield Run(x=at * pitch, width=len(run) * pitch, title=_title(run))
        at += len(run)


def _title(run: Sequence[Slot]) -> str:
    held: dict[str, timedelta] = {}
    for bar in run:
        for status, time in bar.held.items():
            held[status] = held.get(status, timedelta()) + time
    return f"{between(run[0].start, run[-1].end)}: {_held(held)}"


def _held(held: dict[str, timedelta]) -> str:
    if set(held) == {UNKNOWN}:
        return "no heartbeat yet"
    known = [(status, time) for status, time in held.items() if status != UNKNOWN]
    known.sort(key=lambda one: one[1], reverse=True)
    return ", ".join(f"{status} {lasted(time)}" for status, time in known)

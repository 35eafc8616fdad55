"""Spans tile their window, uptime is a share of what is known, and bars lose nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agents.uptime import UNKNOWN, UP, Span, slots, spans, time_in, uptime

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=1)
STATUSES = ["active", "busy", "error", "offline"]


@dataclass(frozen=True)
class Change:
    status: str
    created_at: datetime


def change(status: str, hours: float) -> Change:
    return Change(status, START + timedelta(hours=hours))


moments = st.integers(-6 * 3600, 30 * 3600).map(lambda seconds: START + timedelta(seconds=seconds))
histories = st.lists(st.builds(Change, st.sampled_from(STATUSES), moments), max_size=30).map(
    lambda changes: sorted(changes, key=lambda change: change.created_at)
)


def tiled(changes: list[Change]) -> list[Span]:
    return spans(changes, start=START, end=END)


@given(histories)
def test_spans_tile_the_window_exactly(changes: list[Change]) -> None:
    tiles = tiled(changes)
    assert tiles[0].start == START
    assert tiles[-1].end == END
    assert all(one.end == other.start for one, other in pairwise(tiles))
    assert all(span.length > timedelta() for span in tiles)
    assert all(one.status != other.status for one, other in pairwise(tiles))


@given(histories, st.floats(0, 0.999999))
def test_a_span_says_what_the_last_change_before_it_said(
    changes: list[Change], part: float
) -> None:
    at = START + (END - START) * part
    said = [change.status for change in changes if change.created_at <= at]
    now = next(span for span in tiled(changes) if span.start <= at < span.end)
    assert now.status == (said[-1] if said else UNKNOWN)


@given(histories)
def test_uptime_is_a_share_of_the_known_time(changes: list[Change]) -> None:
    tiles = tiled(changes)
    share = uptime(tiles)
    if all(span.status == UNKNOWN for span in tiles):
        assert share is None
    else:
        assert share is not None
        assert 0 <= share <= 1
        assert (share == 1) == all(span.status in {*UP, UNKNOWN} for span in tiles)


@given(histories, st.integers(1, 100))
def test_bars_share_out_every_second(changes: list[Change], count: int) -> None:
    tiles = tiled(changes)
    bars = slots(tiles, count=count)
    assert len(bars) == count
    for status in [*STATUSES, UNKNOWN]:
        in_bars = sum((bar.held.get(status, timedelta()) for bar in bars), timedelta())
        assert in_bars == time_in(tiles, status)
    assert all(sum(bar.held.values(), timedelta()) == bar.end - bar.start for bar in bars)


def test_before_the_first_heartbeat_nothing_is_known() -> None:
    tiles = tiled([change("active", 18)])
    assert [(span.status, span.length) for span in tiles] == [
        (UNKNOWN, timedelta(hours=18)),
        ("active", timedelta(hours=6)),
    ]
    assert uptime(tiles) == 1.0


def test_error_and_offline_both_count_as_down_and_busy_as_up() -> None:
    tiles = tiled([change("active", -1), change("busy", 6), change("error", 12), change("offline", 18)])  # fmt: skip
    assert uptime(tiles) == 0.5


def test_of_two_changes_at_once_the_later_word_counts() -> None:
    assert [span.status for span in tiled([change("error", -2), change("active", -1)])] == [
        "active"
    ]
    at_once = tiled([change("error", 3), change("active", 3)])
    assert [span.status for span in at_once] == [UNKNOWN, "active"]


def test_an_agent_that_never_pinged_has_no_uptime() -> None:
    assert uptime(tiled([])) is None
    assert all(bar.is_unknown for bar in slots(tiled([]), count=4))

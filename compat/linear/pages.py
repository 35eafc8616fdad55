"""Connections: Linear's pages, which go both ways from any row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from placet.lib.errors import Invalid
from placet.lib.wording import must_be

DEFAULT, MOST = 50, 250
#: How many rows one page is looked for in; one that would need more is cut short, and says that there is more.
MOST_LOOKED_AT = 2_000
Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Span:
    """What `first`, `last`, `after` and `before` ask for: so many rows beyond one of them, in one direction."""

    size: int
    start: str | None
    backwards: bool


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    rows: Sequence[T]
    #: Beyond its last row in the direction it was walked in.
    more: bool
    #: Where the look ended, if not with the last row.
    looked_to: T | None = None


Walk = Callable[[str | None, int], Sequence[T]]


def span_of(arguments: Mapping[str, Any]) -> Span:
    """Both at once mean nothing together, and are refused."""
    first, last = arguments.get("first"), arguments.get("last")
    after, before = arguments.get("after"), arguments.get("before")
    if (first is not None and last is not None) or (after and before):
        raise Invalid.field("pagination", "must go one way: first and after, or last and before")
    backwards = last is not None or before is not None
    size = last if last is not None else first
    return Span(size=_size(size), start=before if backwards else after, backwards=backwards)


def page(
    walk: "Walk[T]",
    span: Span,
    *,
    id_of: Callable[[T], str],
    wanted: Callable[[T], bool] | None = None,
) -> "Page[T]":
    """As many rows as the span has room for, of those wanted. `walk(start, limit)` reads on from a row."""
    found: list[T] = []
    at_once = MOST if wanted else span.size
    start, looked = span.start, 0
    while looked < MOST_LOOKED_AT:
        rows = walk(start, at_once + 1)
        looked += len(rows)
        for row in rows:
            if wanted is None or wanted(row):
                if len(found) == span.size:
                    return Page(rows=found, more=True)
                found.append(row)
        if len(rows) <= at_once:
            return Page(rows=found, more=False)
        start = id_of(rows[-1])
    return Page(rows=found, more=True, looked_to=rows[-1])


def connection(found: "Page[T]", span: Span, read: Callable[[T], Json], name: str) -> Json:
    """In the order of the list, whichever way it was walked; a row's cursor is its id."""
    rows = [read(row) for row in found.rows]
    ends = [row["id"] for row in rows]
    if found.looked_to is not None:
        ends.append(read(found.looked_to)["id"])
    before = span.start is not None
    if span.backwards:
        rows, ends = rows[::-1], ends[::-1]
    return {
        "__typename": name,
        "nodes": rows,
        "edges": [{"node": row, "cursor": row["id"]} for row in rows],
        "pageInfo": {
            "startCursor": ends[0] if ends else None,
            "endCursor": ends[-1] if ends else None,
            "hasNextPage": before if span.backwards else found.more,
            "hasPreviousPage": found.more if span.backwards else before,
        },
    }


def _size(given: int | None) -> int:
    if given is None:
        return DEFAULT
    if not 1 <= given <= MOST:
        raise Invalid.field("first", must_be(f"from 1 to {MOST}", given))
    return given

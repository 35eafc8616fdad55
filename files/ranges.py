"""Which bytes of a file a request asks for (RFC 9110, section 14). Pure functions on numbers."""

import re
from collections.abc import Sequence
from typing import NamedTuple

#: A player asks for one, a resumed download for a few. More are answered with the whole.
MOST = 8
_SPEC = re.compile(r"\s*(\d{0,18})\s*-\s*(\d{0,18})\s*")


class Span(NamedTuple):
    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start


class Unsatisfiable(ValueError):
    """None of the bytes asked for are there."""


def spans_in(header: str, size: int) -> list[Span]:
    """The bytes asked for, in order and without overlap; none when it is no range we answer: then the whole is sent."""
    unit, equals, specs = header.partition("=")
    found = [_SPEC.fullmatch(spec) for spec in specs.split(",")]
    if unit.strip().lower() != "bytes" or not equals or len(found) > MOST:
        return []
    asked = [match.groups() for match in found if match and any(match.groups())]
    if len(asked) != len(found) or any(_is_backwards(*pair) for pair in asked):
        return []
    inside = [span for first, last in asked if (span := _span(first, last, size)).length > 0]
    if not inside:
        raise Unsatisfiable
    return _joined(sorted(inside))


def _is_backwards(first: str, last: str) -> bool:
    return bool(first and last) and int(last) < int(first)


def _span(first: str, last: str, size: int) -> Span:
    if not first:
        return Span(max(0, size - int(last)), size)
    return Span(int(first), min(size, int(last) + 1) if last else size)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """What overlaps or touches becomes one: nobody gets the same bytes twice in one answer."""
    joined = [spans[0]]
    for span in spans[1:]:
        if span.start <= joined[-1].stop:
            joined[-1] = Span(joined[-1].start, max(joined[-1].stop, span.stop))
        else:
            joined.append(span)
    return joined

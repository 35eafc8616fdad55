"""Linear's filters, over values. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from placet.lib.clock import now
from placet.lib.errors import Invalid
from placet.lib.wording import must_be

Json = Mapping[str, Any]
DURATION = re.compile(
    r"(-)?P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?"
)
MOST_CONDITIONS = 100
_LAST = datetime.max.replace(tzinfo=UTC)


def matches(wanted: Json | None, row: Json) -> bool:
    """Whether a row (a mapping of values) is what a filter wants: every condition of it, one of its `or`."""
    return all(_holds(name, condition, row) for name, condition in (wanted or {}).items())


def refuse_huge(wanted: Json | None) -> None:
    """Each condition is looked at for each row."""
    if _size(wanted) > MOST_CONDITIONS:
        raise Invalid.field("filter", f"must have at most {MOST_CONDITIONS} conditions")


def only(wanted: Json | None, name: str) -> str | None:
    """The one value a filter allows for a name, when it says so at the top."""
    comparator = (wanted or {}).get(name) or {}
    given = comparator.get("in") or []
    return comparator.get("eq") or (given[0] if len(given) == 1 else None)


def moment(value: Any) -> datetime:
    """A point in time, or a duration from now."""
    text = str(value)
    if (found := DURATION.fullmatch(text)) and any(found.groups()[1:]):
        years, months, weeks, days, hours, minutes, seconds = (
            int(part or 0) for part in found.groups()[1:]
        )
        span = timedelta(
            days=365 * years + 30 * months + 7 * weeks + days,
            hours=hours,
            minutes=minutes,
            seconds=seconds,
        )
        return _shifted(-span if found[1] else span)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        rule = "a moment like 2026-01-31T09:30:00Z or a duration like -P2D"
        raise Invalid.field("filter", must_be(rule, text)) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _shifted(span: timedelta) -> datetime:
    try:
        return now() + span
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if span < timedelta() else _LAST


def _size(wanted: Any) -> int:
    """How many values there are in it. Without recursion: a filter may be deep."""
    level, size = [wanted], 0
    while level:
        size += len(level)
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return size


def _holds(name: str, condition: Any, row: Json) -> bool:
    if condition is None:
        return True
    if name == "and":
        return all(matches(one, row) for one in condition)
    if name == "or":
        return any(matches(one, row) for one in condition)
    value = row.get(name)
    if name == "null":
        return bool((row.get("id") is None) == condition)
    if isinstance(value, Mapping):
        return matches(condition, value)
    return all(_compares(word, value, operand) for word, operand in condition.items())


def _compares(word: str, value: Any, operand: Any) -> bool:
    if operand is None:
        return True
    if isinstance(value, datetime):
        operand = [moment(one) for one in operand] if word in ("in", "nin") else moment(operand)
    negated = word in ("neq", "nin", "neqIgnoreCase") or word.startswith("not")
    if value is None:
        return negated
    if word.endswith("IgnoreCase"):
        value, operand = str(value).casefold(), str(operand).casefold()
    plain = word.removesuffix("IgnoreCase").removeprefix("not")
    found = _TESTS[plain[:1].lower() + plain[1:]](value, operand)
    return not found if word.startswith("not") else found


_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, operand: bool(value == operand),
    "neq": lambda value, operand: bool(value != operand),
    "in": lambda value, operand: value in operand,
    "nin": lambda value, operand: value not in operand,
    "gt": lambda value, operand: bool(value > operand),
    "gte": lambda value, operand: bool(value >= operand),
    "lt": lambda value, operand: bool(value < operand),
    "lte": lambda value, operand: bool(value <= operand),
    "contains": lambda value, operand: operand in value,
    "startsWith": lambda value, operand: bool(value.startswith(operand)),
    "endsWith": lambda value, operand: bool(value.endswith(operand)),
}

"""The rules of every JSON object, whatever the type: nothing in it that a database or a strict JSON reader would choke on."""

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from placet.lib.errors import FieldError, Invalid
from placet.lib.wording import seen, shorten

MAX_DEPTH = 64
MAX_ERRORS = 20
#: Beyond these JSON writers differ, and ours stops: one such number would make every list that holds it unreadable.
LEAST_INT, MOST_INT = -(2**63), 2**64 - 1


def json_object(value: Any, *, path: str) -> dict[str, Any]:
    """The value itself, once it is known to be an object of storable JSON. A refused value is named by kind, never echoed."""
    if not isinstance(value, dict):
        raise Invalid.field(path, f"must be an object; got {_kind_of(value)}")
    if errors := list(islice(_unstorable(value, path, depth=1), MAX_ERRORS)):
        raise Invalid("Validation failed", errors=errors)
    return value


def is_storable(number: int) -> bool:
    return LEAST_INT <= number <= MOST_INT


def _unstorable(value: Any, path: str, *, depth: int) -> Iterator[FieldError]:
    if isinstance(value, str):
        if problem := _text_problem(value):
            yield FieldError(path, problem)
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield FieldError(path, f"must be a finite number; got {seen(value)}")
    elif isinstance(value, int):
        if not is_storable(value):
            yield FieldError(path, f"must be a number of at most 64 bits; got {seen(value)}")
    elif isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            yield FieldError(path, f"must not nest deeper than {MAX_DEPTH} levels")
        else:
            yield from _unstorable_inside(value, path, depth=depth)


def _unstorable_inside(
    value: dict[str, Any] | list[Any], path: str, *, depth: int
) -> Iterator[FieldError]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if problem := _text_problem(str(key)):
            # The path must stay printable, so it stops above the key.
            yield FieldError(path, f"has a key that {problem}")
        else:
            yield from _unstorable(inner, f"{path}.{shorten(str(key))}", depth=depth + 1)


def _text_problem(text: str) -> str | None:
    # PostgreSQL's jsonb refuses both; SQLite would take them, and the two must not differ.
    if "\x00" in text:
        return "must not contain the character U+0000"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "must not contain half of a surrogate pair"
    return None


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case list():
            return "a list"
    return "a number"

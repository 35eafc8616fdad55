"""The rules of every JSON object, whatever the type: nothing in it that a database or a strict JSON reader would choke on."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from placet.lib.errors import FieldError, Invalid
from placet.lib.numbers import RULE as STORABLE
from placet.lib.numbers import is_storable
from placet.lib.wording import must_be, shorten

MAX_DEPTH = 64
MAX_ERRORS = 20


def json_object(value: Any, *, path: str) -> dict[str, Any]:
    """The value itself, once it is known to be an object of storable JSON. A refused value is named by kind, never echoed."""
    if not isinstance(value, dict):
        raise Invalid.field(path, f"must be an object; got {_kind_of(value)}")
    if errors := list(islice(_unstorable(value, path, depth=1), MAX_ERRORS)):
        raise Invalid("Validation failed", errors=errors)
    return value


def _unstorable(value: Any, path: str, *, depth: int) -> Iterator[FieldError]:
    if isinstance(value, str):
        if problem := _text_problem(value):
            yield FieldError(path, problem)
    elif isinstance(value, int | float):
        if not is_storable(value):
            yield FieldError(path, must_be(STORABLE, value))
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
            return "an array"
    return "a number"

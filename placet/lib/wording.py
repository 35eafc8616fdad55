"""How refusals are worded: each names the rule and, where it is safe, the value it saw."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from placet.lib.errors import FieldError

LONGEST_VALUE = 80
MOST_CHOICES = 12


class Refused(ValueError):
    """One value breaks one rule; the caller knows the path."""


def shorten(text: str, limit: int = LONGEST_VALUE) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def seen(value: Any) -> str:
    """The value, short enough to print. Containers are only named: a secret may sit anywhere inside."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    return shorten(json.dumps(value, ensure_ascii=False))


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def must_be(rule: str, value: Any) -> str:
    return f"must be {rule}; got {seen(value)}"


def one_of(choices: Iterable[str]) -> str:
    """`one of a, b, c`: enough of them to recognise a typing error."""
    known = list(choices)
    shown = ", ".join(shorten(choice) for choice in known[:MOST_CHOICES])
    return f"one of {shown}{', …' if len(known) > MOST_CHOICES else ''}"


def at_least(least: int, noun: str, got: int) -> str:
    return f"must have at least {count(least, noun)}; got {got}"


def at_most(most: int, noun: str, got: int) -> str:
    return f"must have at most {count(most, noun)}; got {got}"


def repeated(values: Iterable[str], *, path: str, key: str) -> Iterator[FieldError]:
    """One error for every value that stood earlier in the list."""
    known: set[str] = set()
    for index, value in enumerate(values):
        if value in known:
            yield FieldError(f"{path}.{index}.{key}", f"must be unique; got {seen(value)} again")
        known.add(value)

"""What a body may look like before anybody asks what it means."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers

from placet.lib.addresses import RULE as WEB_ADDRESS
from placet.lib.addresses import is_web_address
from placet.lib.errors import FieldError, Invalid
from placet.lib.numbers import RULE as STORABLE
from placet.lib.numbers import is_storable
from placet.lib.wording import must_be, one_of, seen, shorten

MOST_TOLD = 20


class _Told:
    """One voice for all fields: a message names the rule, `parse` adds the value it saw."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": "is required",
        "null": "must not be null",
    }


class Shape(_Told, serializers.Serializer[Any]):
    """Keys not named here are dropped."""

    default_error_messages = {"invalid": "must be an object"}


class Text(_Told, serializers.CharField):
    """A string; a number is not made one in silence."""

    default_error_messages = {
        "invalid": "must be a string",
        "blank": "must not be empty",
        "max_length": "must be at most {max_length} characters; got %(show_value)s",
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WebAddress(Text):
    default_error_messages = {"not_web": f"must be {WEB_ADDRESS}"}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not is_web_address(text):
            self.fail("not_web")
        return text


class OneOf(Text):
    """One of some words."""

    def __init__(self, words: Iterable[str], **options: Any) -> None:
        super().__init__(**options)
        self.words = tuple(words)
        self.error_messages["unknown"] = f"must be {one_of(self.words)}"

    def to_internal_value(self, data: Any) -> str:
        word = super().to_internal_value(data)
        if word not in self.words:
            self.fail("unknown")
        return word


class Whole(_Told, serializers.IntegerField):
    """A whole number; digits in a string are none."""

    default_error_messages = {
        "invalid": "must be a whole number",
        "min_value": "must be at least {min_value}",
    }

    def to_internal_value(self, data: Any) -> int:
        # To many JSON writers 60.0 is how 60 is spelt.
        if isinstance(data, bool) or not isinstance(data, int | float) or data != int(data):
            self.fail("invalid")
        return int(data)


class Truth(_Told, serializers.BooleanField):
    """`true` or `false`, and no word or number that means one of them."""

    default_error_messages = {"invalid": "must be true or false"}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Moment(_Told, serializers.DateTimeField):
    default_error_messages = dict.fromkeys(
        ("invalid", "date", "make_aware", "overflow"),
        "must be a valid ISO date string like 2026-01-31T09:30:00Z",
    )


class Texts(_Told, serializers.ListField):
    """A list of strings."""

    child = Text()
    default_error_messages = {"not_a_list": "must be an array"}


class ObjectField(_Told, serializers.JSONField):
    """Any JSON object."""

    default_error_messages = {"invalid": "must be an object"}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("invalid")
        return data


def parse(shape: type[Shape], data: Any) -> dict[str, Any]:
    """The cleaned fields of `data`; raises Invalid whose errors name field, rule and the value that was seen."""
    checked = shape(data=data)
    if checked.is_valid():
        cleaned: dict[str, Any] = checked.validated_data
        return cleaned
    raise Invalid("Validation failed", errors=list(_faults(checked.errors, data)))


def refuse_monsters(data: Any) -> None:
    """Bounded depth and size, and nothing that cannot be kept. Without recursion, so the check is not the attack."""
    level, depth, nodes = [data], 0, 0
    while level:
        nodes += len(level)
        if depth > settings.PLACET_MAX_JSON_DEPTH:
            raise Invalid.field(
                "body", f"must nest at most {settings.PLACET_MAX_JSON_DEPTH} levels deep"
            )
        if nodes > settings.PLACET_MAX_JSON_NODES:
            raise Invalid.field(
                "body", f"must hold at most {settings.PLACET_MAX_JSON_NODES} values"
            )
        if any(_fault_of(value) for value in level):
            raise Invalid(
                "Validation failed", errors=list(islice(_monsters(data, depth), MOST_TOLD))
            )
        level = [inner for value in level for inner in _inside(value)]
        depth += 1


def _fault_of(value: Any) -> str | None:
    if isinstance(value, str):
        # PostgreSQL cannot store one.
        return 'must not contain the character U+0000; got "\\u0000"' if "\0" in value else None
    if isinstance(value, int | float) and not is_storable(value):
        return must_be(STORABLE, value)
    return None


def _monsters(data: Any, depth: int) -> Iterator[FieldError]:
    """Where they are, on the level that has the first: asked once there is one, so that good bodies do not pay for paths."""
    level = [("", data)]
    for _ in range(depth):
        level = [inner for path, value in level for inner in _named_inside(path, value)]
    found = ((path, _fault_of(value)) for path, value in level)
    yield from (FieldError(path or "body", fault) for path, fault in found if fault)


def _named_inside(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(_inside(value))
    for name, inner in pairs:
        if isinstance(name, str) and _fault_of(name):
            # The path must stay printable, so it stops above the key.
            yield path, name
        else:
            yield f"{path}.{shorten(str(name))}".strip("."), inner


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else ()


def _faults(detail: Any, data: Any, path: str = "") -> Iterable[FieldError]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            if name == "non_field_errors":
                yield from _faults(inner, data, path or "body")
            else:
                yield from _faults(inner, _at(data, name), f"{path}.{name}".strip("."))
    else:
        for n, inner in enumerate(detail):
            if isinstance(inner, str):
                yield FieldError(path, _with_value(inner, data))
            else:
                yield from _faults(inner, _at(data, n), f"{path}.{n}")


def _at(data: Any, name: Any) -> Any:
    try:
        return data[name]
    except (KeyError, IndexError, TypeError):
        return None


def _with_value(message: str, value: Any) -> str:
    return message if value is None or "; got " in message else f"{message}; got {seen(value)}"

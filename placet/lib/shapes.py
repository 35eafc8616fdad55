"""What a body may look like before anybody asks what it means."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from rest_framework import serializers

from placet.lib.errors import FieldError, Invalid

SHOWN = 80


class Shape(serializers.Serializer[Any]):
    """A DRF serializer used for shapes only; unknown keys are dropped, as on the wire."""


class ObjectField(serializers.JSONField):
    """Any JSON object."""

    default_error_messages = {"not_object": "must be a JSON object"}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_object")
        return data


def parse(shape: type[Shape], data: Any) -> dict[str, Any]:
    """The cleaned fields of `data`; raises Invalid whose errors name field, rule and the value that was seen."""
    checked = shape(data=data)
    if checked.is_valid():
        cleaned: dict[str, Any] = checked.validated_data
        return cleaned
    raise Invalid("Validation failed", errors=list(_faults(checked.errors, data)))


def refuse_monsters(data: Any) -> None:
    """Bounded depth and size, and no NUL (PostgreSQL cannot store one). Without recursion, so the check is not the attack."""
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
        if any(isinstance(value, str) and "\0" in value for value in level):
            raise Invalid.field("body", 'must not contain the character U+0000; got "\\u0000"')
        level = [inner for value in level for inner in _inside(value)]
        depth += 1


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
    if value is None or isinstance(value, dict | list):
        return message
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return message if text in message else f"{message.rstrip('.')}; got {text[:SHOWN]}"

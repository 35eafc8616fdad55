"""Kinds one picks rather than types: select and checkbox."""

from collections.abc import Iterator
from typing import Any

from placet.lib.wording import Refused, at_least, must_be, one_of, seen

from .base import FieldKind, Problem
from .spec import FieldSpec, token


class Select(FieldKind):
    """The answer is the option's own JSON value; the string a form posts for it is understood too."""

    control = "select"

    def problems(self, spec: FieldSpec) -> Iterator[Problem]:
        if not spec.options:
            yield "options", at_least(1, "item", 0)
        known: set[str] = set()
        for index, option in enumerate(spec.options):
            # By token: 1 and "1" look the same to the human and to the form.
            if token(option.value) in known:
                yield f"options.{index}.value", f"must be unique; got {seen(option.value)} again"
            known.add(token(option.value))

    def clean(self, spec: FieldSpec, value: Any) -> Any:
        by_token = {token(option.value): option.value for option in spec.options}
        picked = "" if isinstance(value, dict | list) else token(value)
        if not picked or picked not in by_token:
            raise Refused(must_be(one_of(by_token), value))
        return by_token[picked]

    def show(self, spec: FieldSpec, value: Any) -> str:
        labels = {token(option.value): option.label for option in spec.options}
        return labels.get(token(value), token(value))

    def extras(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        options = [
            {
                "value": token(each.value),
                "label": each.label,
                "selected": token(each.value) == token(value),
            }
            for each in spec.options
        ]
        return {"options": options, "has_blank": any(each["value"] == "" for each in options)}


class Checkbox(FieldKind):
    """Always answered: an empty box is `false`. A required one must be ticked."""

    control, input_type = "checkbox", "checkbox"
    demand, blank = "must be checked", False

    def is_empty(self, value: Any) -> bool:
        return value is None or value == "" or value is False

    def clean(self, spec: FieldSpec, value: Any) -> bool:
        if value is not True:
            raise Refused(must_be("true or false", value))
        return True

    def from_form(self, posted: str | None) -> bool:
        return posted is not None

    def show(self, spec: FieldSpec, value: Any) -> str:
        return "Yes" if value else "No"

    def extras(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        return {"checked": value is True, "unit": ""}

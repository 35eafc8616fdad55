"""Form: any number of named fields of twelve kinds; the response maps names to values."""

from collections.abc import Iterator
from typing import Annotated, Any

from django.http import QueryDict
from pydantic import Field

from placet.lib.errors import FieldError, Invalid
from placet.lib.wording import Refused, count, repeated, shorten

from .base import Outcome
from .dismissal import DismissibleType, dismiss_label
from .form_fields import KINDS, FieldKind, FieldSpec
from .form_fields.spec import token
from .shapes import MAX_ITEMS, Caption, Shape

FIELDS = "review.payload.fields"


class Payload(Shape):
    fields: Annotated[list[FieldSpec], Field(min_length=1, max_length=MAX_ITEMS)]
    submit_label: Caption = ""
    dismiss_label: Caption = ""


class Form(DismissibleType):
    """An optional field left empty has no key in the response; a checkbox always has one."""

    slug, label = "form", "Form"

    def clean_payload(self, payload: Any) -> dict[str, Any]:
        asked = _asked({} if payload is None else payload)
        names = [spec.name for spec in asked.fields]
        errors = [*repeated(names, path=FIELDS, key="name"), *_spec_errors(asked)]
        if errors:
            raise Invalid("Validation failed", errors=errors)
        return _with_clean_defaults(asked)

    def clean_answer(self, payload: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        asked = _asked(payload)
        names = {spec.name for spec in asked.fields}
        errors = [
            FieldError(f"response.{shorten(name)}", f'the form has no field "{shorten(name)}"')
            for name in given
            if name not in names
        ]
        cleaned: dict[str, Any] = {}
        for spec in asked.fields:
            try:
                cleaned |= _cleaned(spec, given.get(spec.name))
            except Refused as refused:
                errors.append(FieldError(f"response.{spec.name}", str(refused)))
        if errors:
            raise Invalid("Validation failed", errors=errors)
        return cleaned

    def read_form(self, payload: dict[str, Any], data: QueryDict) -> dict[str, Any]:
        return {
            spec.name: KINDS[spec.type].from_form(data.get(f"field.{spec.name}"))
            for spec in _asked(payload).fields
        }

    def secret_fields(self, payload: dict[str, Any]) -> frozenset[str]:
        return frozenset(spec.name for spec in _asked(payload).fields if KINDS[spec.type].secret)

    def redact(self, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "fields": [_without_secret(field) for field in payload["fields"]]}

    def answered(self, payload: dict[str, Any], response: dict[str, Any]) -> Outcome:
        fields = _asked(payload).fields
        filled = [spec for spec in fields if spec.name in response]
        return Outcome(
            label=f"{len(filled)} of {count(len(fields), 'field')} filled",
            tone="neutral",
            lines=tuple(
                (spec.label, KINDS[spec.type].show(spec, response[spec.name])) for spec in filled
            ),
        )

    def card(self, payload: dict[str, Any], draft: dict[str, Any] | None) -> dict[str, Any]:
        asked = _asked(payload)
        return {
            "fields": [_control(n, spec, draft) for n, spec in enumerate(asked.fields, start=1)],
            "submit_label": asked.submit_label.strip() or "Submit",
            "dismiss_label": dismiss_label(payload),
        }


def _asked(payload: Any) -> Payload:
    return Payload.read(payload, path="review.payload")


def _spec_errors(asked: Payload) -> Iterator[FieldError]:
    for index, spec in enumerate(asked.fields):
        kind = KINDS[spec.type]
        problems = list(kind.problems(spec))
        if not problems:
            # A default is measured with the spec's own rules, so they must make sense first.
            problems = [("defaultValue", wrong) for wrong in _wrong_default(kind, spec)]
        yield from (FieldError(f"{FIELDS}.{index}.{where}", what) for where, what in problems)


def _wrong_default(kind: FieldKind, spec: FieldSpec) -> Iterator[str]:
    if not kind.is_empty(spec.default_value):
        try:
            _value(kind, spec, spec.default_value)
        except Refused as refused:
            yield str(refused)


def _with_clean_defaults(asked: Payload) -> dict[str, Any]:
    """Defaults are stored as a response would be; a password's is not stored at all, since nothing may ever show it."""
    stored = asked.wire()
    for spec, field in zip(asked.fields, stored["fields"], strict=True):
        kind = KINDS[spec.type]
        if not kind.is_empty(spec.default_value):
            field["defaultValue"] = kind.clean(spec, spec.default_value)
    return {**stored, "fields": [_without_secret(field) for field in stored["fields"]]}


def _without_secret(field: dict[str, Any]) -> dict[str, Any]:
    if field["type"] != "password":
        return field
    return {key: value for key, value in field.items() if key != "defaultValue"}


def _cleaned(spec: FieldSpec, value: Any) -> dict[str, Any]:
    kind = KINDS[spec.type]
    if not kind.is_empty(value):
        return {spec.name: _value(kind, spec, value)}
    if spec.required:
        raise Refused(kind.demand)
    return {} if kind.blank is None else {spec.name: kind.blank}


def _value(kind: FieldKind, spec: FieldSpec, value: Any) -> Any:
    try:
        return kind.clean(spec, value)
    except Refused as refused:
        if not kind.secret:
            raise
        # The rule alone: what follows it was learnt from the value.
        rule = str(refused).partition("; got")[0]
    raise Refused(rule)


def _control(n: int, spec: FieldSpec, draft: dict[str, Any] | None) -> dict[str, Any]:
    kind = KINDS[spec.type]
    value = spec.default_value if draft is None else draft.get(spec.name)
    common = {
        "n": n,
        "input_name": f"field.{spec.name}",
        "path": f"response.{spec.name}",
        "label": spec.label,
        "required": spec.required,
        "placeholder": spec.placeholder,
        "description": spec.description,
        "unit": spec.unit,
        "control": f"reviews/types/fields/{kind.control}.html",
        "input_type": kind.input_type,
        "autocomplete": kind.autocomplete,
        "value": "" if kind.secret else token(value),
    }
    return common | kind.extras(spec, value)

"""The kinds a human types: text, textarea, email, url and password."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from placet.lib.addresses import RULE as WEB_ADDRESS
from placet.lib.addresses import is_web_address
from placet.lib.wording import Refused, at_least, at_most, must_be
from reviews.types.shapes import MAX_TEXT
from reviews.types.text_input import counter, plain_newlines

from .base import FieldKind, Problem
from .spec import FieldSpec, token


class Text(FieldKind):
    def problems(self, spec: FieldSpec) -> Iterator[Problem]:
        least, most = spec.min_length or 0, spec.max_length
        if most is not None and least > most:
            yield "maxLength", f"must not be less than minLength ({least}); got {most}"

    def is_empty(self, value: Any) -> bool:
        return value is None or (isinstance(value, str) and not value.strip())

    def clean(self, spec: FieldSpec, value: Any) -> str:
        if not isinstance(value, str):
            raise Refused(must_be("a string", value))
        text = self.tidy(value)
        _check_length(spec, len(text))
        return text

    def tidy(self, text: str) -> str:
        return plain_newlines(text)

    def extras(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        return {"counter": counter(token(value), spec.min_length, spec.max_length)}


class TextArea(Text):
    control = "textarea"

    def extras(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        return {**super().extras(spec, value), "unit": ""}


class Email(Text):
    input_type, autocomplete = "email", "email"

    def clean(self, spec: FieldSpec, value: Any) -> str:
        text = super().clean(spec, value)
        if not _is_email(text):
            raise Refused(must_be("an e-mail address", text))
        return text

    def tidy(self, text: str) -> str:
        return text.strip()


class Url(Text):
    input_type, autocomplete = "url", "url"

    def clean(self, spec: FieldSpec, value: Any) -> str:
        text = super().clean(spec, value)
        if not is_web_address(text):
            raise Refused(must_be(WEB_ADDRESS, text))
        return text

    def tidy(self, text: str) -> str:
        return text.strip()


class Password(Text):
    """Kept to the letter, spaces and all; never rendered, never quoted."""

    input_type, autocomplete, secret = "password", "new-password", True

    def is_empty(self, value: Any) -> bool:
        return value is None or value == ""

    def tidy(self, text: str) -> str:
        return text

    def show(self, spec: FieldSpec, value: Any) -> str:
        return "••••••"

    def extras(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        return super().extras(spec, None)


def _check_length(spec: FieldSpec, got: int) -> None:
    least = spec.min_length or 0
    most = MAX_TEXT if spec.max_length is None else spec.max_length
    if got < least:
        raise Refused(at_least(least, "character", got))
    if got > most:
        raise Refused(at_most(most, "character", got))


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True

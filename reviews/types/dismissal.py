"""The way out that a payload may offer: a `dismissLabel` makes `{"_dismissed": true}` a valid response."""

from abc import abstractmethod
from typing import Any

from django.http import QueryDict

from placet.lib.errors import FieldError, Invalid
from placet.lib.wording import must_be, shorten

from .base import Outcome, ReviewType
from .plain import json_object

KEY = "_dismissed"


def dismiss_label(payload: dict[str, Any]) -> str:
    return (payload.get("dismissLabel") or "").strip()


class DismissibleType(ReviewType):
    """A type that can be waved away; its children only see real answers."""

    @abstractmethod
    def clean_answer(self, payload: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]: ...

    @abstractmethod
    def read_form(self, payload: dict[str, Any], data: QueryDict) -> dict[str, Any]: ...

    @abstractmethod
    def answered(self, payload: dict[str, Any], response: dict[str, Any]) -> Outcome: ...

    def clean_response(self, payload: dict[str, Any], response: Any) -> dict[str, Any]:
        given = json_object(response, path="response")
        if KEY in given:
            return _clean_dismissal(payload, given)
        return self.clean_answer(payload, given)

    def from_form(self, payload: dict[str, Any], data: QueryDict) -> dict[str, Any]:
        return {KEY: True} if data.get(KEY) else self.read_form(payload, data)

    def outcome(self, payload: dict[str, Any], response: dict[str, Any]) -> Outcome:
        if response.get(KEY):
            return Outcome(label=dismiss_label(payload) or "Dismissed", tone="neutral", lines=())
        return self.answered(payload, response)


def _clean_dismissal(payload: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    errors = [
        FieldError(f"response.{shorten(key)}", "must be absent when the review is dismissed")
        for key in given
        if key != KEY
    ]
    if not dismiss_label(payload):
        errors = [
            FieldError(f"response.{KEY}", "this review cannot be dismissed: it has no dismissLabel")
        ]
    elif given[KEY] is not True:
        errors = [FieldError(f"response.{KEY}", must_be("true", given[KEY]))]
    if errors:
        raise Invalid("Validation failed", errors=errors)
    return {KEY: True}

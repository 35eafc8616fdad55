"""Approval: styled buttons for a yes or a no, and a comment where the agent wants one."""

from typing import Annotated, Any, Literal

from django.http import QueryDict
from pydantic import Field

from placet.lib.errors import FieldError, Invalid
from placet.lib.wording import must_be, one_of, repeated

from .base import Outcome, ReviewType, Tone
from .plain import json_object
from .shapes import MAX_ITEMS, Ident, Label, Shape

Style = Literal["primary", "danger", "secondary", "ghost"]

DEFAULT_OPTIONS = (
    {"id": "approve", "label": "Approve", "style": "primary"},
    {"id": "reject", "label": "Reject", "style": "danger"},
)
TONES: dict[Style, Tone] = {"primary": "yes", "danger": "no"}
KEYS: dict[Style, str] = {"primary": "A", "danger": "R"}


class Option(Shape):
    id: Ident
    label: Label
    style: Style = "secondary"


class Payload(Shape):
    options: Annotated[list[Option], Field(min_length=1, max_length=MAX_ITEMS)]
    allow_comment: bool = False


class Response(Shape):
    selected_option: str
    comment: Annotated[str, Field(max_length=10_000)] = ""


class Approval(ReviewType):
    slug, label = "approval", "Approval"

    def clean_payload(self, payload: Any) -> dict[str, Any]:
        given = json_object({} if payload is None else payload, path="review.payload")
        if given.get("options") is None:
            given = {**given, "options": [dict(option) for option in DEFAULT_OPTIONS]}
        asked = Payload.read(given, path="review.payload")
        ids = (option.id for option in asked.options)
        if errors := list(repeated(ids, path="review.payload.options", key="id")):
            raise Invalid("Validation failed", errors=errors)
        return asked.wire()

    def clean_response(self, payload: dict[str, Any], response: Any) -> dict[str, Any]:
        asked = _asked(payload)
        given = Response.read(response, path="response")
        comment = given.comment.replace("\r\n", "\n").strip()
        if errors := list(_broken_rules(asked, given.selected_option, comment)):
            raise Invalid("Validation failed", errors=errors)
        return {"selectedOption": given.selected_option} | ({"comment": comment} if comment else {})

    def from_form(self, payload: dict[str, Any], data: QueryDict) -> dict[str, Any]:
        return {key: data[key] for key in ("selectedOption", "comment") if key in data}

    def outcome(self, payload: dict[str, Any], response: dict[str, Any]) -> Outcome:
        asked, chosen = _asked(payload), response["selectedOption"]
        option = next(option for option in asked.options if option.id == chosen)
        return Outcome(
            label=option.label,
            tone=TONES.get(option.style, "neutral"),
            lines=(("Decision", option.label),),
            comment=response.get("comment", ""),
        )

    def card(self, payload: dict[str, Any], draft: dict[str, Any] | None) -> dict[str, Any]:
        asked = _asked(payload)
        return {
            "options": _buttons(asked.options),
            "allow_comment": asked.allow_comment,
            "comment": (draft or {}).get("comment") or "",
        }


def _asked(payload: dict[str, Any]) -> Payload:
    return Payload.read(payload, path="review.payload")


def _broken_rules(asked: Payload, chosen: str, comment: str) -> list[FieldError]:
    errors = []
    ids = [option.id for option in asked.options]
    if chosen not in ids:
        errors.append(FieldError("response.selectedOption", must_be(one_of(ids), chosen)))
    if comment and not asked.allow_comment:
        errors.append(
            FieldError("response.comment", must_be("empty: this review takes no comment", comment))
        )
    return errors


def _buttons(options: list[Option]) -> list[dict[str, Any]]:
    """A and R go to the first primary and the first danger option; every other one has its number up to 9."""
    styles = [option.style for option in options]
    first = {style: styles.index(style) for style in KEYS if style in styles}
    return [
        {
            "id": option.id,
            "label": option.label,
            "style": option.style,
            "n": index + 1,
            "key": KEYS[option.style] if first.get(option.style) == index else _digit(index + 1),
            "is_primary": first.get("primary") == index,
            "is_danger": first.get("danger") == index,
        }
        for index, option in enumerate(options)
    ]


def _digit(n: int) -> str:
    return str(n) if n <= 9 else ""

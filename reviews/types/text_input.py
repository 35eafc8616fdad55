"""Text input: one free text, plain or Markdown, of a length the agent may bound."""

from typing import Annotated, Any

from django.http import QueryDict
from pydantic import Field

from placet.lib.errors import FieldError, Invalid
from placet.lib.wording import at_least, at_most

from .base import Outcome
from .dismissal import DismissibleType, dismiss_label
from .shapes import MAX_TEXT, Caption, Length, Note, Shape


class Payload(Shape):
    placeholder: Note = ""
    prefill: Annotated[str, Field(max_length=MAX_TEXT)] = ""
    markdown: bool = False
    min_length: Length | None = None
    max_length: Annotated[int, Field(ge=1, le=MAX_TEXT)] | None = None
    submit_label: Caption = ""
    dismiss_label: Caption = ""


class Response(Shape):
    text: str


class TextInput(DismissibleType):
    """A blank text is an answer only where the agent wrote `"minLength": 0`."""

    slug, label = "text-input", "Text"

    def clean_payload(self, payload: Any) -> dict[str, Any]:
        asked = _asked({} if payload is None else payload)
        if errors := _contradictions(asked):
            raise Invalid("Validation failed", errors=errors)
        return asked.wire()

    def clean_answer(self, payload: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        text = plain_newlines(Response.read(given, path="response").text)
        if problem := _wrong_length(_asked(payload), text):
            raise Invalid.field("response.text", problem)
        return {"text": text}

    def read_form(self, payload: dict[str, Any], data: QueryDict) -> dict[str, Any]:
        return {"text": plain_newlines(data.get("text", ""))}

    def answered(self, payload: dict[str, Any], response: dict[str, Any]) -> Outcome:
        return Outcome(label="Responded", tone="neutral", lines=(("Text", response["text"]),))

    def card(self, payload: dict[str, Any], draft: dict[str, Any] | None) -> dict[str, Any]:
        asked = _asked(payload)
        value = asked.prefill if draft is None else str(draft.get("text") or "")
        return {
            "value": value,
            "placeholder": asked.placeholder,
            "markdown": asked.markdown,
            "required": asked.min_length != 0,
            "counter": counter(value, asked.min_length, asked.max_length),
            "submit_label": asked.submit_label.strip() or "Send",
            "dismiss_label": dismiss_label(payload),
        }


def plain_newlines(text: str) -> str:
    """Browsers post CRLF where the human pressed Enter; lengths are counted, and agents read, with LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def counter(text: str, least: int | None, most: int | None) -> dict[str, Any] | None:
    """What the character counter shows before any script runs; none where nothing is bounded."""
    if not least and most is None:
        return None
    return {"now": len(text), "min": least or None, "max": most}


def _asked(payload: Any) -> Payload:
    return Payload.read(payload, path="review.payload")


def _contradictions(asked: Payload) -> list[FieldError]:
    least, most = asked.min_length or 0, asked.max_length or MAX_TEXT
    prefilled, errors = len(plain_newlines(asked.prefill)), []
    if least > most:
        rule = f"must not be less than minLength ({least}); got {most}"
        errors.append(FieldError("review.payload.maxLength", rule))
    if prefilled > most:
        errors.append(FieldError("review.payload.prefill", at_most(most, "character", prefilled)))
    return errors


def _wrong_length(asked: Payload, text: str) -> str | None:
    least, most, got = asked.min_length or 0, asked.max_length or MAX_TEXT, len(text)
    if got < least:
        return at_least(least, "character", got)
    if got > most:
        return at_most(most, "character", got)
    if asked.min_length != 0 and not text.strip():
        return "must not be blank"
    return None

"""Selection: one of several items, or some of them."""

from typing import Annotated, Any, Literal

from django.http import QueryDict
from pydantic import Field

from placet.lib.errors import FieldError, Invalid
from placet.lib.wording import at_least, must_be, one_of, repeated

from .base import Outcome
from .dismissal import DismissibleType, dismiss_label
from .shapes import MAX_ITEMS, MAX_TEXT, Caption, Ident, Label, Note, Shape
from .text_input import plain_newlines

MOST_LABELS = 3


class Item(Shape):
    id: Ident
    label: Label
    description: Note = ""


class Payload(Shape):
    mode: Literal["single", "multi"] = "single"
    items: Annotated[list[Item], Field(min_length=1, max_length=MAX_ITEMS)]
    #: A text of the human's own is an answer too, instead of a choice.
    allow_text: bool = False
    submit_label: Caption = ""
    dismiss_label: Caption = ""


class Response(Shape):
    selected_ids: Annotated[list[str], Field(max_length=MAX_ITEMS)]


class Written(Shape):
    text: Annotated[str, Field(max_length=MAX_TEXT)] = ""


class Selection(DismissibleType):
    """Choosing nothing is not an answer: an agent that allows it offers a `dismissLabel` or an item that says so."""

    slug, label = "selection", "Selection"

    def clean_payload(self, payload: Any) -> dict[str, Any]:
        asked = _asked({} if payload is None else payload)
        ids = (item.id for item in asked.items)
        if errors := list(repeated(ids, path="review.payload.items", key="id")):
            raise Invalid("Validation failed", errors=errors)
        # Readers of the stored payload should not need to know the default.
        return {"mode": asked.mode, **asked.wire()}

    def clean_answer(self, payload: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        asked = _asked(payload)
        if asked.allow_text and (text := _written(given)):
            # Readers who know only choices find that there is none.
            return {"selectedIds": [], "text": text}
        chosen = Response.read(given, path="response").selected_ids
        known = [item.id for item in asked.items]
        errors = [
            FieldError(f"response.selectedIds.{index}", must_be(one_of(known), wanted))
            for index, wanted in enumerate(chosen)
            if wanted not in known
        ]
        if problem := _wrong_number(asked, len(set(chosen))):
            errors.append(FieldError("response.selectedIds", problem))
        if errors:
            raise Invalid("Validation failed", errors=errors)
        return {"selectedIds": [ident for ident in known if ident in chosen]}

    def read_form(self, payload: dict[str, Any], data: QueryDict) -> dict[str, Any]:
        given: dict[str, Any] = {"selectedIds": data.getlist("selectedIds")}
        text = plain_newlines(data.get("text", "")) if payload.get("allowText") else ""
        return given | ({"text": text} if text.strip() else {})

    def answered(self, payload: dict[str, Any], response: dict[str, Any]) -> Outcome:
        if text := response.get("text"):
            return Outcome(label="Responded", tone="neutral", lines=(("Text", text),))
        chosen = response["selectedIds"]
        labels = [item.label for item in _asked(payload).items if item.id in chosen]
        return Outcome(
            label=_joined(labels),
            tone="neutral",
            lines=tuple(("Selected", label) for label in labels),
        )

    def card(self, payload: dict[str, Any], draft: dict[str, Any] | None) -> dict[str, Any]:
        asked = _asked(payload)
        chosen = (draft or {}).get("selectedIds") or []
        return {
            "multi": asked.mode == "multi",
            "items": [
                {
                    "id": item.id,
                    "label": item.label,
                    "description": item.description,
                    "n": n,
                    "key": str(n) if n <= 9 else "",
                    "checked": item.id in chosen,
                }
                for n, item in enumerate(asked.items, start=1)
            ],
            "allow_text": asked.allow_text,
            "text": str((draft or {}).get("text") or ""),
            "submit_label": asked.submit_label.strip()
            or ("Send" if asked.allow_text else "Choose"),
            "dismiss_label": dismiss_label(payload),
        }


def _asked(payload: Any) -> Payload:
    return Payload.read(payload, path="review.payload")


def _written(given: dict[str, Any]) -> str:
    text = plain_newlines(Written.read(given, path="response").text)
    return text if text.strip() else ""


def _wrong_number(asked: Payload, chosen: int) -> str | None:
    if chosen == 0:
        return at_least(1, "item", 0)
    if asked.mode == "single" and chosen > 1:
        return f"must have exactly 1 item; got {chosen}"
    return None


def _joined(labels: list[str]) -> str:
    rest = len(labels) - MOST_LABELS
    return ", ".join(labels[:MOST_LABELS]) + (f" and {rest} more" if rest > 0 else "")

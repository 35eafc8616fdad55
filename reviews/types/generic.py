"""Any type nobody registered: the wire allows every word, so any object may be asked and any object answered."""

import json
from typing import Any

from django.http import QueryDict

from placet.lib.errors import Invalid
from placet.lib.wording import shorten

from .base import Outcome, ReviewType
from .plain import json_object

MOST_LINES = 20
#: Half-typed JSON is no response yet; a draft carries the text itself under this key.
RAW = "_json"


class Generic(ReviewType):
    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.label = slug

    @property
    def template(self) -> str:
        return "reviews/types/generic.html"

    def clean_payload(self, payload: Any) -> dict[str, Any]:
        return json_object({} if payload is None else payload, path="review.payload")

    def clean_response(self, payload: dict[str, Any], response: Any) -> dict[str, Any]:
        return json_object(response, path="response")

    def from_form(self, payload: dict[str, Any], data: QueryDict) -> dict[str, Any]:
        return json_object(_parsed(data.get("json", "")), path="response")

    def outcome(self, payload: dict[str, Any], response: dict[str, Any]) -> Outcome:
        lines = tuple(
            (shorten(key), _readable(value)) for key, value in list(response.items())[:MOST_LINES]
        )
        return Outcome(label="Responded", tone="neutral", lines=lines)

    def card(self, payload: dict[str, Any], draft: dict[str, Any] | None) -> dict[str, Any]:
        schema = payload.get("schema")
        return {
            "value": _typed(draft),
            "schema": _pretty(schema) if schema else "",
            "submit_label": "Send",
        }


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_not_json)
    except json.JSONDecodeError as error:
        problem = f"{error.msg} at line {error.lineno}, column {error.colno}"
    except (ValueError, RecursionError) as error:
        # A number of five thousand digits, NaN, or a thousand brackets deep.
        problem = shorten(str(error))
    raise Invalid.field("response", f"must be JSON; {problem}")


def _not_json(word: str) -> Any:
    raise ValueError(f"{word} is not a JSON value")


def _typed(draft: dict[str, Any] | None) -> str:
    if not draft:
        return ""
    raw = draft.get(RAW)
    return raw if isinstance(raw, str) else _pretty(draft)


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _readable(value: Any) -> str:
    return value if isinstance(value, str) else shorten(json.dumps(value, ensure_ascii=False), 200)

"""Link: a page of the agent's to go to, mostly to connect an account; and a way to say that it is done, or why not."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import QueryDict
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from placet.lib.addresses import host_of, is_link, is_web_address
from placet.lib.errors import Invalid
from placet.lib.wording import must_be, seen

from .base import Outcome
from .dismissal import DismissibleType, dismiss_label
from .shapes import MAX_TEXT, Caption, Shape
from .text_input import plain_newlines

LOOPBACK = ("localhost", "127.0.0.1", "::1")
DONE, LINKED = "Done", "Linked"


def _safe(url: str) -> str:
    """Whoever follows it may type a password there: https, or in development a page on one's own machine."""
    parts = urlsplit(url) if is_web_address(url) else urlsplit("")
    if parts.scheme == "https" or (settings.DEBUG and parts.hostname in LOOPBACK):
        return url
    raise PydanticCustomError("rule", "must be an https URL; got {seen}", {"seen": seen(url)})


class Payload(Shape):
    url: Annotated[str, Field(max_length=2_000), AfterValidator(_safe)]
    provider: Caption = ""
    submit_label: Caption = ""
    dismiss_label: Caption = ""


class Response(Shape):
    """One of the two."""

    done: bool = False
    text: Annotated[str, Field(max_length=MAX_TEXT)] = ""


class Link(DismissibleType):
    slug, label = "link", "Link"

    def clean_payload(self, payload: Any) -> dict[str, Any]:
        asked = _asked({} if payload is None else payload)
        # Here and not in the shape: what was asked before this was a rule is still shown.
        if not is_link(asked.url):
            rule = "an https URL without a user name"
            raise Invalid.field("review.payload.url", must_be(rule, asked.url))
        return asked.wire()

    def clean_answer(self, payload: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        said = Response.read(given, path="response")
        text = plain_newlines(said.text)
        if text.strip():
            return {"text": text}
        if said.done:
            return {"done": True}
        raise Invalid.field("response.done", must_be("true, where there is no text", said.done))

    def read_form(self, payload: dict[str, Any], data: QueryDict) -> dict[str, Any]:
        text = plain_newlines(data.get("text", ""))
        return {"text": text} if text.strip() else {"done": True}

    def answered(self, payload: dict[str, Any], response: dict[str, Any]) -> Outcome:
        if text := response.get("text"):
            return Outcome(label="Responded", tone="neutral", lines=(("Text", text),))
        host = host_of(_asked(payload).url)
        return Outcome(label=LINKED, tone="yes", lines=(("Page", host),))

    def card(self, payload: dict[str, Any], draft: dict[str, Any] | None) -> dict[str, Any]:
        asked = _asked(payload)
        return {
            "url": asked.url,
            "host": host_of(asked.url),
            "provider": asked.provider.strip(),
            "text": str((draft or {}).get("text") or ""),
            "submit_label": asked.submit_label.strip() or DONE,
            "dismiss_label": dismiss_label(payload),
        }


def _asked(payload: Any) -> Payload:
    return Payload.read(payload, path="review.payload")

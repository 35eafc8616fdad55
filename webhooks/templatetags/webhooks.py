"""How deliveries read on a page. Only formatting: what is shown was decided in a selector."""

import json
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from django import template
from django.utils.safestring import SafeString, mark_safe

from inbox import markdown as md
from inbox.status.words import took
from inbox.templatetags.placet import clock
from placet.lib.clock import now
from webhooks.snapshots import DeliveryLine, EndpointSnapshot

register = template.Library()
#: Of a body: more than anybody reads here.
LONGEST_BODY = 20_000


class Pretty(NamedTuple):
    html: SafeString
    cut: int


@register.filter
def due(line: DeliveryLine) -> str:
    """When it is tried next: "now", "in 4 min"."""
    seconds = round((line.due_at - now()).total_seconds())
    return f"in {took(float(seconds))}" if seconds > 0 and not line.is_under_way else "now"


@register.filter
def state(line: DeliveryLine) -> str:
    """The word beside the dot."""
    if line.is_pending and line.is_under_way:
        return "Sending"
    return line.status.capitalize()


@register.filter
def dot(line: DeliveryLine) -> str:
    """The colours that agents have: well, in trouble, not well, nothing known."""
    if line.is_pending:
        return "busy" if line.tries else "waits"
    return "active" if line.status == "delivered" else "error"


@register.filter
def second(moment: datetime) -> str:
    """For tries that are seconds apart."""
    return f"{clock(moment)}:{moment:%S}"


@register.filter
def mild(sentence: str) -> str:
    """Within another one it begins small."""
    return sentence[:1].lower() + sentence[1:]


@register.filter
def phrase(code: int) -> str:
    """500 Internal Server Error"""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


@register.filter
def pretty(body: dict[str, Any]) -> Pretty:
    """By the one reader of Markdown: it colours, escapes, and loses its patience in time."""
    text = json.dumps(body, ensure_ascii=False, indent=2)
    html = md.to_html(f"```json\n{text[:LONGEST_BODY]}\n```")
    return Pretty(mark_safe(html), max(0, len(text) - LONGEST_BODY))  # noqa: S308 - the sanitiser's output


class Standing(NamedTuple):
    dot: str
    word: str
    more: str


@register.filter
def standing(endpoint: EndpointSnapshot) -> Standing:
    """How an endpoint does: on, failing, paused between tries, or off and why."""
    health = endpoint.health
    if endpoint.off:
        dot = "waits" if endpoint.off == "by_hand" else "error"
        return Standing(dot, "Off", f"{endpoint.off_reason}, {clock(endpoint.off_since)}")
    if not health.failures:
        return Standing("active", "On", "")
    more = f"{health.failures} in a row since {clock(health.failing_since)}"
    if health.open_until and health.open_until > now():
        more += f"; asked again at {clock(health.open_until)}"
    return Standing("busy", "Failing", more)

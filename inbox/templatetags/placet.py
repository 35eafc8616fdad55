"""How things read on a page. Only formatting: what is shown was decided in a selector."""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from inbox import markdown as md
from placet.lib.clock import now
from reviews.snapshots import ReviewSnapshot
from reviews.types.generic import Generic

register = template.Library()

SOON = timedelta(minutes=10)
#: Of what an agent sent: more than anybody reads, less than what makes a page slow.
MOST_VALUES, LONGEST_VALUE = 40, 4_000
#: Parts of a payload that its form shows, or that say how to show it.
SHOWN_ELSEWHERE = {"schema", "submitLabel", "dismissLabel"}


class Gist(NamedTuple):
    head: str
    rest: str


class Value(NamedTuple):
    name: str
    text: str
    is_code: bool
    cut: int


class Sent(NamedTuple):
    values: list[Value]
    more: int


class Left(NamedTuple):
    text: str
    soon: bool


@register.filter
def markdown(text: str | None) -> SafeString:
    return mark_safe(md.to_html(text or ""))  # noqa: S308 - the sanitiser's output, and nothing but it


@register.filter
def gist(text: str | None) -> Gist:
    """`head`: the first line, bare; `rest`: how it goes on."""
    return Gist(*md.gist(text or ""))


@register.filter
def sent(review: ReviewSnapshot | None) -> Sent | None:
    """What the agent wants decided, where no form of its own shows it."""
    if review is None or not isinstance(review.kind, Generic):
        return None
    items = [(key, value) for key, value in review.payload.items() if key not in SHOWN_ELSEWHERE]
    values = [_value(name, value) for name, value in items[:MOST_VALUES]]
    return Sent(values, len(items) - len(values)) if values else None


@register.filter
def note_of(notes: Any, message_id: Any) -> str:
    """What a floor above says on a message; where a template is drawn without any, nothing."""
    return notes.get(message_id, "") if notes else ""


@register.filter
def left(until: datetime) -> Left:
    """Time until then, in the largest unit that still helps: 4:12, 38 min, 2 h, 3 d."""
    seconds = max(0, int((until - now()).total_seconds()))
    return Left(_span(seconds), seconds < SOON.total_seconds())


@register.filter
def clock(moment: datetime | None) -> str:
    """Today the hour, else the day as well."""
    if moment is None:
        return ""
    local, today = timezone.localtime(moment), timezone.localtime(now())
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return (
        f"{local.day} {local:%b}"
        + ("" if local.year == today.year else f" {local.year}")
        + f", {local:%H:%M}"
    )


@register.filter
def day(moment: datetime) -> str:
    """The heading above a day's messages."""
    local, today = timezone.localdate(moment), timezone.localdate(now())
    if (today - local).days in (0, 1):
        return ("Today", "Yesterday")[(today - local).days]
    return f"{local:%A}, {local.day} {local:%B}" + (
        "" if local.year == today.year else f" {local.year}"
    )


@register.filter
def initials(name: str) -> str:
    words = name.split() or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.simple_tag(takes_context=True)
def form_card(context: Context, review: ReviewSnapshot) -> dict[str, Any]:
    """What the review type's own template needs; a refused response is shown again as it was typed."""
    return review.kind.card(review.payload, context.get("draft") or None)


def _value(name: str, value: Any) -> Value:
    is_text = isinstance(value, str)
    text = md.plain(value if is_text else json.dumps(value, ensure_ascii=False, indent=2))
    return Value(
        md.plain(name), text[:LONGEST_VALUE], not is_text, max(0, len(text) - LONGEST_VALUE)
    )


def _span(seconds: int) -> str:
    """To the second where it is short, else to the nearest half: a day that has just begun reads as 24 h."""
    if seconds < SOON.total_seconds():
        return f"{seconds // 60}:{seconds % 60:02d}"
    if seconds < 90 * 60:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{_halves(seconds / 3600)} h"
    return f"{_halves(seconds / 86400)} d"


def _halves(number: float) -> str:
    """A half is worth a sign only among few."""
    halves = round(number * 2) if number < 10 else 2 * round(number)
    return f"{halves // 2}{'½' if halves % 2 else ''}"

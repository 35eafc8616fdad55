"""How things read on a page. Only formatting: what is shown was decided in a selector."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from inbox import markdown as md
from placet.lib.clock import now
from reviews.snapshots import ReviewSnapshot

register = template.Library()

SOON = timedelta(minutes=10)


class Gist(NamedTuple):
    head: str
    rest: str


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


def _span(seconds: int) -> str:
    """Never more than there is: rounded down, to a half hour where that matters."""
    if seconds < SOON.total_seconds():
        return f"{seconds // 60}:{seconds % 60:02d}"
    if seconds < 90 * 60:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600}{'½' if seconds % 3600 >= 1800 else ''} h"
    return f"{seconds // 86400} d"

"""What the forms of endpoints and webhooks hold. A value that is masked and comes back stands for what it masked."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.http import QueryDict

from agents.snapshots import MASKED
from inbox.settings_pages.parts import faults
from placet.lib.errors import Invalid, PlacetError

Lines = list[tuple[str, str]]


def header_lines(post: QueryDict) -> Lines:
    """As they were typed: a name and a value beside it."""
    names = [name.strip() for name in post.getlist("headerName")]
    return list(zip(names, post.getlist("headerValue"), strict=False))


def masked_lines(names: Iterable[str]) -> Lines:
    return [(name, MASKED) for name in names]


def headers(post: QueryDict, *, known: Iterable[str] = ()) -> dict[str, str]:
    """A line without a name is none: that is how one is removed. `known` are those whose values may stay masked."""
    lines = [(name, value) for name, value in header_lines(post) if name]
    counted = Counter(name.lower() for name, _ in lines)
    if twice := [name for name, _ in lines if counted[name.lower()] > 1]:
        raise Invalid.field(f"headers.{twice[0]}", "must stand here once")
    if renamed := [name for name, value in lines if value == MASKED and name not in set(known)]:
        raise Invalid.field(f"headers.{renamed[0]}", "needs its value: it was not here before")
    return dict(lines)


def header_faults(refusal: PlacetError | None) -> list[str]:
    """What is wrong with the lines: each names its header, never its value."""
    said = [(path.partition("."), sentence) for path, sentence in faults(refusal).items()]
    return [
        f"{name}: {sentence}" if name else sentence
        for (field, _, name), sentence in said
        if field in ("headers", "webhookHeaders")
    ]


def auth(post: QueryDict) -> dict[str, str] | None:
    """Name and password, or neither."""
    pair: dict[str, Any] = {name: post.get(name, "") for name in ("username", "password")}
    return pair if any(pair.values()) else None

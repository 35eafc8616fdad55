"""The registry of review types: what the wire calls `review.type`, one small module each."""

from django.core.exceptions import ImproperlyConfigured

from .approval import Approval
from .base import REDACTED, Outcome, ReviewType
from .form import Form
from .freeform import Freeform
from .generic import Generic
from .link import Link
from .selection import Selection
from .text_input import TextInput

__all__ = ["BUILT_IN", "REDACTED", "Outcome", "ReviewType", "all_types", "get", "register"]

BUILT_IN: tuple[ReviewType, ...] = (
    Approval(),
    Selection(),
    Form(),
    TextInput(),
    Freeform(),
    Link(),
)

_by_slug: dict[str, ReviewType] = {}


def register(kind: ReviewType) -> None:
    """Add one type; the list above stays the list to read, this is for plugins."""
    if not isinstance(kind, ReviewType):
        raise TypeError(f"{kind!r} is not a ReviewType")
    if kind.slug in _by_slug:
        raise ImproperlyConfigured(f"review type {kind.slug!r} is registered twice")
    _by_slug[kind.slug] = kind


def get(slug: str) -> ReviewType:
    """The type of that name; a name nobody registered still gets a type, one without rules."""
    return _by_slug.get(slug) or Generic(slug)


def all_types() -> tuple[ReviewType, ...]:
    return tuple(_by_slug.values())


for _kind in BUILT_IN:
    register(_kind)

"""Finding messages by a piece of their text, upper and lower case alike, however many there are.

First the top of the list is looked through: a common word fills the page there, and a short list is done. A few hits promise
more further down. Then the index is asked, which is quick while the matches are few; when they are many, a walk is short.
"""

from collections.abc import Collection
from typing import Protocol, Self
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery
from django.db.models.lookups import Exact

from inbox import search_index
from inbox.models import Message
from placet.lib.errors import Invalid
from placet.lib.text import holds

LONGEST = 200
#: How far down the list the first look goes; how many hits make a longer one worth while, and how far that one goes.
TOP, PROMISING, FURTHER = 150, 3, 5_000
#: With more matches than this a walk is quicker than the index; the newest of them serve a page of the newest.
FEW, NEWEST = 2_000, 200


class Ids(Protocol):
    """A list of messages as ids in an order of its own."""

    @property
    def newest_first(self) -> bool: ...
    def first(self, limit: int) -> list[UUID]: ...
    def among(self, ids: Collection[UUID]) -> list[UUID]: ...
    def also(self, condition: Q) -> Self: ...
    def top(self, size: int) -> Self | None: ...


def terms(search: str) -> str:
    """What to look for: no blanks around it, and no NUL, which no text in a database can hold."""
    words = search.replace("\0", "").strip()
    if len(words) > LONGEST:
        raise Invalid.field("search", f"must be at most {LONGEST} characters; got {len(words)}")
    return words


def matching(listing: Ids, search: str, *, limit: int) -> list[UUID]:
    """The first `limit` of the list whose text contains `search`; all match when it is blank.

    A term without a trigram ("v2") is looked for in the first FURTHER messages of the list, and in no others.
    """
    words = terms(search)
    if not words:
        return listing.first(limit)
    top, text = listing.top(TOP), _holding(words)
    found = (top or listing).also(text).first(limit)
    if len(found) == limit or top is None:
        return found
    can_ask = search_index.can_ask(words)
    if len(found) >= PROMISING or not can_ask:
        further = listing.top(FURTHER)
        found = (further or listing).also(text).first(limit)
        if len(found) == limit or further is None or not can_ask:
            return found
    found_by_index = _asked(listing, words, limit)
    return listing.also(text).first(limit) if found_by_index is None else found_by_index


def _asked(listing: Ids, words: str, limit: int) -> list[UUID] | None:
    """The page by way of the index; None when there are too many matches for it to tell."""
    newest = listing.newest_first and search_index.hands_out_newest()
    for most in (NEWEST, FEW) if newest else (FEW,):
        candidates = search_index.ask(words, most + 1)
        found = listing.among(candidates)
        if len(candidates) <= most or (newest and len(found) >= limit):
            return found[:limit]
    return None


def _holding(words: str) -> Q:
    """As a value looked up for each row: a join or an EXISTS the planner may start from, and scan every message."""
    text = ExpressionWrapper(holds("text", words), output_field=BooleanField())
    message = Message.objects.filter(pk=OuterRef("pk")).order_by()
    return Q(Exact(Subquery(message.values_list(text)[:1], output_field=BooleanField()), True))

"""The inbox page: what waits for this person, over all agents, and what has been settled."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from agents.selectors import agents_named, visible_ids
from inbox.listing import loaded, snapshots
from inbox.search import matching, terms
from inbox.snapshots import MessagePage, MessageSnapshot
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.ids import parse_id
from reviews.listing import ReviewIds, review_ids
from reviews.selectors import count_open, deadline_of

COUNTED = 1000


def inbox_page(
    actor: Actor,
    *,
    status: str = "pending",
    agent_id: object = None,
    type: str | None = None,
    search: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> MessagePage:
    """One page of questions. Pending: most urgent first; settled: latest first; all: newest first. Cursors are opaque."""
    at = now()
    chosen = _Chosen(actor, status, agent_id, type, search, at)
    place = _Place.of(cursor) if cursor else None
    if cursor and (place is None or not chosen.has(place)):
        return MessagePage(messages=(), next_cursor=None)
    ids = chosen.first(limit + 1, after=place)
    found = snapshots(loaded(ids[:limit]), at=at)
    more = len(ids) > limit and found
    return MessagePage(
        messages=tuple(found), next_cursor=_cursor(found[-1], chosen) if more else None
    )


def next_open(
    actor: Actor,
    *,
    after: object = None,
    agent_id: object = None,
    type: str | None = None,
    search: str = "",
) -> UUID | None:
    """The open question that follows `after` in the pending list, else the most urgent one; None when all is done."""
    chosen = _Chosen(actor, "pending", agent_id, type, search, now())
    last = parse_id(after) if after else None
    place = _Place(deadline_of(last), last) if last else None
    if place and place.moment and (found := chosen.first(1, after=place)):
        return found[0]
    # Two, for `after` itself may still be open.
    return next((pk for pk in chosen.first(2) if pk != last), None)


def waiting_count(actor: Actor) -> int:
    """How many questions wait; counted up to COUNTED, so a flood of them cannot slow every page."""
    return count_open(visible_ids(actor), at=now(), most=COUNTED)


@dataclass(frozen=True)
class _Place:
    """Where in a list a question stands."""

    moment: datetime | None
    last: UUID

    @classmethod
    def of(cls, cursor: str) -> "_Place | None":
        stamp, _, last = cursor.rpartition("~")
        try:
            moment = datetime.fromisoformat(stamp).astimezone(UTC) if stamp else None
            return cls(moment, UUID(last))
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class _Chosen:
    """The list the person asked for."""

    actor: Actor
    status: str
    agent_id: object
    type: str | None
    search: str
    at: datetime

    @property
    def field(self) -> str:
        return self._listing(None).field

    def has(self, place: _Place) -> bool:
        """Whether a cursor is one of this list: only newest first needs no moment."""
        return place.moment is not None or self.field == "id"

    def first(self, limit: int, *, after: _Place | None = None) -> list[UUID]:
        listing = self._listing(self._agent_ids, after)
        found = matching(listing, self.search, limit=limit)
        if not self._named:
            return found
        of_named = self._listing(self._named, after).first(limit)
        return listing.among({*found, *of_named})[:limit]

    def _listing(self, agent_ids: list[UUID] | None, after: _Place | None = None) -> ReviewIds:
        listing = review_ids(status=self.status, agent_ids=agent_ids, type=self.type, at=self.at)
        return listing.beyond(after.moment, after.last) if after else listing

    @cached_property
    def _agent_ids(self) -> list[UUID] | None:
        ids = visible_ids(self.actor)
        if not self.agent_id:
            return ids
        wanted = parse_id(self.agent_id)
        return [wanted] if wanted and (ids is None or wanted in ids) else []

    @cached_property
    def _named(self) -> list[UUID]:
        """The search is over agent and text: a name that matches brings all its questions."""
        words = terms(self.search)
        named = agents_named(self.actor, words) if words else []
        return [pk for pk in named if self._agent_ids is None or pk in self._agent_ids]


def _cursor(message: MessageSnapshot, chosen: _Chosen) -> str:
    if chosen.field == "id" or message.review is None:
        return f"~{message.id}"
    moment = getattr(message.review, chosen.field)
    return f"{moment.isoformat()}~{message.id}"

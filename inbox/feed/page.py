"""What happened to a key's agents, in order, a page at a time."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from agents.selectors import visible_ids
from inbox.channels import channel_for
from inbox.listing import loaded, snapshots
from inbox.selectors import DEFAULT_LIMIT, clamp
from inbox.snapshots import MessageSnapshot
from placet.events.catalogue import PUBLIC
from placet.events.models import Recorded
from placet.events.selectors import ends, settled_id, told_to
from placet.lib.actors import Actor
from placet.lib.errors import Forbidden
from placet.lib.ids import parse_id


@dataclass(frozen=True, kw_only=True)
class FeedItem:
    """An event, and the message it tells of as that is now; None when it tells of none, or the message is gone."""

    recorded: Recorded
    message: MessageSnapshot | None


@dataclass(frozen=True, kw_only=True)
class FeedPage:
    """`cursor` is where to go on. `gap`: between the cursor that was given and this page there may have been more.

    `held` is the first event that has happened and may not be told yet: one with a smaller number may still be committed.
    """

    items: tuple[FeedItem, ...]
    cursor: int
    gap: bool = False
    held: int | None = None


def first_page(by: Actor, *, after: int | None, **wanted: Any) -> FeedPage:
    """What came after a cursor that somebody has kept: it may be older than what is, or of a database that is no more."""
    page = feed_page(by, after=after, **wanted)
    # Asked last: what was forgotten meanwhile is a gap too.
    oldest, newest = ends()
    if not after or oldest - 1 <= after <= newest:
        return page
    return replace(page if after < oldest else feed_page(by, **wanted), gap=True)


def feed_page(
    by: Actor,
    *,
    channel: object = None,
    types: Collection[str] = PUBLIC,
    after: int | None = None,
    limit: int = DEFAULT_LIMIT,
) -> FeedPage:
    """What happened after `after`, oldest first; None means that what has happened so far is no news.

    Without a channel: to all of the key's own agents, and to nobody else's.
    """
    agent_ids, limit = _agents(by, channel), clamp(limit)
    settled = settled_id()
    after = settled if after is None else after
    found = told_to(agent_ids, types, after=after, limit=limit + 1)
    told = [one for one in found if one.id <= settled]
    return FeedPage(
        items=_with_messages(told[:limit], agent_ids),
        # Past the others' events too: a cursor that stood still would one day be older than all that is kept.
        cursor=told[limit - 1].id if len(told) > limit else max(after, settled),
        held=found[len(told)].id if len(told) < len(found) else None,
    )


def _agents(by: Actor, channel: object) -> list[UUID]:
    if not by.is_key:
        raise Forbidden("The feed is read with an agent's key.")
    return [channel_for(by, channel).id] if channel else visible_ids(by) or []


def _with_messages(events: list[Recorded], agent_ids: list[UUID]) -> tuple[FeedItem, ...]:
    named = [parse_id(one.data.get("messageId")) for one in events]
    messages = _messages({pk for pk in named if pk}, set(agent_ids))
    return tuple(
        FeedItem(recorded=one, message=messages.get(pk) if pk else None)
        for one, pk in zip(events, named, strict=True)
    )


def _messages(ids: set[UUID], mine: set[UUID]) -> dict[UUID, MessageSnapshot]:
    if not ids:
        # Most looks of those who wait: a query for nothing takes longer to make than the others to run.
        return {}
    found = snapshots(row for row in loaded(list(ids)) if row.agent_id in mine)
    return {message.id: message for message in found}

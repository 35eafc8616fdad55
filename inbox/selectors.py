"""Guarded reads of messages. Every page is walked by keyset, never by offset."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from agents.selectors import visible_ids
from inbox.channels import channel_for
from inbox.listing import MessageIds, loaded, snapshot, snapshots
from inbox.models import Message, MessageQuerySet
from inbox.search import matching
from inbox.snapshots import MessagePage, MessageSnapshot, MessageTargets
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import NotFound
from placet.lib.ids import id_or_nil, parse_id

DEFAULT_LIMIT, MOST, MOST_COUNTED = 50, 100, 10_000


def message_for(actor: Actor, message_id: object) -> MessageSnapshot:
    """One message the actor may see; a stranger's message and no message look the same."""
    return snapshot(row_for(actor, message_id))


def message_in(actor: Actor, message_id: object, *, channel: object) -> MessageSnapshot:
    """One message of one channel, as the agent API asks for it."""
    agent = channel_for(actor, channel)
    return snapshot(row_for(actor, message_id, agent_id=agent.id))


def question_for(actor: Actor, message_id: object) -> MessageSnapshot:
    """One message that carries a review."""
    return _asking(message_for(actor, message_id))


def question_in(actor: Actor, message_id: object, *, channel: object) -> MessageSnapshot:
    """The same, of one channel."""
    return _asking(message_in(actor, message_id, channel=channel))


def channel_page(
    actor: Actor,
    channel: object,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    search: str = "",
    with_files: bool = False,
) -> MessagePage:
    """A channel's messages, newest first. A cursor that is no id gives an empty page, as the reference does."""
    agent = channel_for(actor, channel)
    limit = clamp(limit)
    rows = Message.objects.filter(agent_id=agent.id)
    if with_files:
        rows = rows.filter(has_files=True)
    if cursor:
        if (before := parse_id(cursor)) is None:
            return MessagePage(messages=(), next_cursor=None)
        rows = rows.filter(pk__lt=before)
    return _page(loaded(matching(MessageIds(rows), search, limit=limit)), limit)


def count_in(actor: Actor, channel: object) -> int:
    """How many messages a channel has; counted up to MOST_COUNTED, so that a long conversation cannot slow the page."""
    rows = Message.objects.filter(agent_id=channel_for(actor, channel).id).order_by()
    return rows[:MOST_COUNTED].count()


def pending_in(actor: Actor, channel: object) -> list[MessageSnapshot]:
    """The open questions of one channel, newest first."""
    agent = channel_for(actor, channel)
    at = now()
    rows = _loaded().filter(agent_id=agent.id, review__agent_id=agent.id, review__status="pending")
    rows = rows.filter(review__expires_at__gt=at).order_by("-review_id")[:1000]
    return snapshots(rows, at=at)


def moments_of(message_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When these messages were written; who may see their files may know."""
    rows = Message.objects.filter(pk__in=set(message_ids)).order_by()
    return dict(rows.values_list("pk", "created_at"))


def targets_of(message_ids: Iterable[UUID]) -> dict[UUID, MessageTargets]:
    """Where these messages want their news told. Not guarded: for services that deliver."""
    rows = Message.objects.filter(pk__in=list(message_ids))
    found = rows.values_list("pk", "webhook_url", "review__callback")
    return {pk: MessageTargets(url, callback) for pk, url, callback in found}


def messages_of(message_ids: Iterable[UUID]) -> dict[UUID, MessageSnapshot]:
    """These messages, in one query. Not guarded: for services that deliver to the agents they belong to."""
    rows = _loaded().filter(pk__in=list(message_ids))
    return {found.id: found for found in snapshots(rows)}


def said_as(actor: Actor, agent_id: UUID, client_id: str | None) -> UUID | None:
    """The message that this person sent there under that id, if it arrived."""
    if not client_id:
        return None
    rows = Message.objects.filter(agent_id=agent_id, client_id=client_id)
    return rows.filter(sender_user_id=actor.user_id).values_list("pk", flat=True).first()


def clamp(limit: int) -> int:
    return max(1, min(limit, MOST))


def row_for(actor: Actor, message_id: object, *, agent_id: UUID | None = None) -> Message:
    """The row itself, for this app's services."""
    for row in _loaded().filter(pk=id_or_nil(message_id)):
        if agent_id in (None, row.agent_id) and row.agent.is_visible_to(actor):
            return row
        if agent_id in (None, row.author_id) and _said_it(actor, row):
            return row
    raise NotFound("Message not found")


def _said_it(actor: Actor, row: Message) -> bool:
    """What an agent says in a conversation it was let into is its own: it reads that, and waits for the answer, and no more."""
    return actor.is_key and row.author_id in (visible_ids(actor) or ())


def _loaded() -> MessageQuerySet:
    return Message.objects.select_related("agent", "review")


def _asking(message: MessageSnapshot) -> MessageSnapshot:
    if message.review is None:
        raise NotFound("No review on this message")
    return message


def _page(rows: list[Message], limit: int) -> MessagePage:
    messages = tuple(snapshots(rows, at=now()))
    full = len(messages) == limit
    return MessagePage(messages=messages, next_cursor=str(messages[-1].id) if full else None)

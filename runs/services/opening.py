"""A run begins: because somebody wrote, mentioned or handed over, or because the agent itself has something to do."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.selectors import actor_of_user
from agents.selectors import visible_ids
from agents.snapshots import AgentSnapshot
from inbox.channels import channel_for
from inbox.selectors import messages_of, said_as
from inbox.services import writing
from placet.events import catalogue
from placet.events.outbox import record
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden, Invalid, NotFound
from placet.lib.ids import id_or_nil
from runs.addressing import Address, addressed
from runs.errors import ShownOut
from runs.models import Guest, Run, Trigger
from runs.plans import Link, clean_links, with_added
from runs.selectors import is_let_in
from runs.services.changing import (
    change,
    hold_place,
    stale_at,
    told_assignment,
    told_update,
    until_first,
)
from runs.snapshots import RunSnapshot

HANDED_OVER = "Please take over this conversation."


@until_first
def open_run(
    *,
    by: Actor,
    channel: object = None,
    conversation: object = None,
    message_id: UUID | None = None,
    links: Sequence[Link] = (),
    at: datetime | None = None,
) -> RunSnapshot:
    """The agent begins by itself, for its owner, in its own conversation or one it was let into; or joins its open run there."""
    if not by.is_key:
        raise Forbidden("An agent begins a run with its key.")
    agent, at = _agent_of(by, channel, conversation), at or now()
    place = _place_of(agent, conversation)
    _refuse_elsewhere(message_id, place)
    owner = actor_of_user(agent.owner_id)
    row = begin(
        agent=agent,
        channel_id=place,
        trigger=Trigger.AGENT,
        creator=owner or by,
        by=by,
        message_id=message_id,
        links=(links := clean_links(links)),
        at=at,
    )
    if (both := with_added(row.links, links)) != row.links:
        # It joined its open run.
        change(row, at=at, stale_at=stale_at(row, row.status, at), links=both)
        told_update(row, by=by)
    return RunSnapshot.of(row)


@until_first
def delegate(
    *,
    by: Actor,
    agent_id: object,
    channel: object,
    text: str = "",
    client_id: str | None = None,
    at: datetime | None = None,
) -> RunSnapshot:
    """A person hands a conversation to an agent that may speak there, with a first prompt: who is told nothing has nothing to begin with.
    Who has an open run there goes on with it; nothing is said to it that the person did not say.
    A resend with the same `client_id` answers the run that heard it, as it is by now."""
    if not by.is_human:
        raise Forbidden("Only a person delegates.")
    home, at = channel_for(by, channel, named="channelId"), at or now()
    if row := _heard_before(by, home, client_id):
        return RunSnapshot.of(row)
    agent = _may_be_asked(agent_id, home)
    try:
        row = _handed(agent, home, text, by=by, client_id=client_id, at=at)
    except ShownOut:
        # Between the look and now.
        raise _not_to_be_asked() from None
    told_assignment(row, by=by, assigned=True)
    return RunSnapshot.of(row)


def _handed(
    agent: AgentSnapshot,
    home: AgentSnapshot,
    text: str,
    *,
    by: Actor,
    client_id: str | None,
    at: datetime,
) -> Run:
    if text := text if text.strip() else _first_words(agent, home):
        with addressed(Address(delegate=agent)):
            writing.write_message(by=by, agent_id=home.id, text=text, client_id=client_id)
    trigger = Trigger.DELEGATION
    return begin(agent=agent, channel_id=home.id, trigger=trigger, creator=by, by=by, at=at)


def _heard_before(by: Actor, home: AgentSnapshot, client_id: str | None) -> Run | None:
    if said := said_as(by, home.id, client_id):
        rows = Run.objects.filter(activities__message_id=said, channel_id=home.id)
        return rows.select_related("agent").first()
    return None


def _first_words(agent: AgentSnapshot, home: AgentSnapshot) -> str:
    """Not to somebody who waits for an answer: it would be taken for one."""
    return "" if open_row(agent.id, home.id) else HANDED_OVER


def begin(
    *,
    agent: AgentSnapshot,
    channel_id: UUID,
    trigger: Trigger,
    creator: Actor,
    by: Actor,
    at: datetime,
    message_id: UUID | None = None,
    links: Sequence[Link] = (),
) -> Run:
    """The open run of the agent in the conversation, made if there is none: the unique constraint decides who makes it."""
    if row := open_row(agent.id, channel_id):
        return row
    hold_place(agent.id, channel_id, asked=trigger != Trigger.AGENT)
    row = Run(
        agent_id=agent.id,
        channel_id=channel_id,
        trigger=trigger,
        creator_id=creator.user_id,
        creator_name=creator.name,
        message_id=message_id,
        links=list(links),
        created_at=at,
        updated_at=at,
        stale_at=at + timedelta(seconds=agent.run_stale_seconds),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # A twin was faster; or there is none, because the agent is gone.
        return _still_there(agent.id, channel_id)
    event = catalogue.RunCreated(
        agent_id=agent.id,
        run_id=row.pk,
        trigger=trigger.value,
        conversation_id=row.away_in,
    )
    record(event, by=by)
    return _still_there(agent.id, channel_id)


def _still_there(agent_id: UUID, channel_id: UUID) -> Run:
    """Read with its agent, which may have been deleted meanwhile: then this is refused as if it had been gone before."""
    if row := open_row(agent_id, channel_id):
        return row
    raise NotFound("Agent not found")


def open_row(agent_id: UUID, channel_id: UUID) -> Run | None:
    rows = Run.objects.open().select_related("agent")
    return rows.filter(agent_id=agent_id, channel_id=channel_id).first()


def _agent_of(by: Actor, channel: object, conversation: object) -> AgentSnapshot:
    """Who is not named is the one whose conversation it is, or the only one there is."""
    if not channel and id_or_nil(conversation) in (visible_ids(by) or ()):
        channel = conversation
    return channel_for(by, channel, named="agentId")


def _place_of(agent: AgentSnapshot, conversation: object) -> UUID:
    """A conversation that the agent was not let into, and one that is not, look the same."""
    place = id_or_nil(conversation) if conversation else agent.id
    if is_let_in(agent.id, place):
        return place
    raise Forbidden("Not your conversation")


def _refuse_elsewhere(message_id: UUID | None, place: UUID) -> None:
    """The message that a run is about stands in its conversation; another one and none look the same."""
    if message_id is None:
        return
    message = messages_of([message_id]).get(message_id)
    if message is None or message.agent.id != place:
        raise Invalid.field("messageId", "must be a message of this conversation")


def _may_be_asked(agent_id: object, home: AgentSnapshot) -> AgentSnapshot:
    wanted = id_or_nil(agent_id)
    own = home if wanted == home.id else None
    rows = Guest.objects.filter(agent_id=wanted, channel_id=home.id).select_related("agent")
    found = own or next((AgentSnapshot.of(row.agent) for row in rows), None)
    if found is None or not found.takes_runs:
        raise _not_to_be_asked()
    return found


def _not_to_be_asked() -> Invalid:
    return Invalid.field("agentId", "must be an agent that takes runs in this conversation")

"""A human writes to an agent."""

from django.db import transaction

from agents.snapshots import AgentSnapshot
from inbox.channels import channel_for
from inbox.models import Message, SenderType
from inbox.services.arriving import clean_text, created, once, same_client_id
from inbox.snapshots import MessageSnapshot
from placet.events.outbox import record
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Conflict, Forbidden, Invalid


def write_message(
    *, by: Actor, agent_id: object, text: str, client_id: str | None = None
) -> MessageSnapshot:
    """A human writes to an agent. A resend with the same `client_id` answers the message that is there."""
    if not by.is_human:
        raise Forbidden("Only a person writes as a person.")
    agent = channel_for(by, agent_id, named="channelId")
    if not text.strip():
        raise Invalid.field("text", 'must not be empty; got ""')
    cleaned = clean_text(text)
    return once(
        by,
        agent,
        lambda: _written_before(by, agent, client_id),
        lambda: _insert_humans(by, agent, cleaned, client_id),
    )


@transaction.atomic
def _insert_humans(
    by: Actor, agent: AgentSnapshot, text: str | None, client_id: str | None
) -> MessageSnapshot:
    at = now()
    row = Message.objects.create(
        agent_id=agent.id,
        sender_type=SenderType.USER,
        sender_user_id=by.user_id,
        sender_name=by.name,
        text=text,
        client_id=client_id,
        created_at=at,
        updated_at=at,
    )
    record(created(row, None), by=by)
    return MessageSnapshot.just_written(row, agent=agent, review=None)


def _written_before(
    by: Actor, agent: AgentSnapshot, client_id: str | None
) -> MessageSnapshot | None:
    found = same_client_id(agent, client_id, SenderType.USER)
    if found and found.sender_user_id != by.user_id:
        raise Conflict("This clientId was already used by somebody else.")
    return found

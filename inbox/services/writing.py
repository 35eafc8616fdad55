"""A human writes to an agent."""

from collections.abc import Sequence

from django.db import transaction

from agents.snapshots import AgentSnapshot
from inbox.channels import channel_for
from inbox.models import Message, SenderType
from inbox.services.arriving import (
    Attachments,
    Carried,
    clean_text,
    created,
    once,
    same_client_id,
)
from inbox.snapshots import MessageSnapshot
from placet.events.outbox import record
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Conflict, FieldError, Forbidden, Invalid
from placet.lib.ids import new_id
from placet.lib.wording import seen


def write_message(
    *,
    by: Actor,
    agent_id: object,
    text: str = "",
    client_id: str | None = None,
    attachments: Attachments = Attachments(),  # noqa: B008 - frozen
) -> MessageSnapshot:
    """A human writes to an agent. A resend with the same `client_id` answers the message that is there."""
    if not by.is_human:
        raise Forbidden("Only a person writes as a person.")
    agent = channel_for(by, agent_id, named="channelId")
    if not (text.strip() or attachments):
        raise _empty()
    cleaned = clean_text(text if text.strip() else None)

    def insert() -> MessageSnapshot:
        with attachments.put(agent) as carried:
            return _insert_humans(by, agent, cleaned, carried, client_id)

    return once(by, agent, lambda: _written_before(by, agent, client_id), insert)


@transaction.atomic
def _insert_humans(
    by: Actor, agent: AgentSnapshot, text: str | None, carried: Carried, client_id: str | None
) -> MessageSnapshot:
    at, message_id = now(), new_id()
    files = carried.attach(by, agent, message_id)
    if not (files or text):
        raise _empty(carried.ids)
    row = Message.objects.create(
        id=message_id,
        agent_id=agent.id,
        sender_type=SenderType.USER,
        sender_user_id=by.user_id,
        sender_name=by.name,
        text=text,
        client_id=client_id,
        has_files=bool(files),
        created_at=at,
        updated_at=at,
    )
    record(created(row, None), by=by)
    return MessageSnapshot.just_written(row, agent=agent, review=None, files=files)


def _written_before(
    by: Actor, agent: AgentSnapshot, client_id: str | None
) -> MessageSnapshot | None:
    found = same_client_id(agent, client_id, SenderType.USER)
    if found and found.sender_user_id != by.user_id:
        raise Conflict("This clientId was already used by somebody else.")
    return found


def _empty(attachment_ids: Sequence[str] = ()) -> Invalid:
    errors = [FieldError("text", 'must not be empty without a file; got ""')]
    if attachment_ids:
        rule = "must name files of yours that were stored in this channel and not sent yet"
        ids = seen(", ".join(attachment_ids))
        errors.append(FieldError("attachmentIds", f"{rule}; got {ids}"))
    return Invalid("Validation failed", errors=errors)

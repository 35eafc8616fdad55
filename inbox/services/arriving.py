"""What every new message has in common, whoever sends it."""

from collections.abc import Callable

from django.db import IntegrityError

from agents.snapshots import AgentSnapshot
from inbox.channels import channel_for
from inbox.models import Message, SenderType
from inbox.snapshots import MessageSnapshot
from placet.events import catalogue
from placet.lib.actors import Actor
from placet.lib.errors import Invalid

LONGEST_TEXT = 200_000


def once(
    by: Actor,
    agent: AgentSnapshot,
    look: Callable[[], MessageSnapshot | None],
    insert: Callable[[], MessageSnapshot],
) -> MessageSnapshot:
    """Look, insert, and when a twin was faster look again: the unique constraint decides, not the first look."""
    if found := look():
        return found
    try:
        return insert()
    except IntegrityError:
        if found := look():
            return found
        # No twin, so the agent itself may have been deleted meanwhile: refused as if it had been gone before.
        channel_for(by, agent.id)
        raise


def same_client_id(
    agent: AgentSnapshot, client_id: str | None, sender: SenderType
) -> MessageSnapshot | None:
    if not client_id:
        return None
    rows = Message.objects.filter(agent_id=agent.id, client_id=client_id, sender_type=sender)
    row = rows.select_related("agent", "review").first()
    return MessageSnapshot.of(row) if row else None


def created(row: Message, review_type: str | None) -> catalogue.MessageCreated:
    return catalogue.MessageCreated(
        agent_id=row.agent_id,
        message_id=row.pk,
        sender_type=str(row.sender_type),
        review_type=review_type,
    )


def clean_text(text: str | None) -> str | None:
    if text and len(text) > LONGEST_TEXT:
        raise Invalid.field("text", f"must be at most {LONGEST_TEXT} characters; got {len(text)}")
    return text

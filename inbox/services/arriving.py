"""What every new message has in common, whoever sends it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from agents.snapshots import AgentSnapshot
from files.services import linking, storing
from files.snapshots import FileSnapshot
from inbox.channels import channel_for
from inbox.listing import snapshot
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
    return snapshot(row) if row else None


@dataclass(frozen=True, kw_only=True)
class Attachments:
    """What a new message is to carry: files that were stored before, by their ids, and what comes along with it."""

    ids: Sequence[str] = ()
    arrivals: Sequence[storing.Arrival] = ()

    def __bool__(self) -> bool:
        return bool(self.ids or self.arrivals)

    @contextmanager
    def put(self, agent: AgentSnapshot) -> Iterator["Carried"]:
        """What came along is put away, and goes again when the message does not come to be."""
        linking.refuse_too_many(len(self.ids) + len(self.arrivals))
        with storing.putting(agent, self.arrivals) as put:
            yield Carried(ids=self.ids, put=put)


@dataclass(frozen=True, kw_only=True)
class Carried:
    ids: Sequence[str]
    put: Sequence[storing.Put]

    def attach(self, by: Actor, agent: AgentSnapshot, message_id: UUID) -> tuple[FileSnapshot, ...]:
        """In the transaction of the message; what is none of the channel's is skipped, as on the wire."""
        if not (self.ids or self.put):
            return ()
        kept = storing.keep(by=by, agent=agent, put=self.put) if self.put else []
        ids = [*self.ids, *(file.id for file in kept)]
        return linking.attach(by=by, agent_id=agent.id, message_id=message_id, file_ids=ids)


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

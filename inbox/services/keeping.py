"""What happens to a message that is there: received, read, deleted."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from agents.selectors import visible_ids
from files.selectors import has_files
from inbox.channels import channel_for
from inbox.models import DeliveryStatus, Message, ReadMark
from inbox.selectors import row_for
from placet.events import catalogue
from placet.events.models import Recorded
from placet.events.outbox import record, record_all
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden
from placet.lib.ids import parse_id
from reviews import services as reviews


@transaction.atomic
def acknowledge(*, by: Actor, message_id: object, channel: object = None) -> None:
    """The agent says it has the message."""
    agent = channel_for(by, channel)
    row = row_for(by, message_id, agent_id=agent.id)
    rows = Message.objects.filter(pk=row.pk).exclude(delivery_status=DeliveryStatus.AGENT_RECEIVED)
    if rows.update(delivery_status=DeliveryStatus.AGENT_RECEIVED, updated_at=now()):
        delivery = DeliveryStatus.AGENT_RECEIVED.value
        record(
            catalogue.MessageDelivery(
                agent_id=row.agent_id, message_id=row.pk, delivery_status=delivery
            ),
            by=by,
        )


@transaction.atomic
def note_delivery(*, by: Actor, message_ids: Iterable[UUID], delivered: bool) -> None:
    """How the webhooks of these messages went. Never over what the agent said itself, nor a failure over a delivery."""
    to, over = DeliveryStatus.WEBHOOK_FAILED, [DeliveryStatus.SENT]
    if delivered:
        to, over = DeliveryStatus.WEBHOOK_DELIVERED, [DeliveryStatus.SENT, to]
    _note(by, message_ids, to=to, over=over)


@transaction.atomic
def note_sending_again(*, by: Actor, message_ids: Iterable[UUID]) -> None:
    """Somebody had these sent once more: what could not be delivered is on its way again."""
    _note(by, message_ids, to=DeliveryStatus.SENT, over=[DeliveryStatus.WEBHOOK_FAILED])


@transaction.atomic
def mark_read(*, by: Actor, agent_id: object, message_id: object = None) -> None:
    """Everything up to `message_id` (or all there is) has been read; a mark never moves back."""
    agent = channel_for(by, agent_id)
    last = parse_id(message_id) if message_id else _last_id(agent.id)
    if last is None:
        return
    mark = {"message_id": last, "read_at": now()}
    row, created = ReadMark.objects.get_or_create(
        user_id=by.user_id, agent_id=agent.id, defaults=mark
    )
    moved = created or ReadMark.objects.filter(pk=row.pk, message_id__lt=last).update(**mark)
    if moved:
        record(catalogue.ChannelRead(agent_id=agent.id, user_id=by.user_id), by=by)


@transaction.atomic
def take_back(*, by: Actor, message_id: object, channel: object = None) -> None:
    """The agent withdraws its question."""
    agent = channel_for(by, channel)
    row = row_for(by, message_id, agent_id=agent.id)
    _refuse_guests(by, row)
    reviews.cancel_review(by=by, review_id=row.pk)


@transaction.atomic
def delete_message(*, by: Actor, message_id: object, channel: object = None) -> None:
    """Remove a message and the review it carries; a parked wait on it ends with 404."""
    agent = channel_for(by, channel)
    row = row_for(by, message_id, agent_id=agent.id)
    _refuse_guests(by, row)
    if row.review_id:
        reviews.hold(review_id=row.review_id)
    record(catalogue.MessageDeleted(agent_id=row.agent_id, message_id=row.pk), by=by)
    # Deleting the review takes the message with it; the other way round would leave the question behind.
    (row.review or row).delete()


def note_deleted_files(recorded: Sequence[Recorded]) -> None:
    """Beside `file:deleted`: a message that has lost its last file is none with files any more."""
    for one in recorded:
        if one.type == catalogue.FileDeleted.type and (message_id := one.data.get("messageId")):
            bare = not has_files(UUID(message_id))
            Message.objects.filter(pk=message_id).update(has_files=not bare, updated_at=now())


def _refuse_guests(by: Actor, row: Message) -> None:
    """A host reads what a guest says in its conversation, and has no say in it."""
    if by.is_key and row.author_id and row.author_id not in (visible_ids(by) or ()):
        raise Forbidden("Another agent said this.")


def _note(
    by: Actor, message_ids: Iterable[UUID], *, to: DeliveryStatus, over: list[DeliveryStatus]
) -> None:
    rows = Message.objects.filter(pk__in=list(message_ids), delivery_status__in=over)
    # Locked where the database can: an acknowledgement between look and change must win.
    found = list(rows.select_for_update().order_by("pk").values_list("pk", "agent_id"))
    Message.objects.filter(pk__in=[pk for pk, _ in found]).update(
        delivery_status=to, updated_at=now()
    )
    news = [
        catalogue.MessageDelivery(agent_id=agent_id, message_id=pk, delivery_status=to.value)
        for pk, agent_id in found
    ]
    if news:
        record_all(news, by=by)


def _last_id(agent_id: UUID) -> UUID | None:
    return (
        Message.objects.filter(agent_id=agent_id)
        .order_by("-id")
        .values_list("pk", flat=True)
        .first()
    )

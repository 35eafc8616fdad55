"""Which agents may speak in a conversation that is not their own."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from agents.selectors import managed_ids
from placet.events import catalogue
from placet.events.outbox import record
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden, Invalid, NotFound
from placet.lib.ids import id_or_nil
from runs.models import Guest, Run
from runs.services.changing import until_first
from runs.services.ending import end_all
from runs.snapshots import GuestSnapshot


@transaction.atomic
def admit(
    *, by: Actor, agent_id: object, channel: object, at: datetime | None = None
) -> GuestSnapshot:
    """Let an agent into another one's conversation: whoever manages both may. It can then be mentioned there."""
    guest, home = _both(by, agent_id, channel)
    if guest == home:
        raise Invalid.field("agentId", "must be another agent than the conversation's own")
    row, is_new = Guest.objects.get_or_create(
        agent_id=guest, channel_id=home, defaults={"created_at": at or now()}
    )
    if is_new:
        _told(guest, home, granted=True, by=by)
    return GuestSnapshot.of(row)


@until_first
def dismiss(*, by: Actor, agent_id: object, channel: object, at: datetime | None = None) -> None:
    """Show it out again: what it still does there is stopped, and it may not speak there any more."""
    guest, home = _both(by, agent_id, channel)
    guests = Guest.objects.filter(agent_id=guest, channel_id=home)
    # Before the look at its runs: who begins one there holds it too.
    list(guests.select_for_update().values_list("pk", flat=True))
    end_all(Run.objects.filter(agent_id=guest, channel_id=home), by=by, at=at or now())
    if guests.delete()[0]:
        _told(guest, home, granted=False, by=by)


def _both(by: Actor, agent_id: object, channel: object) -> tuple[UUID, UUID]:
    if not by.is_human:
        raise Forbidden("Only a person lets agents into a conversation.")
    guest, home = id_or_nil(agent_id), id_or_nil(channel)
    if not {guest, home} <= managed_ids(by):
        raise NotFound("Agent not found")
    return guest, home


def _told(guest: UUID, home: UUID, *, granted: bool, by: Actor) -> None:
    record(catalogue.AgentAccess(agent_id=guest, conversation_id=home, granted=granted), by=by)

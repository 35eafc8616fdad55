"""Deliveries go, with their attempts: when they are old, and with whose they are."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from placet.events import catalogue
from placet.events.models import Recorded
from webhooks.models import Delivery, DeliveryQuerySet, DeliveryStatus, Endpoint

BATCH = 500


def forget_deliveries(*, before: datetime) -> int:
    """Drop settled deliveries older than `before`; how many. Every batch by itself, so that who writes need not wait for all."""
    old = Delivery.objects.filter(created_at__lt=before).exclude(status=DeliveryStatus.PENDING)
    return forget(old)


def forget(rows: DeliveryQuerySet) -> int:
    """Drop these, a batch at a time; how many."""
    forgotten = 0
    while some := _forget_some(rows):
        forgotten += some
    return forgotten


def follow_gone_agents(events: Iterable[Recorded]) -> None:
    """Beside `agent:deleted`: what is queued for the agent or tells of it is not sent any more."""
    for one in events:
        if one.type == catalogue.AgentDeleted.type and one.agent_id:
            _forget_all_of(UUID(one.agent_id))


def _forget_all_of(agent_id: UUID) -> None:
    own = Endpoint.objects.filter(agent_id=agent_id).values("pk")
    forget(Delivery.objects.filter(Q(agent_id=agent_id) | Q(endpoint__in=own)))


@transaction.atomic
def _forget_some(rows: DeliveryQuerySet) -> int:
    # Locked first, and in the order in which workers lock what they settle: a try that is noted in between would be left over.
    locked = rows.select_for_update().order_by("pk").values_list("pk", flat=True)
    ids = list(locked[:BATCH])
    return Delivery.objects.filter(pk__in=ids).delete()[1].get(Delivery._meta.label, 0)

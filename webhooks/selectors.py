"""Guarded reads of endpoints and deliveries, and what a worker asks before it works."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from agents.selectors import managed_ids
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import NotFound
from placet.lib.ids import id_or_nil, parse_id
from webhooks.models import (
    Attempt,
    Circuit,
    Delivery,
    DeliveryQuerySet,
    DeliveryStatus,
    Endpoint,
    Off,
)
from webhooks.snapshots import (
    AttemptSnapshot,
    DeliveryPage,
    DeliverySnapshot,
    EndpointSnapshot,
    Health,
    SwitchedOff,
)
from webhooks.targets import endpoint_of_key, keys_of

PAGE, MOST_ENDPOINTS, MOST_ATTEMPTS, MOST_COUNTED = 50, 200, 100, 1_000


def workspace_endpoints(by: Actor) -> list[EndpointSnapshot]:
    """The endpoints of the workspace, newest first; none for who is no owner."""
    if not by.is_owner:
        return []
    rows = Endpoint.objects.of_workspace().prefetch_related("only_agents")[:MOST_ENDPOINTS]
    return _with_health(list(rows))


def endpoint_names(by: Actor) -> list[tuple[UUID, str]]:
    """The same to choose from."""
    if not by.is_owner:
        return []
    rows = Endpoint.objects.of_workspace().order_by("name")
    return list(rows.values_list("pk", "name")[:MOST_ENDPOINTS])


def endpoint_for(by: Actor, endpoint_id: object) -> EndpointSnapshot:
    return _with_health([endpoint_row_for(by, endpoint_id)])[0]


def endpoint_of_agent(by: Actor, agent_id: object) -> EndpointSnapshot | None:
    """How the agent's webhook does: for who manages the agent; None while it has none."""
    row = Endpoint.objects.filter(agent_id=id_or_nil(agent_id)).first()
    if row is None or row.agent_id not in managed_ids(by):
        return None
    return _with_health([row])[0]


def switched_off_by_us(by: Actor) -> list[SwitchedOff]:
    """The endpoints the actor manages that Placet gave up on: somebody has to look at them."""
    rows = Endpoint.objects.filter(off__in=(Off.GONE, Off.DEAD)).select_related("agent")
    mine = Q(agent_id__in=managed_ids(by)) | (Q(agent=None) if by.is_owner else Q(pk__in=()))
    found = rows.filter(mine).only("name", "off", "off_since", "agent__name")
    return [SwitchedOff.of(row) for row in found[:MOST_ENDPOINTS]]


def delivery_for(by: Actor, delivery_id: object) -> DeliverySnapshot:
    return DeliverySnapshot.of(delivery_row_for(by, delivery_id))


def attempts_of(by: Actor, delivery_id: object) -> list[AttemptSnapshot]:
    """Every try of a delivery, the latest first."""
    row = delivery_row_for(by, delivery_id)
    rows = Attempt.objects.filter(delivery=row).order_by("-pk")[:MOST_ATTEMPTS]
    return [AttemptSnapshot.of(attempt) for attempt in rows]


def deliveries_page(
    by: Actor, *, cursor: str | None = None, limit: int = PAGE, **chosen: object
) -> DeliveryPage:
    """One page of deliveries, newest first; `chosen` as for `chosen_rows`."""
    rows = chosen_rows(by, **chosen)
    if cursor:
        if (before := parse_id(cursor)) is None:
            return DeliveryPage(deliveries=(), next_cursor=None)
        rows = rows.filter(pk__lt=before)
    found = [DeliverySnapshot.of(row) for row in rows.order_by("-pk")[: limit + 1]]
    more = len(found) > limit
    return DeliveryPage(
        deliveries=tuple(found[:limit]), next_cursor=str(found[limit - 1].id) if more else None
    )


def failed_rows_for(by: Actor, **chosen: object) -> DeliveryQuerySet:
    rows = chosen_rows(by, **{**chosen, "status": DeliveryStatus.FAILED})
    return rows.order_by("pk")


def count_failed(by: Actor, **chosen: object) -> int:
    """How many; counted up to MOST_COUNTED, so that a flood of them cannot slow the page."""
    return failed_rows_for(by, **chosen)[:MOST_COUNTED].count()


def chosen_rows(
    by: Actor,
    *,
    status: object = None,
    agent_id: object = None,
    endpoint_id: object = None,
    message_id: object = None,
    event: object = None,
) -> DeliveryQuerySet:
    """The rows themselves, for this app's services and lists: what the actor may see of what was asked for."""
    rows = _visible(by)
    if status:
        rows = rows.filter(status=status)
    if event:
        rows = rows.filter(event_type=event)
    ids = {"agent_id": agent_id, "endpoint_id": endpoint_id, "message_id": message_id}
    wanted = {name: id_or_nil(value) for name, value in ids.items() if value}
    return rows.filter(**wanted)


def latest_for_message(message_id: UUID, event_type: str) -> Delivery | None:
    """For this app's services: the last delivery to a message's agent."""
    rows = Delivery.objects.to_its_agent().filter(message_id=message_id)
    return rows.filter(event_type=event_type).order_by("-pk").first()


def next_due() -> datetime | None:
    """When there is something to send next; None when nothing waits. What stands before an open circuit waits for it."""
    is_open = Circuit.objects.filter(open_until__gt=now()).values("target")
    rows = Delivery.objects.pending().exclude(target__in=is_open).order_by("due_at")
    return rows.values_list("due_at", flat=True).first()


def pending_count(most: int) -> int:
    """How many deliveries wait, counted no further than `most`."""
    return Delivery.objects.pending().order_by()[:most].count()


def given_up_count() -> int:
    return Endpoint.objects.filter(off__in=(Off.GONE, Off.DEAD)).count()


def endpoint_row_for(by: Actor, endpoint_id: object) -> Endpoint:
    """The row itself, for this app's services: an owner's, or that of an agent the actor manages."""
    rows = Endpoint.objects.prefetch_related("only_agents").filter(pk=id_or_nil(endpoint_id))
    for row in rows:
        if by.is_owner or by.kind == "system" or row.agent_id in managed_ids(by):
            return row
    raise NotFound("Endpoint not found")


def delivery_row_for(by: Actor, delivery_id: object) -> Delivery:
    """The row itself, for this app's services; a stranger's delivery and none look the same."""
    row = _visible(by).filter(pk=id_or_nil(delivery_id)).first()
    if row is None:
        raise NotFound("Delivery not found")
    return row


def _visible(by: Actor) -> DeliveryQuerySet:
    return Delivery.objects.visible_to(by, list(managed_ids(by)))


def _with_health(rows: list[Endpoint]) -> list[EndpointSnapshot]:
    """Told in several dialects, an endpoint is as well as the one that does worst."""
    keys = {row.pk: keys_of(row) for row in rows}
    wanted = [key for several in keys.values() for key in several]
    found = Circuit.objects.filter(target__in=wanted).order_by("failures")
    worst = {endpoint_of_key(one.target).endpoint_id: one for one in found}
    return [EndpointSnapshot.of(row, health=Health.of(worst.get(row.pk))) for row in rows]

"""A delivery comes to be: beside the change it tells of, as a test, or once more."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from agents.webhook import webhooks_of
from inbox.selectors import message_for
from inbox.services.keeping import note_sending_again
from inbox.snapshots import MessageSnapshot
from placet.events import catalogue
from placet.events.models import Recorded
from placet.lib.actors import Actor
from placet.lib.clock import iso, now
from placet.lib.errors import Invalid
from placet.lib.ids import new_id
from placet.lib.nudge import nudge_after_commit
from webhooks import dialects
from webhooks.dialects import TEST
from webhooks.models import Delivery, DeliveryStatus, Endpoint, Kind
from webhooks.selectors import (
    delivery_row_for,
    endpoint_row_for,
    failed_rows_for,
    latest_for_message,
)
from webhooks.snapshots import DeliverySnapshot
from webhooks.targets import Switchboard, Target, is_told, key_of_endpoint

#: By name: a service knows no task.
DELIVER = "webhooks.tasks.deliver_due"
MOST_AT_ONCE = 10_000


def queue(events: Sequence[Recorded]) -> None:
    """Beside the change: a bare row for every event and address. It reads no content, so no content can undo the change."""
    told, at = [one for one in events if is_told(one) or dialects.any_hears(one)], now()
    if not told:
        return
    board = Switchboard(told)
    rows = [_bare(one, target, at) for one in told for target in board.targets(one)]
    _line_up([row for row in rows if row.facts.get("activityType") == "prompt"])
    if rows:
        Delivery.objects.bulk_create(rows, batch_size=500)
        nudge_after_commit(DELIVER)


@transaction.atomic
def send_test(*, by: Actor, endpoint_id: object) -> DeliverySnapshot:
    """Send an endpoint a `webhook:test`, signed and delivered like everything else: in each of its dialects. The first of them."""
    endpoint = endpoint_row_for(by, endpoint_id)
    if endpoint.off:
        raise Invalid.field("endpoint", "must be switched on to be tested")
    if endpoint.agent_id and endpoint.agent_id not in webhooks_of([endpoint.agent_id]):
        raise Invalid.field("endpoint", "must have an address to be tested")
    told_in = dialects.known(endpoint.dialects) if endpoint.dialects else [""]
    if not told_in:
        raise Invalid.field("endpoint", "must speak a dialect that is known to be tested")
    event_id, at = f"evt_test_{new_id().hex}", now()
    rows = [_trial(endpoint, dialect, event_id, at) for dialect in told_in]
    Delivery.objects.bulk_create(rows)
    nudge_after_commit(DELIVER)
    return DeliverySnapshot.of(rows[0])


@transaction.atomic
def replay(*, by: Actor, delivery_id: object) -> DeliverySnapshot:
    """Send a delivery again: the same event, the same body, a new round of tries. One that is under way is left to it."""
    _again(by, [delivery_row_for(by, delivery_id).pk])
    # Looked for again and not refreshed: it may be gone meanwhile, which is no fault.
    return DeliverySnapshot.of(delivery_row_for(by, delivery_id))


@transaction.atomic
def retry_message(*, by: Actor, message_id: object) -> None:
    """Tell the agent once more what a person wrote or responded: the delivery there was, else a new one."""
    message = message_for(by, message_id)
    event = _retried_event(message)
    if row := latest_for_message(message.id, event.type):
        _again(by, [row.pk])
        return
    recorded = Recorded(
        id=0,
        type=event.type,
        data=event.data(),
        agent_id=str(message.agent.id),
        user_id=None,
        recorded_at=iso(now()) or "",
    )
    queue([recorded])
    if latest_for_message(message.id, event.type) is None:
        raise Invalid.field("message", "must be of an agent that has a webhook")
    note_sending_again(by=by, message_ids=[message.id])


@transaction.atomic
def replay_failed(*, by: Actor, **chosen: object) -> int:
    """The same for every failed delivery among those chosen; how many."""
    rows = failed_rows_for(by, **chosen).values_list("pk", flat=True)
    return _again(by, list(rows[:MOST_AT_ONCE]))


def _line_up(prompts: Sequence[Delivery]) -> None:
    """Nobody is told of a prompt before its run: it waits for the first try of that news."""
    if not prompts:
        return
    run_ids = {row.facts["runId"] for row in prompts}
    rows = Delivery.objects.begins({row.target for row in prompts}, run_ids)
    begun = {
        (target, facts["runId"]): pk
        for pk, target, facts in rows.values_list("pk", "target", "facts")
    }
    for row in prompts:
        row.after = begun.get((row.target, row.facts["runId"]))


def _again(by: Actor, ids: list[UUID]) -> int:
    rows = Delivery.objects.filter(pk__in=ids, taken=False)
    shown = rows.shown_on_messages().values_list("message_id", flat=True)
    note_sending_again(by=by, message_ids=filter(None, shown))
    done = rows.update(status=DeliveryStatus.PENDING, tries=0, due_at=now(), settled_at=None)
    if done:
        nudge_after_commit(DELIVER)
    return done


def _retried_event(message: MessageSnapshot) -> catalogue.Event:
    agent_id, message_id = message.agent.id, message.id
    if message.is_human:
        return catalogue.MessageCreated(
            agent_id=agent_id, message_id=message_id, sender_type=message.sender_type
        )
    if message.review and message.review.status == "completed":
        return catalogue.ReviewResponded(agent_id=agent_id, message_id=message_id)
    raise Invalid.field("message", "must be one a person wrote, or carry a response")


def _trial(endpoint: Endpoint, dialect: str, event_id: str, at: datetime) -> Delivery:
    return Delivery(
        event_id=event_id,
        event_type=TEST,
        facts={"sentAt": at.isoformat(), "recordedAt": iso(at)},
        agent_id=endpoint.agent_id,
        kind=Kind.AGENT if endpoint.agent_id else Kind.WORKSPACE,
        endpoint=endpoint,
        dialect=dialect,
        target=key_of_endpoint(endpoint.pk, dialect),
        due_at=at,
        created_at=at,
    )


def _bare(recorded: Recorded, target: Target, at: datetime) -> Delivery:
    message_id = recorded.data.get("messageId")
    return Delivery(
        event_id=recorded.event_id,
        event_type=recorded.type,
        facts={**recorded.data, "recordedAt": recorded.recorded_at},
        agent_id=UUID(recorded.agent_id) if recorded.agent_id else None,
        message_id=UUID(message_id) if message_id else None,
        kind=target.kind,
        endpoint_id=target.endpoint_id,
        url=target.url,
        method=target.method,
        headers=target.headers,
        dialect=target.dialect,
        target=target.key,
        due_at=at,
        created_at=at,
    )

"""What a worker takes, and what became of it. Every question is asked once for a whole batch."""

import logging
import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F

from inbox.services.keeping import note_delivery
from placet.lib.actors import SYSTEM
from placet.lib.clock import now
from placet.totals import services as totals
from webhooks.metrics import gains_of
from webhooks.models import Attempt, Delivery, DeliveryStatus, Endpoint
from webhooks.outcomes import Outcome
from webhooks.parcels import Packer, Parcel, hopeless
from webhooks.services import circuits

log = logging.getLogger(__name__)
#: When it is tried again after the first, second, … failure. After the last of them it has failed.
RETRY_SECONDS = (5, 30, 120, 600, 3_600, 4 * 3_600, 12 * 3_600, 24 * 3_600)
JITTER = 0.1
#: A try lasts ten seconds at most. Whoever has taken a delivery and not said by then what became of it is dead.
LEASE = timedelta(seconds=20)
#: How far down the queue one look goes: what stands behind a full target is reached when that one is left out.
LOOKED_AT = 500


def take(*, most: int, most_each: int, full: Collection[str] = ()) -> list[Parcel]:
    """Take up to `most` due deliveries, `most_each` a target and none of `full`; what cannot be sent is settled at once.

    None only when there is none: what cannot be sent must not hide what can.
    """
    while rows := _taken(most, most_each, full):
        if parcels := _packed(rows):
            return parcels
    return []


@transaction.atomic
def settle(outcomes: Sequence[Outcome]) -> None:
    """Note what became of some tries: delivered, due again or failed for good; and what that says of their receivers."""
    before = _before({one.delivery_id for one in outcomes})
    known = [one for one in outcomes if one.delivery_id in before]
    _note_attempts(known, before)
    _settle_good([one for one in known if one.is_good])
    # A second try of a delivery that another worker has meanwhile brought home changes nothing.
    _settle_bad([o for o in known if not o.is_good and before[o.delivery_id].is_pending], before)
    circuits.judge(known)
    # Last: another worker may hold the same few rows, and everything before need not wait for it.
    totals.add(gains_of(known))


@transaction.atomic
def give_back(delivery_ids: Iterable[UUID]) -> None:
    """What was taken and not tried, by a worker that leaves: the next one need not wait for the lease."""
    rows = Delivery.objects.pending().filter(pk__in=list(delivery_ids), taken=True)
    rows.update(taken=False, due_at=now())


class _Looked(NamedTuple):
    pk: UUID
    target: str
    endpoint_id: UUID | None
    after: UUID | None


@transaction.atomic
def _taken(most: int, most_each: int, full: Collection[str]) -> list[Delivery]:
    at = now()
    queue = Delivery.objects.due(at).exclude(target__in=full)
    queue = queue.exclude(target__in=circuits.open_at(at))
    looked = [_Looked(*row) for row in queue.values_list(*_Looked._fields)[:LOOKED_AT]]
    looked = _in_turn(looked)
    off = _targets_off(looked)
    shaky = circuits.shaky({one.target for one in looked}) - off
    # What is switched off is not asked, so it needs no slots.
    limits = dict.fromkeys(shaky, 1) | dict.fromkeys(off, most)
    chosen = _chosen(looked, most, limits, most_each)
    # The condition again: whoever chose the same ones a moment earlier has moved them into the future.
    rows = Delivery.objects.pending().filter(pk__in=chosen, due_at__lte=at)
    mine = list(rows.select_for_update(skip_locked=True))
    Delivery.objects.filter(pk__in=[row.pk for row in mine]).update(due_at=at + LEASE, taken=True)
    circuits.probe({row.target for row in mine} & shaky, until=at + LEASE)
    return mine


def _in_turn(looked: list[_Looked]) -> list[_Looked]:
    """Without those that wait for another one's first try. They stay due, so whoever notes that try finds them at once."""
    awaited = {one.after for one in looked if one.after}
    if not awaited:
        return looked
    untried = Delivery.objects.pending().filter(pk__in=awaited, tried=0)
    waiting = set(untried.values_list("pk", flat=True))
    return [one for one in looked if one.after not in waiting]


def _targets_off(looked: Sequence[_Looked]) -> set[str]:
    ids = {one.endpoint_id for one in looked if one.endpoint_id}
    off = set(Endpoint.objects.filter(pk__in=ids).exclude(off="").values_list("pk", flat=True))
    return {one.target for one in looked if one.endpoint_id in off}


def _chosen(
    looked: Iterable[_Looked], most: int, limits: Mapping[str, int], most_each: int
) -> list[UUID]:
    room = Counter[str]()
    chosen: list[UUID] = []
    for one in looked:
        if len(chosen) < most and room[one.target] < limits.get(one.target, most_each):
            room[one.target] += 1
            chosen.append(one.pk)
    return chosen


def _packed(rows: Sequence[Delivery]) -> list[Parcel]:
    packer = Packer(rows)
    broken = _freeze(packer, [row for row in rows if row.body is None])
    parcels = [*broken, *(packer.pack(row) for row in rows if row.body is not None)]
    if unsendable := [parcel for parcel in parcels if parcel.fault]:
        settle([Outcome.of_fault(parcel, at=now()) for parcel in unsendable])
    return [parcel for parcel in parcels if not parcel.fault]


def _freeze(packer: Packer, rows: Sequence[Delivery]) -> list[Parcel]:
    """Write the bodies that are not written yet. One that cannot be is a bug, and must not hold up the others."""
    broken, written = [], []
    for row in rows:
        try:
            packer.freeze(row)
        except Exception:
            log.exception("webhook.unwritable", extra={"delivery": str(row.pk)})
            broken.append(hopeless(row, "The body could not be written."))
        else:
            written.append(row)
    Delivery.objects.write_bodies(written)
    return broken


class _Before(NamedTuple):
    """What a delivery's row says before its news is written."""

    status: str
    tries: int
    tried: int

    @property
    def is_pending(self) -> bool:
        return self.status == DeliveryStatus.PENDING


def _before(ids: Collection[UUID]) -> dict[UUID, _Before]:
    # Locked in one order where the database can: after a lease ran out two workers may bring news of the same delivery.
    rows = Delivery.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    found = rows.values_list("pk", "status", "tries", "tried")
    return {pk: _Before(status, tries, tried) for pk, status, tries, tried in found}


def _note_attempts(outcomes: Sequence[Outcome], before: Mapping[UUID, _Before]) -> None:
    Attempt.objects.bulk_create(
        [Attempt(number=before[o.delivery_id].tried + 1, **o.as_attempt()) for o in outcomes]
    )


def _settle_good(outcomes: Sequence[Outcome]) -> None:
    rows = Delivery.objects.filter(pk__in=[one.delivery_id for one in outcomes])
    rows.update(
        status=DeliveryStatus.DELIVERED,
        settled_at=now(),
        taken=False,
        tries=F("tries") + 1,
        tried=F("tried") + 1,
    )
    _show_on_messages(outcomes, delivered=True)


def _settle_bad(outcomes: Sequence[Outcome], before: Mapping[UUID, _Before]) -> None:
    for one in outcomes:
        step = _next_step(before[one.delivery_id].tries + 1, one)
        Delivery.objects.filter(pk=one.delivery_id).update(
            taken=False, tried=F("tried") + 1, **step
        )
    _show_on_messages(outcomes, delivered=False)


def _next_step(tries: int, outcome: Outcome) -> dict[str, object]:
    if outcome.is_hopeless or tries > len(RETRY_SECONDS):
        return {"tries": tries, "status": DeliveryStatus.FAILED, "settled_at": outcome.at}
    return {"tries": tries, "due_at": outcome.at + _pause(tries, outcome)}


def _pause(tries: int, outcome: Outcome) -> timedelta:
    """By the table, never all at the same moment; and not before the receiver wants to be asked again."""
    seconds = RETRY_SECONDS[tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
    longest = RETRY_SECONDS[-1]
    return timedelta(seconds=max(seconds, min(outcome.retry_after or 0, longest)))


def _show_on_messages(outcomes: Iterable[Outcome], *, delivered: bool) -> None:
    shown = {one.message_id for one in outcomes if one.message_id}
    if shown:
        note_delivery(by=SYSTEM, message_ids=shown, delivered=delivered)

"""How receivers do. One that fails again and again is asked by one try at a time whether it is back; one that stays dead is switched off."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from placet.events import catalogue
from placet.events.outbox import record
from placet.lib.actors import SYSTEM
from placet.lib.clock import now
from webhooks.models import Circuit, Delivery, Endpoint, Off
from webhooks.outcomes import GONE, Outcome
from webhooks.targets import endpoint_of_key

#: Failures in a row that open a circuit; and for how long, twice as long with each further one.
THRESHOLD = 5
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=5)
DEAD_AFTER = timedelta(days=3)


def open_at(at: datetime) -> "QuerySet[Circuit, str]":
    """The targets that are not to be asked just now, for a query: nobody knows how many there are."""
    return Circuit.objects.filter(open_until__gt=at).values_list("target", flat=True)


def shaky(targets: Iterable[str]) -> set[str]:
    """Those of the targets that get one try at a time."""
    rows = Circuit.objects.filter(target__in=list(targets), failures__gte=THRESHOLD)
    return set(rows.values_list("target", flat=True))


def probe(targets: Iterable[str], *, until: datetime) -> None:
    """One try is on its way to each of these: until it is back, or its lease has run out, there is no other."""
    Circuit.objects.filter(target__in=list(targets)).update(open_until=until)


def judge(outcomes: Sequence[Outcome]) -> None:
    """What some tries say of their receivers, in the transaction that notes them."""
    by_target = defaultdict[str, list[Outcome]](list)
    for one in outcomes:
        if one.was_sent:
            by_target[one.target].append(one)
    rows = Circuit.objects.select_for_update().filter(target__in=list(by_target)).order_by("target")
    known = {row.target: row for row in rows}
    for target, tries in sorted(by_target.items()):
        row = known.get(target) or Circuit(target=target)
        if any(one.is_good for one in tries):
            _back(row)
        else:
            _failed(row, tries)


def start_afresh(target: str) -> None:
    """Somebody has changed something at the receiver: what happened before does not count."""
    _back(Circuit.objects.filter(target=target).first() or Circuit(target=target))


def _back(row: Circuit) -> None:
    """It answers: whatever waits for it need not wait any longer, but for what a worker takes in this moment, which waits for us."""
    if not row.failures:
        return
    Circuit.objects.filter(pk=row.pk).update(failures=0, failing_since=None, open_until=None)
    waiting = Delivery.objects.pending().filter(target=row.target, taken=False)
    free = waiting.select_for_update(skip_locked=True).values("pk")
    Delivery.objects.filter(pk__in=free).update(due_at=now())


def _failed(row: Circuit, tries: Sequence[Outcome]) -> None:
    at = max(one.at for one in tries)
    failures = row.failures + len(tries)
    since = row.failing_since or min(one.at for one in tries)
    Circuit.objects.update_or_create(
        target=row.target,
        defaults={
            "failures": failures,
            "failing_since": since,
            "open_until": at + _pause(failures) if failures >= THRESHOLD else None,
        },
    )
    if any(one.code == GONE for one in tries):
        _switch_off(row.target, Off.GONE, at)
    elif at - since >= DEAD_AFTER:
        _switch_off(row.target, Off.DEAD, at)


def _switch_off(target: str, why: Off, at: datetime) -> None:
    """Only endpoints have a switch; the address of a single message or callback is not asked for long anyway."""
    key = endpoint_of_key(target)
    row = Endpoint.objects.on().filter(pk=key.endpoint_id).first()
    if row is None:
        return
    others = [name for name in row.dialects if name != key.dialect]
    if key.dialect and others:
        # It understands another one of its dialects: only this one is not told any more.
        Endpoint.objects.filter(pk=row.pk).update(dialects=others)
        record(catalogue.EndpointChanged(agent_id=row.agent_id, endpoint_id=row.pk), by=SYSTEM)
    elif Endpoint.objects.on().filter(pk=row.pk).update(off=why, off_since=at):
        event = catalogue.EndpointOff(
            agent_id=row.agent_id, endpoint_id=row.pk, reason=str(why.label)
        )
        record(event, by=SYSTEM)


def _pause(failures: int) -> timedelta:
    doublings = min(failures - THRESHOLD, 10)
    return min(SHORTEST_PAUSE * (1 << doublings), LONGEST_PAUSE)

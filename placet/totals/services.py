"""Keeping the totals: every event is added once, by whichever worker comes first."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from placet.events.selectors import events_for_good
from placet.totals.models import Total
from placet.totals.selectors import CURSOR, cursor
from placet.totals.tally import gains_of

#: A worker has other things to do as well: a million events of an older installation take it a quarter of an hour.
BATCH, MOST_BATCHES = 2000, 10


def count_up() -> int:
    """Add to the totals what was recorded since the last time; how many events that were. Two at once add it once."""
    counted = 0
    for _ in range(MOST_BATCHES):
        batch = _count_batch()
        counted += batch
        if batch < BATCH:
            break
    return counted


@transaction.atomic
def add(gains: Mapping[str, float]) -> None:
    """Raise totals by so much, in the order of their names: two callers that met crosswise would wait for each other."""
    names = sorted(gains)
    Total.objects.bulk_create([Total(name=name) for name in names], ignore_conflicts=True)
    for name in names:
        Total.objects.filter(name=name).update(value=F("value") + gains[name])


def _count_batch() -> int:
    since = cursor()
    events = events_for_good(since, limit=BATCH)
    if events and _add_up_to(events[-1].id, gains_of(events), since=since):
        return len(events)
    return 0


@transaction.atomic
def _add_up_to(newest: int, gains: Mapping[str, float], *, since: int) -> bool:
    """False when another one has counted these events meanwhile."""
    Total.objects.bulk_create([Total(name=CURSOR)], ignore_conflicts=True)
    moved = Total.objects.filter(name=CURSOR, value=since).update(value=newest)
    if moved:
        add(gains)
    return moved == 1

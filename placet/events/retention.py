"""How long the past is kept. Only its beginning ever goes, so what is kept has no holes."""

import time
from datetime import datetime
from itertools import takewhile

from placet.events.models import EventRow

#: The newest stay however old they are: whoever comes back with a cursor must find more than one look tells, and so see that
#: it missed some.
NEWEST_KEPT = 2_000
BATCH = 1_000
# Between two batches the other writers of an SQLite file get their turn.
BREATH_SECONDS = 0.02


def forget_events(*, before: datetime) -> int:
    """Drop the events at the beginning that were recorded before then; how many."""
    first_kept = _first_of_the_newest()
    forgotten = 0
    while some := _forget_some(before, first_kept):
        forgotten += some
        time.sleep(BREATH_SECONDS)
    return forgotten


def _forget_some(before: datetime, first_kept: int) -> int:
    oldest = EventRow.objects.filter(pk__lt=first_kept).order_by("pk")
    rows = oldest.values_list("pk", "recorded_at")[:BATCH]
    old = [pk for pk, _ in takewhile(lambda row: row[1] < before, rows)]
    return EventRow.objects.filter(pk__lte=old[-1]).delete()[0] if old else 0


def _first_of_the_newest() -> int:
    newest = EventRow.objects.order_by("-pk").values_list("pk", flat=True)
    return next(iter(newest[NEWEST_KEPT - 1 : NEWEST_KEPT]), 0)

"""Reading the past: what a reconnecting browser or a follower missed."""

from datetime import timedelta
from itertools import takewhile

from django.db import connection
from django.db.models import Q

from placet.events.models import EventRow, Recorded
from placet.events.outbox import LARGEST_BATCH
from placet.lib.clock import now

# Ids are handed out before commit, so a smaller id can appear after a larger one was read. Whoever reads by cursor looks
# this far back again and drops what it has already seen: two workers that sweep at once hand out two batches.
OVERLAP = 2 * LARGEST_BATCH
# Only what was recorded lately can have been committed lately. On a quiet day the look back finds nothing and costs nothing.
SLOWEST_COMMIT = timedelta(seconds=30)


def events_since(cursor: int, *, limit: int = 500) -> list[Recorded]:
    """Events after `cursor` in id order, after what was recorded lately up to OVERLAP ids earlier; the reader drops duplicates."""
    # One walk of the primary key, whatever the second condition filters out on the way.
    rows = EventRow.objects.filter(
        Q(pk__gt=max(0, cursor - OVERLAP)),
        Q(pk__gt=cursor) | Q(recorded_at__gt=now() - SLOWEST_COMMIT),
    )
    return [Recorded.of(row) for row in rows.order_by("pk")[: limit + OVERLAP]]


def events_for_good(cursor: int, *, limit: int) -> list[Recorded]:
    """Events after `cursor` in id order, none of which one with a smaller id can still join: for who counts each once."""
    rows = EventRow.objects.filter(pk__gt=cursor).order_by("pk")[:limit]
    # SQLite has one writer at a time, so there ids appear in order.
    since = now() - (timedelta(0) if connection.vendor == "sqlite" else SLOWEST_COMMIT)
    return [Recorded.of(row) for row in takewhile(lambda row: row.recorded_at <= since, rows)]


def next_after(cursor: int) -> Recorded | None:
    """The first event after `cursor`."""
    row = EventRow.objects.filter(pk__gt=cursor).order_by("pk").first()
    return Recorded.of(row) if row else None


def latest_id() -> int:
    """The newest event's id; 0 when nothing has happened yet."""
    return EventRow.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

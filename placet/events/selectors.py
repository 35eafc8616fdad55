"""Reading the past: what a reconnecting browser or a follower missed."""

from placet.events.models import EventRow, Recorded

# Ids are handed out before commit, so a smaller id can appear after a larger one was read. Whoever reads by cursor looks
# this far back again and drops what it has already seen.
OVERLAP = 50


def events_since(cursor: int, *, limit: int = 500) -> list[Recorded]:
    """Events after `cursor` in id order, starting up to OVERLAP ids earlier; the reader drops duplicates by id."""
    rows = EventRow.objects.filter(pk__gt=max(0, cursor - OVERLAP)).order_by("pk")[
        : limit + OVERLAP
    ]
    return [Recorded.of(row) for row in rows]


def latest_id() -> int:
    """The newest event's id; 0 when nothing has happened yet."""
    return EventRow.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

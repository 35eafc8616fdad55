"""Reading the past: what a reconnecting browser or a follower missed, and the feed, which must not skip anything."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Max, Q

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
    rows = EventRow.objects.filter(pk__gt=cursor, pk__lte=settled_id())
    return [Recorded.of(row) for row in rows.order_by("pk")[:limit]]


def next_after(cursor: int) -> Recorded | None:
    """The first event after `cursor`."""
    row = EventRow.objects.filter(pk__gt=cursor).order_by("pk").first()
    return Recorded.of(row) if row else None


def latest_id() -> int:
    """The newest event's id; 0 when nothing has happened yet."""
    return EventRow.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def settled_id() -> int:
    """Up to here nothing can appear any more: who reads no further skips no event, however late it commits.

    Ask before reading the rows. Not the other way round, and not both in one statement: what commits between the two looks
    would be in neither. Two callers may be told different numbers, the later one the smaller; each is right.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED[connection.vendor])
        return int(cursor.fetchone()[0] or 0)


def ends() -> tuple[int, int]:
    """The oldest and the newest event there are; zeros when there is none."""
    ids = EventRow.objects.values_list("pk", flat=True)
    return ids.order_by("pk").first() or 0, latest_id()


def told_to(
    agent_ids: Collection[UUID], types: Collection[str], *, after: int, limit: int
) -> list[Recorded]:
    """What happened to these agents after an event, oldest first."""
    wanted = [_array(agent_ids), _array(types), after, limit, limit]
    return [Recorded.of(row) for row in EventRow.objects.raw(_TOLD[connection.vendor], wanted)]


def newest_of(types: Collection[str], *, after: int, until: int) -> dict[UUID, int]:
    """The newest event of each agent between two events: for a look over all who wait."""
    rows = EventRow.objects.filter(
        pk__gt=after, pk__lte=until, type__in=types, agent_id__isnull=False
    )
    found = rows.order_by().values_list("agent_id").annotate(newest=Max("pk"))
    return {agent_id: newest for agent_id, newest in found if agent_id}


def _array(values: Collection[Any]) -> Any:
    """A list as one parameter: a statement with a placeholder for each value would be planned anew for every length."""
    if connection.vendor != "sqlite":
        return list(values)
    return orjson.dumps([one.hex if isinstance(one, UUID) else one for one in values]).decode()


_SETTLED = {
    # One writer at a time: what is there came in the order of its numbers.
    "sqlite": "SELECT max(id) FROM events_eventrow",
    # See migration 0004. The rows are seen as of the start of the statement, so before the locks are: who takes a lock in
    # between takes its numbers later still.
    "postgresql": "SELECT least((SELECT max(id) FROM events_eventrow), events_announced())",
}
# For each agent and type apart, as far as the page can reach: what it costs does not grow with the past. A walk over the
# agents' events reads all of them for a type that is rare, and one over everybody's for an agent that is.
_TOLD = {
    "sqlite": """
        SELECT event.* FROM json_each(%s) mine JOIN json_each(%s) wanted JOIN events_eventrow event ON event.id IN (
            SELECT id FROM events_eventrow INDEXED BY event_by_agent
            WHERE agent_id = mine.value AND type = wanted.value AND id > %s ORDER BY id LIMIT %s
        ) ORDER BY event.id LIMIT %s
    """,
    # The ids alone first: all of a row would be read and sorted, and of every fifty agents' rows one agent's are told.
    "postgresql": """
        SELECT * FROM events_eventrow WHERE id IN (
            SELECT event.id FROM unnest(%s::uuid[]) mine(id) CROSS JOIN unnest(%s::text[]) wanted(type) CROSS JOIN LATERAL (
                SELECT id FROM events_eventrow
                WHERE agent_id = mine.id AND type = wanted.type AND id > %s ORDER BY id LIMIT %s
            ) event ORDER BY event.id LIMIT %s
        ) ORDER BY id
    """,
}

"""The statements that follow the deadlines. SQL, because each must walk one index and SQLite, left alone, takes another.

Without statistics SQLite thinks `status = 'pending'` names a handful of rows, and sorts all of them to find the most urgent:
170 ms at a million, forty times a second. Nobody runs ANALYZE on an embedded database, so the index is named here.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection

from reviews.models import Review, Status

INDEX = "review_open_expiry"


def next_deadline() -> datetime | None:
    """When the next open review expires; None when none is open. One step in a partial index."""
    sql = f"SELECT id, expires_at FROM {_open_by_deadline()} ORDER BY expires_at LIMIT 1"  # noqa: S608
    return next((row.expires_at for row in Review.objects.raw(sql)), None)


def open_by_type(most: int) -> dict[str, int]:
    """How many reviews of each type are open, counted no further than `most`, the most urgent first."""
    urgent = f"SELECT type FROM {_open_by_deadline()} ORDER BY expires_at LIMIT %s"  # noqa: S608
    sql = f"SELECT type, COUNT(*) FROM ({urgent}) AS urgent GROUP BY type"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [most])
        return dict(cursor.fetchall())


def expire(at: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Settle the longest overdue, at most so many, in one compare-and-set; their ids and their agents'."""
    # Two sweeps on PostgreSQL share the work; SQLite has one writer. Materialized, or PostgreSQL may run a limited
    # subquery once for each row it compares and settle more than the limit.
    share = "" if connection.vendor == "sqlite" else " FOR UPDATE SKIP LOCKED"
    due = f"SELECT id FROM {_open_by_deadline()} AND expires_at <= %s ORDER BY expires_at LIMIT %s{share}"  # noqa: S608
    change = "UPDATE reviews_review SET status = %s, settled_at = %s"
    settled = "WHERE id IN (SELECT id FROM due) AND status = 'pending' RETURNING id, agent_id"
    sql = f"WITH due AS MATERIALIZED ({due}) {change} {settled}"
    when = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(sql, [when, limit, Status.EXPIRED.value, when])
        return [(UUID(str(pk)), UUID(str(agent))) for pk, agent in cursor.fetchall()]


def _open_by_deadline() -> str:
    named = f" INDEXED BY {INDEX}" if connection.vendor == "sqlite" else ""
    return f"reviews_review{named} WHERE status = 'pending'"

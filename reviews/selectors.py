"""Guarded reads of reviews."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Count

from placet.lib.actors import Actor
from placet.lib.errors import NotFound
from placet.lib.ids import first_id_at, id_or_nil
from reviews.listing import review_ids
from reviews.models import Review
from reviews.snapshots import ReviewSnapshot


def row_for(actor: Actor, review_id: object) -> Review:
    """The row itself, for this app's services; a stranger's review and no review look the same."""
    rows = Review.objects.select_related("agent").filter(pk=id_or_nil(review_id))
    for row in rows:
        if row.agent.is_visible_to(actor):
            return row
    raise NotFound("Review not found")


def review_for(actor: Actor, review_id: object) -> ReviewSnapshot:
    return ReviewSnapshot.of(row_for(actor, review_id))


def settled_among(review_ids: Iterable[UUID]) -> set[UUID]:
    """Those of `review_ids` that nobody needs to wait for any more: settled, or deleted. One query for all parked waits."""
    wanted = list(review_ids)
    lite = connection.vendor == "sqlite"
    # The ids travel as one parameter and only the few settled ones come back: ten thousand of them cost some ten
    # milliseconds, of which Python sees two. The ORM's IN costs a hundred, with the interpreter's lock held.
    parked = "(SELECT value AS id FROM json_each(%s))" if lite else "unnest(%s::uuid[])"
    sql = (
        f"SELECT parked.id FROM {parked} AS parked{'' if lite else '(id)'} WHERE NOT EXISTS (SELECT 1 FROM"  # noqa: S608
        " reviews_review WHERE reviews_review.id = parked.id AND reviews_review.status = 'pending')"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql, [orjson.dumps([one.hex for one in wanted]).decode() if lite else wanted]
        )
        return {UUID(str(row[0])) for row in cursor.fetchall()}


def deadline_of(review_id: UUID) -> datetime | None:
    """Where a question stands among the open ones."""
    return Review.objects.filter(pk=review_id).values_list("expires_at", flat=True).first()


def count_open(agent_ids: Sequence[UUID] | None, *, at: datetime, most: int) -> int:
    """How many open questions these agents have, or all; counted no further than `most`."""
    return review_ids(status="pending", agent_ids=agent_ids, type=None, at=at).count(most)


def asked_counts(agent_ids: Iterable[UUID], *, since: datetime) -> dict[UUID, int]:
    """How many questions each agent has asked since; the ids are the clock, so the index alone tells."""
    rows = Review.objects.of_agents(list(agent_ids)).filter(pk__gte=first_id_at(since))
    counted = rows.order_by().values("agent_id").annotate(n=Count("pk"))
    return {row["agent_id"]: row["n"] for row in counted}


def open_counts(agent_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, int]:
    """How many open questions each agent has."""
    rows = (
        Review.objects.open(at)
        .of_agents(list(agent_ids))
        .order_by()
        .values("agent_id")
        .annotate(n=Count("pk"))
    )
    return {row["agent_id"]: row["n"] for row in rows}

"""How fast people respond. Computed where the rows are: only the medians leave the database."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, FloatField, Func, QuerySet, Window
from django.db.models.functions import RowNumber

from reviews.models import Review, Status


def median_response_seconds(agent_ids: Iterable[UUID], since: datetime) -> dict[UUID, float]:
    """How long humans took, by agent, over responses given after `since`."""
    middle = _middle(_responses(agent_ids, since), partition_by=[F("agent_id")])
    return {agent_id: float(took) for agent_id, took in middle.values_list("agent_id", "took")}


def median_of_all(agent_ids: Iterable[UUID], since: datetime) -> float | None:
    """The same over all these agents together."""
    middle = _middle(_responses(agent_ids, since), partition_by=None).values_list("took", flat=True)
    return next((float(took) for took in middle), None)


def responded_since(agent_ids: Iterable[UUID], since: datetime) -> int:
    """How many responses people gave these agents."""
    return _given(agent_ids, since).count()


def _given(agent_ids: Iterable[UUID], since: datetime) -> "QuerySet[Review, Review]":
    rows = Review.objects.of_agents(list(agent_ids))
    return rows.filter(status=Status.COMPLETED, settled_at__gte=since)


def _responses(agent_ids: Iterable[UUID], since: datetime) -> Any:
    return _given(agent_ids, since).annotate(took=_Seconds(F("settled_at"), F("created_at")))


def _middle(rows: Any, *, partition_by: list[F] | None) -> Any:
    """The one in the middle of each partition; of an even number the later of the two."""
    place = Window(RowNumber(), partition_by=partition_by, order_by=F("took").asc())
    of = Window(Count("pk"), partition_by=partition_by)
    return rows.annotate(place=place, of=of).filter(place=F("of") / 2 + 1).order_by()


class _Seconds(Func):
    """The first moment less the second. Django's own subtraction calls back into Python for every row on SQLite."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "((julianday(%(expressions)s)) * 86400.0)"
        return self.as_sql(
            compiler, connection, template=template, arg_joiner=") - julianday(", **context
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "EXTRACT(EPOCH FROM (%(expressions)s))"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)

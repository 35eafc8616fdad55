"""Lists of questions, as ids in the order a page shows them. One table and one index each: no join a planner could turn round."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import In

from reviews.models import Review

#: Up to this many agents have their lists merged; for more, everybody's list is walked and the others' skipped.
FEW_AGENTS = 20


@dataclass(frozen=True)
class ReviewIds:
    """Not read before it is asked."""

    where: Q
    field: str
    ascending: bool

    @property
    def newest_first(self) -> bool:
        return self.field == "id"

    def first(self, limit: int) -> list[UUID]:
        return list(self._ordered().values_list("pk", flat=True)[:limit])

    def among(self, ids: Collection[UUID]) -> list[UUID]:
        """Those of `ids` that are in the list, in its order.

        The conditions are asked for, not filtered by, and the sorting is done here: SQLite would walk the list instead.
        """
        fits = Case(When(self.where, then=Value(True)), default=False, output_field=BooleanField())
        rows = Review.objects.filter(pk__in=ids).order_by().annotate(fits=fits)
        found = [(at, pk) for at, pk, fit in rows.values_list(self.field, "pk", "fits") if fit]
        return [pk for _, pk in sorted(found, reverse=not self.ascending)]

    def also(self, condition: Q) -> "ReviewIds":
        return replace(self, where=self.where & condition)

    def beyond(self, moment: datetime | None, last: UUID) -> "ReviewIds":
        """What comes after that question; `moment` is its place in the order."""
        way = "gt" if self.ascending else "lt"
        if self.newest_first:
            return self.also(Q(**{f"id__{way}": last}))
        after = Q(**{f"{self.field}__{way}": moment}) | Q(
            **{self.field: moment, f"id__{way}": last}
        )
        # The redundant bound lets both databases start the index at the cursor instead of evaluating the OR from the top.
        return self.also(Q(**{f"{self.field}__{way}e": moment}) & after)

    def top(self, size: int) -> "ReviewIds | None":
        """The first `size` of the list, and what shares the last one's place; None when there are no more than that."""
        edge = self._ordered().values_list(self.field, flat=True)[size : size + 1]
        way = "lte" if self.ascending else "gte"
        return next((self.also(Q(**{f"{self.field}__{way}": place})) for place in edge), None)

    def count(self, most: int) -> int:
        return self._ordered()[:most].count()

    def _ordered(self) -> "QuerySet[Review, Review]":
        sign = "" if self.ascending else "-"
        names = dict.fromkeys((self.field, "id"))
        return Review.objects.filter(self.where).order_by(*(sign + name for name in names))


def review_ids(
    *, status: str, agent_ids: Sequence[UUID] | None, type: str | None, at: datetime
) -> ReviewIds:
    """Pending: most urgent first; settled: latest first; all: newest first. `agent_ids` None means everybody's."""
    where = _in_status(status, at) & _of(agent_ids)
    if type:
        where &= Q(type=type)
    field = {"pending": "expires_at", "all": "id"}.get(status, "settled_at")
    return ReviewIds(where, field, ascending=status == "pending")


def _in_status(status: str, at: datetime) -> Q:
    if status == "all":
        return Q(pk__isnull=False)
    if status == "pending":
        return Q(status=status, expires_at__gt=at)
    # Said twice for SQLite, which takes an index of settled reviews only for a query that says so itself.
    return Q(status=status, settled_at__isnull=False)


def _of(agent_ids: Sequence[UUID] | None) -> Q:
    if agent_ids is None:
        return Q()
    if len(agent_ids) <= FEW_AGENTS:
        return Q(agent_id__in=agent_ids)
    # Behind a function the databases cannot take the agents' own index, for which they would sort all these agents have.
    whose: Any = Coalesce(F("agent_id"), F("agent_id"))
    return Q(In(whose, agent_ids))

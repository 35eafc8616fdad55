"""Messages by their ids: a channel as a list of them, and what they say and carry."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db.models import Q

from files.selectors import files_of_messages
from inbox.models import Message, MessageQuerySet
from inbox.snapshots import MessageSnapshot


@dataclass(frozen=True)
class MessageIds:
    """A list of messages, newest first. Not read before it is asked."""

    rows: MessageQuerySet
    newest_first: bool = True

    def first(self, limit: int) -> list[UUID]:
        return list(self.rows.newest_first().values_list("pk", flat=True)[:limit])

    def among(self, ids: Collection[UUID]) -> list[UUID]:
        found = self.rows.filter(pk__in=ids).order_by().values_list("pk", flat=True)
        return sorted(found, reverse=True)

    def also(self, condition: Q) -> Self:
        return type(self)(self.rows.filter(condition))

    def top(self, size: int) -> Self | None:
        edge = self.rows.newest_first().values_list("pk", flat=True)[size : size + 1]
        return next((self.also(Q(pk__gte=pk)) for pk in edge), None)


def loaded(ids: Sequence[UUID]) -> list[Message]:
    """These messages with agent and review, in this order; one that is gone by now is left out."""
    rows = Message.objects.select_related("agent", "review").filter(pk__in=ids).order_by()
    by_id = {row.pk: row for row in rows}
    return [by_id[pk] for pk in ids if pk in by_id]


def snapshots(rows: Iterable[Message], *, at: datetime | None = None) -> list[MessageSnapshot]:
    """The same from outside, with their files: one query for all that have any, none when nobody has."""
    found = list(rows)
    files = files_of_messages([row.pk for row in found if row.has_files])
    return [MessageSnapshot.of(row, files=files.get(row.pk, ()), at=at) for row in found]


def snapshot(row: Message) -> MessageSnapshot:
    return snapshots([row])[0]

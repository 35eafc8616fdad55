"""The event table: append only; its id is the cursor of the feed and the id every channel of delivery carries."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from django.db import models

from placet.lib.clock import iso


class EventRow(models.Model):
    """One fact, written in the transaction of the change it tells of. Ids are not foreign keys: the fact outlives the row."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=40)
    data = models.JSONField()
    agent_id = models.UUIDField(null=True)
    user_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=50)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = "event"
        indexes = [
            # The feed: a key's agents' few among everybody's many, and of those the few of the types it asks for.
            models.Index(fields=["agent_id", "type", "id"], name="event_by_agent")
        ]

    def __str__(self) -> str:
        return f"{self.type} #{self.pk}"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """An event as it leaves: plain JSON values only, so it is the same in memory, over Redis and in a socket."""

    id: int
    type: str
    data: dict[str, Any]
    agent_id: str | None
    user_id: str | None
    recorded_at: str

    @classmethod
    def of(cls, row: EventRow) -> Self:
        return cls(
            id=row.pk,
            type=row.type,
            data=row.data,
            agent_id=str(row.agent_id) if row.agent_id else None,
            user_id=str(row.user_id) if row.user_id else None,
            recorded_at=iso(row.recorded_at) or "",
        )

    @property
    def event_id(self) -> str:
        """The name of the event in a webhook, the feed and a socket, so that whoever hears of it twice acts once.

        The moment beside the number: a receiver may serve several installations, and each counts from one.
        """
        moment = datetime.fromisoformat(self.recorded_at).timestamp()
        return f"evt_{round(moment * 1000):x}_{self.id}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

"""What a review looks like from outside. Secrets stay sealed; `revealed` is the one way to open them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from placet.lib.clock import now
from placet.lib.sealing import unseal
from reviews import types
from reviews.types.base import Outcome, ReviewType

if TYPE_CHECKING:
    from reviews.models import Review

#: A response written just before the deadline may be committed just after it. So long nobody is told that it came too late.
LONGEST_COMMIT = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class ReviewSnapshot:
    id: UUID
    agent_id: UUID
    type: str
    payload: dict[str, Any]
    callback: dict[str, Any] | None
    status: str
    created_at: datetime
    expires_at: datetime
    settled_at: datetime | None
    response: dict[str, Any] | None
    feedback: str
    modified_file_ids: dict[str, str] | None
    responded_by_id: UUID | None
    responded_by_name: str
    sealed: str = field(default="", repr=False)
    #: Nothing can change any more: the row itself says so, not the clock.
    is_final: bool
    #: Its deadline has passed and nobody has settled it yet.
    is_overdue: bool

    @classmethod
    def of(cls, row: "Review", *, at: datetime | None = None) -> Self:
        """A pending review well past its deadline reads as expired, whether the sweep has been there or not."""
        at, is_final = at or now(), row.status != "pending"
        expired = not is_final and row.expires_at + LONGEST_COMMIT <= at
        return cls(
            id=row.pk,
            agent_id=row.agent_id,
            type=row.type,
            payload=row.payload,
            callback=row.callback,
            status="expired" if expired else row.status,
            created_at=row.created_at,
            expires_at=row.expires_at,
            settled_at=row.expires_at if expired else row.settled_at,
            response=row.response,
            feedback=row.feedback,
            modified_file_ids=row.modified_file_ids,
            responded_by_id=row.responded_by_id,
            responded_by_name=row.responded_by_name,
            sealed=row.sealed,
            is_final=is_final,
            is_overdue=not is_final and row.expires_at <= at,
        )

    @property
    def is_open(self) -> bool:
        """A person can still respond."""
        return not self.is_final and not self.is_overdue

    @property
    def kind(self) -> ReviewType:
        return types.get(self.type)

    @property
    def outcome(self) -> Outcome | None:
        """How the response reads to a human; None while there is none."""
        return None if self.response is None else self.kind.outcome(self.payload, self.response)

    def revealed(self) -> dict[str, Any] | None:
        """The response with its secret values opened: for the agent that asked, and nobody else."""
        if self.response is None or not self.sealed:
            return self.response
        return {**self.response, **unseal(self.sealed)}

"""One try: what came back, or why nothing did."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

if TYPE_CHECKING:
    from webhooks.parcels import Parcel

GONE = 410


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`retry_after` in seconds. Hopeless is what no further try could change; it says nothing about the receiver."""

    delivery_id: UUID
    target: str
    at: datetime
    #: The message whose ticks tell of it, if any.
    message_id: UUID | None = None
    milliseconds: int = 0
    code: int | None = None
    error: str = ""
    answer: str = ""
    retry_after: int | None = None
    was_sent: bool = True

    @classmethod
    def of_fault(cls, parcel: "Parcel", *, at: datetime) -> Self:
        return cls(
            delivery_id=parcel.delivery_id,
            target=parcel.target,
            message_id=parcel.message_id,
            at=at,
            error=parcel.fault,
            was_sent=False,
        )

    @property
    def is_good(self) -> bool:
        return self.code is not None and 200 <= self.code < 300

    @property
    def is_hopeless(self) -> bool:
        return not self.was_sent or self.code == GONE

    def as_attempt(self) -> dict[str, Any]:
        return {
            "delivery_id": self.delivery_id,
            "at": self.at,
            "milliseconds": self.milliseconds,
            "code": self.code,
            "error": self.error[:200],
            # PostgreSQL stores no NUL.
            "answer": self.answer.replace("\0", ""),
        }

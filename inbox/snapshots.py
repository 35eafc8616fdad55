"""What a message looks like from outside: the noun every door of the inbox hands around."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from agents.snapshots import AgentSnapshot, hue_of
from files.snapshots import FileSnapshot
from reviews.snapshots import ReviewSnapshot

if TYPE_CHECKING:
    from inbox.models import Message


@dataclass(frozen=True, kw_only=True)
class MessageSnapshot:
    id: UUID
    agent: AgentSnapshot
    #: The agent that speaks, where it is not the channel's own.
    author_id: UUID | None
    sender_type: str
    sender_user_id: UUID | None
    sender_name: str
    text: str | None
    status: str | None
    metadata: dict[str, Any] | None
    client_id: str | None
    review: ReviewSnapshot | None
    files: tuple[FileSnapshot, ...]
    delivery_status: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(
        cls, row: "Message", *, files: tuple[FileSnapshot, ...] = (), at: datetime | None = None
    ) -> Self:
        """`row` comes with its agent and review selected."""
        review = ReviewSnapshot.of(row.review, at=at) if row.review else None
        return cls.just_written(row, agent=AgentSnapshot.of(row.agent), review=review, files=files)

    @classmethod
    def just_written(
        cls,
        row: "Message",
        *,
        agent: AgentSnapshot,
        review: ReviewSnapshot | None,
        files: tuple[FileSnapshot, ...],
    ) -> Self:
        """For who wrote the row and knows what belongs to it: nothing is read again."""
        return cls(
            id=row.pk,
            agent=agent,
            author_id=row.author_id,
            sender_type=row.sender_type,
            sender_user_id=row.sender_user_id,
            sender_name=row.sender_name,
            text=row.text,
            status=row.status,
            metadata=row.metadata,
            client_id=row.client_id,
            review=review,
            files=files,
            delivery_status=row.delivery_status,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @property
    def is_human(self) -> bool:
        return self.sender_type == "user"

    @property
    def author_hue(self) -> int:
        """The colour of who speaks, in every conversation the same."""
        return hue_of(self.author_id or self.agent.id)


@dataclass(frozen=True, kw_only=True)
class MessagePage:
    """`next_cursor` is the last id when the page is full, else None."""

    messages: tuple[MessageSnapshot, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class MessageTargets:
    """Where a message wants its news told: addresses that may hold secrets."""

    webhook_url: str | None = field(repr=False)
    callback: dict[str, Any] | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ChannelLine:
    """One row of the chat list."""

    agent: AgentSnapshot
    last_text: str
    last_has_files: bool
    last_at: datetime | None
    unread: int
    waiting: int

"""What a run and an activity look like from outside: all that any dialect needs, and no row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from agents.snapshots import AgentSnapshot
from placet.lib.clock import now
from runs.states import Status, is_open

if TYPE_CHECKING:
    from runs.models import Activity, Guest, Run

#: An agent that has not shown itself by then is marked; that is a mark and no state.
FIRST_SIGN = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class RunSnapshot:
    id: UUID
    agent: AgentSnapshot
    #: The conversation: the agent's own id, or that of the agent whose conversation it was let into.
    channel_id: UUID
    status: str
    trigger: str
    creator_id: UUID | None
    creator_name: str
    message_id: UUID | None
    awaits: UUID | None
    plan: tuple[dict[str, Any], ...] | None
    summary: str
    links: tuple[dict[str, str], ...]
    error: dict[str, Any] | None
    length: int
    unresponsive: bool
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    stopped_at: datetime | None
    stopped_by_id: UUID | None
    stale_at: datetime | None

    @classmethod
    def of(cls, row: "Run", *, at: datetime | None = None) -> Self:
        """`row` comes with its agent selected."""
        return cls(
            id=row.pk,
            agent=AgentSnapshot.of(row.agent),
            channel_id=row.channel_id,
            status=str(row.status),
            trigger=str(row.trigger),
            creator_id=row.creator_id,
            creator_name=row.creator_name,
            message_id=row.message_id,
            awaits=row.awaits,
            plan=None if row.plan is None else tuple(row.plan),
            summary=row.summary,
            links=tuple(row.links),
            error=row.error,
            length=row.length,
            unresponsive=is_unresponsive(row, at or now()),
            created_at=row.created_at,
            updated_at=row.updated_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            stopped_at=row.stopped_at,
            stopped_by_id=row.stopped_by_id,
            stale_at=row.stale_at,
        )

    @property
    def is_open(self) -> bool:
        return is_open(self.status)

    @property
    def ran_out(self) -> bool:
        return has_run_out(self)

    @property
    def is_guest(self) -> bool:
        return self.agent.id != self.channel_id

    @property
    def is_proactive(self) -> bool:
        """Nobody asked for it: `creator` is then the agent's owner."""
        return self.trigger == "agent"


def is_unresponsive(row: "Run", at: datetime) -> bool:
    return _has_shown_nothing(row) and at > row.created_at + FIRST_SIGN


def may_turn_unresponsive(row: "Run | RunSnapshot", at: datetime) -> bool:
    return _has_shown_nothing(row) and at <= row.created_at + FIRST_SIGN


def _has_shown_nothing(row: "Run | RunSnapshot") -> bool:
    """A second prompt is no sign of the agent."""
    waits = row.status in (Status.CREATED, Status.IN_PROGRESS)
    return waits and row.started_at is None and not row.links


def has_run_out(row: "Run | RunSnapshot") -> bool:
    """A question that nobody can answer any more; what is written next is simply the next prompt."""
    return row.status == Status.AWAITING and row.awaits is None


@dataclass(frozen=True, kw_only=True)
class ActivitySnapshot:
    """`content` is `{"body"}`, or of an action `{"action", "parameters": {str: str}, "result": str | None}`."""

    id: UUID
    run_id: UUID
    number: int
    type: str
    content: dict[str, Any]
    content_metadata: dict[str, Any] | None
    #: As the agent asked; Plane's wire goes by the type instead.
    ephemeral: bool
    signal: str | None
    signal_metadata: dict[str, Any] | None
    user_id: UUID | None
    user_name: str
    message_id: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, row: "Activity") -> Self:
        return cls(
            id=row.pk,
            run_id=row.run_id,
            number=row.number,
            type=str(row.type),
            content=row.content,
            content_metadata=row.content_metadata,
            ephemeral=row.ephemeral,
            signal=row.signal and str(row.signal),
            signal_metadata=row.signal_metadata,
            user_id=row.user_id,
            user_name=row.user_name,
            message_id=row.message_id,
            created_at=row.created_at,
        )

    @property
    def body(self) -> str:
        return str(self.content.get("body", ""))


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What an activity was made into, and the run as that left it."""

    activity: ActivitySnapshot
    run: RunSnapshot


@dataclass(frozen=True, kw_only=True)
class RunPage:
    runs: tuple[RunSnapshot, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ActivityPage:
    """Oldest first; `total` is of the whole run."""

    activities: tuple[ActivitySnapshot, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, kw_only=True)
class GuestSnapshot:
    agent_id: UUID
    channel_id: UUID
    created_at: datetime

    @classmethod
    def of(cls, row: "Guest") -> Self:
        return cls(agent_id=row.agent_id, channel_id=row.channel_id, created_at=row.created_at)

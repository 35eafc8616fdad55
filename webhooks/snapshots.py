"""What an endpoint, a delivery and an attempt look like from outside. Secrets and credentials stay inside."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import orjson

from agents.snapshots import AgentSnapshot
from placet.lib.addresses import host_of, origin_of
from reviews.types.base import REDACTED

if TYPE_CHECKING:
    from webhooks.models import Attempt, Circuit, Delivery, Endpoint


@dataclass(frozen=True, kw_only=True)
class Health:
    """How a receiver has been doing."""

    failures: int = 0
    failing_since: datetime | None = None
    open_until: datetime | None = None

    @classmethod
    def of(cls, row: "Circuit | None") -> Self:
        if row is None:
            return cls()
        return cls(
            failures=row.failures, failing_since=row.failing_since, open_until=row.open_until
        )


@dataclass(frozen=True, kw_only=True)
class EndpointSnapshot:
    """`url` is empty for an agent's own: that one stands with the agent."""

    id: UUID
    agent_id: UUID | None
    name: str
    url: str = field(repr=False)
    header_names: tuple[str, ...]
    events: tuple[str, ...]
    agent_ids: tuple[UUID, ...]
    dialects: tuple[str, ...]
    off: str
    off_reason: str
    off_since: datetime | None
    rotating_until: datetime | None
    health: Health
    created_at: datetime

    @classmethod
    def of(cls, row: "Endpoint", *, health: Health | None = None) -> Self:
        return cls(
            id=row.pk,
            agent_id=row.agent_id,
            name=row.name,
            url=row.url or "",
            header_names=tuple(row.headers or ()),
            events=tuple(row.events),
            agent_ids=tuple(agent.pk for agent in row.only_agents.all()),
            dialects=tuple(row.dialects),
            off=row.off,
            off_reason=row.get_off_display() if row.off else "",
            off_since=row.off_since,
            rotating_until=row.old_secret_until,
            health=health or Health(),
            created_at=row.created_at,
        )

    @property
    def host(self) -> str:
        return host_of(self.url)


@dataclass(frozen=True, kw_only=True)
class MintedEndpoint:
    """The one moment a secret is readable."""

    endpoint: EndpointSnapshot
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class AttemptSnapshot:
    number: int
    at: datetime
    milliseconds: int
    code: int | None
    error: str
    answer: str

    @classmethod
    def of(cls, row: "Attempt") -> Self:
        return cls(
            number=row.number,
            at=row.at,
            milliseconds=row.milliseconds,
            code=row.code,
            error=row.error,
            answer=row.answer,
        )

    @property
    def is_good(self) -> bool:
        return self.code is not None and 200 <= self.code < 300


@dataclass(frozen=True, kw_only=True)
class DeliverySnapshot:
    """`body` is what is sent with its secrets replaced; empty until the first try has frozen it."""

    id: UUID
    event_id: str
    event_type: str
    agent_id: UUID | None
    message_id: UUID | None
    kind: str
    kind_in_words: str
    endpoint_id: UUID | None
    origin: str
    method: str
    status: str
    tries: int
    is_under_way: bool
    due_at: datetime
    created_at: datetime
    settled_at: datetime | None
    body: dict[str, Any] | None = field(repr=False)

    @classmethod
    def of(cls, row: "Delivery") -> Self:
        return cls(
            id=row.pk,
            event_id=row.event_id,
            event_type=row.event_type,
            agent_id=row.agent_id,
            message_id=row.message_id,
            kind=row.kind,
            kind_in_words=row.get_kind_display(),
            endpoint_id=row.endpoint_id,
            origin=origin_of(row.url or ""),
            method=row.method,
            status=row.status,
            tries=row.tries,
            is_under_way=row.taken,
            due_at=row.due_at,
            created_at=row.created_at,
            settled_at=row.settled_at,
            body=_shown(row.body, row.hidden),
        )


@dataclass(frozen=True, kw_only=True)
class DeliveryPage:
    deliveries: tuple[DeliverySnapshot, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class DeliveryLine:
    """One row of the deliveries page: without the body, which is long and sealed. `host` is empty when there is none any more."""

    id: UUID
    event_type: str
    message_id: UUID | None
    agent: AgentSnapshot | None
    endpoint_name: str
    host: str
    status: str
    tries: int
    is_under_way: bool
    due_at: datetime
    created_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, row: "Delivery", *, host: str, endpoint_name: str = "") -> Self:
        """`row` comes with its agent selected."""
        return cls(
            id=row.pk,
            event_type=row.event_type,
            message_id=row.message_id,
            agent=AgentSnapshot.of(row.agent) if row.agent else None,
            endpoint_name=endpoint_name,
            host=host,
            status=row.status,
            tries=row.tries,
            is_under_way=row.taken,
            due_at=row.due_at,
            created_at=row.created_at,
            settled_at=row.settled_at,
        )

    @property
    def is_pending(self) -> bool:
        return self.settled_at is None


@dataclass(frozen=True, kw_only=True)
class LinePage:
    lines: tuple[DeliveryLine, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class DeliverySheet:
    """One delivery whole. `headers` as a try would send them now, credentials masked; `fault` says why none could."""

    line: DeliveryLine
    delivery: DeliverySnapshot
    attempts: tuple[AttemptSnapshot, ...]
    headers: tuple[tuple[str, str], ...]
    fault: str


@dataclass(frozen=True, kw_only=True)
class SwitchedOff:
    """An endpoint that Placet gave up on."""

    endpoint_id: UUID
    agent_id: UUID | None
    name: str
    reason: str
    since: datetime | None

    @classmethod
    def of(cls, row: "Endpoint") -> Self:
        """`row` comes with its agent selected."""
        return cls(
            endpoint_id=row.pk,
            agent_id=row.agent_id,
            name=row.agent.name if row.agent else row.name,
            reason=row.get_off_display(),
            since=row.off_since,
        )


def _shown(body: str | None, hidden: list[str]) -> dict[str, Any] | None:
    if body is None:
        return None
    shown: dict[str, Any] = orjson.loads(body)
    response = _response_in(shown)
    for name in set(hidden) & set(response):
        response[name] = REDACTED
    return shown


def _response_in(body: dict[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] | None = body.get("response")
    return response or {}

"""What an agent, a key and a heartbeat look like from outside."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from placet.lib.addresses import origin_of

if TYPE_CHECKING:
    from agents.models import Agent, AgentWebhook, ApiKey, StatusChange

#: What stands for a secret that is there and not shown.
MASKED = "***"


@dataclass(frozen=True, kw_only=True)
class AgentSnapshot:
    id: UUID
    owner_id: UUID
    name: str
    description: str
    avatar_url: str
    tag: str
    status: str | None
    status_message: str
    status_since: datetime | None
    last_active_at: datetime | None
    takes_runs: bool
    run_stale_seconds: int
    created_at: datetime

    @classmethod
    def of(cls, row: "Agent") -> Self:
        return cls(
            id=row.pk,
            owner_id=row.owner_id,
            name=row.name,
            description=row.description,
            avatar_url=row.avatar_url,
            tag=row.tag,
            status=row.status,
            status_message=row.status_message,
            status_since=row.status_since,
            last_active_at=row.last_active_at,
            takes_runs=row.takes_runs,
            run_stale_seconds=row.run_stale_seconds,
            created_at=row.created_at,
        )

    @property
    def initials(self) -> str:
        words = self.name.split() or ["?"]
        return (words[0][0] + (words[1][0] if len(words) > 1 else words[0][1:2])).upper()

    @property
    def hue(self) -> int:
        """One of twelve colours, the same for an agent for ever (the page has a class for each; the CSP forbids styles)."""
        return hue_of(self.id)


def hue_of(agent_id: UUID) -> int:
    return agent_id.int % 12


@dataclass(frozen=True, kw_only=True)
class WebhookSnapshot:
    """`url` is empty when the key it was sealed with is lost."""

    agent_id: UUID
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    auth: dict[str, str] | None = field(repr=False)

    @classmethod
    def of(cls, row: "AgentWebhook") -> Self:
        return cls(
            agent_id=row.agent_id, url=row.url or "", headers=row.headers or {}, auth=row.auth
        )

    @property
    def origin(self) -> str:
        return origin_of(self.url)


@dataclass(frozen=True, kw_only=True)
class KeySnapshot:
    id: UUID
    user_id: UUID
    agent_id: UUID | None
    agent_name: str
    label: str
    key_prefix: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: "ApiKey") -> Self:
        """`row` comes with its agent selected."""
        return cls(
            id=row.pk,
            user_id=row.user_id,
            agent_id=row.agent_id,
            agent_name=row.agent.name if row.agent else "",
            label=row.label,
            key_prefix=row.key_prefix,
            scopes=tuple(row.scopes),
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            last_used_at=row.last_used_at,
            created_at=row.created_at,
        )


@dataclass(frozen=True, kw_only=True)
class IssuedKey:
    """The one moment a key is readable."""

    key: str
    snapshot: KeySnapshot


@dataclass(frozen=True, kw_only=True)
class StatusChangeSnapshot:
    id: int
    agent_id: UUID
    status: str
    message: str
    created_at: datetime

    @classmethod
    def of(cls, row: "StatusChange") -> Self:
        return cls(
            id=row.pk,
            agent_id=row.agent_id,
            status=row.status,
            message=row.message,
            created_at=row.created_at,
        )

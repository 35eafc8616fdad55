"""Who hears of what. Asked in the transaction of the change, so with few questions, and never about a message's content."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from agents.snapshots import WebhookSnapshot
from agents.webhook import webhooks_of
from inbox.selectors import targets_of
from inbox.snapshots import MessageTargets
from placet.events import catalogue
from placet.events.models import Recorded
from placet.lib.addresses import origin_of
from placet.lib.ids import id_or_nil
from webhooks import dialects, silence
from webhooks.models import Endpoint, Kind

#: What an agent hears of: its questions' fate, and what people do in its channel. Its status it knows.
TO_AGENTS = {
    event.type
    for event in (
        catalogue.MessageCreated,
        catalogue.MessageDeleted,
        catalogue.ReviewResponded,
        catalogue.ReviewExpired,
        catalogue.ReviewCancelled,
        catalogue.RunCreated,
        catalogue.RunActivity,
    )
}
TO_WORKSPACE = TO_AGENTS | {catalogue.AgentStatus.type}


@dataclass(frozen=True, kw_only=True)
class Target:
    kind: Kind
    key: str
    endpoint_id: UUID | None = None
    url: str | None = None
    method: str = "POST"
    headers: dict[str, str] | None = None
    dialect: str = ""


def key_of_endpoint(endpoint_id: UUID, dialect: str = "") -> str:
    """Of each dialect another one: a receiver that understands one of two must not look as if it were failing."""
    return f"{endpoint_id.hex}-{dialect}" if dialect else endpoint_id.hex


class Keyed(NamedTuple):
    endpoint_id: UUID
    dialect: str


def endpoint_of_key(key: str) -> Keyed:
    """What `key_of_endpoint` made; of any other target the nil id, which no endpoint has."""
    endpoint_id, _, dialect = key.partition("-")
    return Keyed(id_or_nil(endpoint_id), dialect)


def keys_of(row: Endpoint) -> list[str]:
    return [key_of_endpoint(row.pk, dialect) for dialect in ("", *row.dialects)]


def is_told(recorded: Recorded) -> bool:
    """What an agent says itself is no news for it, nor for those who listen to what people decide."""
    return recorded.type in TO_WORKSPACE and not _is_of_an_agent(recorded)


def _is_of_an_agent(recorded: Recorded) -> bool:
    if recorded.type == catalogue.RunActivity.type:
        return recorded.data.get("activityType") != "prompt"
    return recorded.type == catalogue.MessageCreated.type and recorded.data["senderType"] != "user"


class Switchboard:
    """Everything that is needed to route some events, read at once."""

    def __init__(self, events: Sequence[Recorded]) -> None:
        agent_ids = {UUID(one.agent_id) for one in events if one.agent_id}
        self._hooks = webhooks_of(agent_ids)
        self._messages = targets_of(message_ids(events))
        self._own = {row.agent_id: row for row in Endpoint.objects.filter(agent_id__in=agent_ids)}
        self._silent = silence.silent_among([owner for owner in self._own if owner])
        rows = Endpoint.objects.of_workspace().on().prefetch_related("only_agents")
        self._shared = list(rows)

    def targets(self, recorded: Recorded) -> Iterable[Target]:
        yield from self._in_dialects(recorded)
        if not is_told(recorded):
            return
        if recorded.type in TO_AGENTS and (own := self._to_agent(recorded)):
            yield own
        for row in self._shared:
            if _wants(row, recorded):
                yield Target(kind=Kind.WORKSPACE, key=key_of_endpoint(row.pk), endpoint_id=row.pk)

    def _in_dialects(self, recorded: Recorded) -> Iterable[Target]:
        agent_id = UUID(recorded.agent_id) if recorded.agent_id else None
        row = self._own.get(agent_id)
        if row is None or row.off or agent_id not in self._hooks:
            return
        if agent_id in self._silent and recorded.type not in silence.TOLD_ANYWAY:
            return
        for name in dialects.known(row.dialects):
            if dialects.get(name).hears(recorded):
                key = key_of_endpoint(row.pk, name)
                yield Target(kind=Kind.AGENT, key=key, endpoint_id=row.pk, dialect=name)

    def _to_agent(self, recorded: Recorded) -> Target | None:
        """The message's own address, else the agent's, else the review's callback. What people write has only the second."""
        agent_id = UUID(str(recorded.agent_id))
        message = self._messages.get(UUID(recorded.data.get("messageId", "0" * 32)))
        if message and message.webhook_url:
            return _elsewhere(Kind.MESSAGE, agent_id, message.webhook_url)
        if agent_id in self._hooks:
            return self._to_endpoint(agent_id)
        return self._to_callback(agent_id, message)

    def _to_endpoint(self, agent_id: UUID) -> Target | None:
        row = self._own.get(agent_id)
        if row is None or row.off or row.dialects or agent_id in self._silent:
            return None
        return Target(kind=Kind.AGENT, key=key_of_endpoint(row.pk), endpoint_id=row.pk)

    def _to_callback(self, agent_id: UUID, message: MessageTargets | None) -> Target | None:
        callback: dict[str, Any] = (message and message.callback) or {}
        if not callback.get("url"):
            return None
        return _elsewhere(
            Kind.CALLBACK,
            agent_id,
            callback["url"],
            method=(callback.get("method") or "POST").upper(),
            headers=callback.get("headers"),
        )


def message_ids(events: Iterable[Recorded]) -> set[UUID]:
    return {UUID(one.data["messageId"]) for one in events if one.data.get("messageId")}


def may_carry_credentials(url: str, hook: WebhookSnapshot | None) -> bool:
    """An agent's headers and password go where the agent's own webhook is, and nowhere else."""
    return hook is not None and bool(hook.origin) and origin_of(url) == hook.origin


def _elsewhere(kind: Kind, agent_id: UUID, url: str, **more: Any) -> Target:
    """Slots and circuit by agent and origin: one agent's dead address is not another's."""
    name = f"{agent_id.hex} {origin_of(url)}"
    key = hashlib.sha256(name.encode()).hexdigest()[:32]
    return Target(kind=kind, key=f"at-{key}", url=url, **more)


def _wants(row: Endpoint, recorded: Recorded) -> bool:
    chosen = {str(agent.pk) for agent in row.only_agents.all()}
    return (not row.events or recorded.type in row.events) and (
        not chosen or recorded.agent_id in chosen
    )

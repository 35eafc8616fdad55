"""Changes to agents and their status. Keys have a module of their own (agents/keys.py)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.selectors import existing_ids
from agents import webhook as agent_webhook
from agents.models import RUN_STALE_SECONDS, Agent, AgentStatus, StatusChange
from agents.snapshots import AgentSnapshot
from placet.events import catalogue
from placet.events.outbox import record
from placet.lib.actors import SYSTEM, Actor
from placet.lib.addresses import is_web_address
from placet.lib.clock import now
from placet.lib.errors import FieldError, Forbidden, Invalid, NotFound
from placet.lib.giving_way import gives_way
from placet.lib.ids import id_or_nil
from placet.lib.wording import must_be

LONGEST = {"name": 100, "description": 10_000, "avatar_url": 500, "tag": 64}
WIRE = {"avatar_url": "avatarUrl"}
#: How long an agent may be silent in a run: none is heard of more often, none is waited for longer.
LEAST_STALE, MOST_STALE = 60, 86_400


@transaction.atomic
def create_agent(
    *,
    by: Actor,
    name: str,
    description: str = "",
    avatar_url: str = "",
    tag: str = "",
    webhook: Mapping[str, Any] | None = None,
    owner_id: UUID | None = None,
    takes_runs: bool = False,
    run_stale_seconds: int = RUN_STALE_SECONDS,
) -> AgentSnapshot:
    """Add an agent owned by the actor's user. A key bound to one agent may not make others."""
    if by.bound_agent_id:
        raise Forbidden("This key is bound to one agent and cannot create others.")
    fields = _clean(
        {"name": name, "description": description, "avatar_url": avatar_url, "tag": tag}
    )
    runs = _clean_runs({"takes_runs": takes_runs, "run_stale_seconds": run_stale_seconds})
    row = Agent.objects.create(owner_id=owner_id or by.person_id, **fields, **runs)
    if webhook:
        agent_webhook.write(row.pk, webhook)
    record(catalogue.AgentCreated(agent_id=row.pk), by=by)
    return AgentSnapshot.of(row)


@transaction.atomic
def update_agent(
    *,
    by: Actor,
    agent_id: object,
    changes: Mapping[str, Any],
    webhook: Mapping[str, Any] | None = None,
) -> AgentSnapshot:
    """Change some of name, description, avatar_url, tag, takes_runs, run_stale_seconds; of the webhook some of url, headers, auth."""
    row = _managed(by, agent_id)
    fields = {**_clean(changes), **_clean_runs(changes)}
    if webhook:
        agent_webhook.write(row.pk, webhook)
    for name, value in fields.items():
        setattr(row, name, value)
    if fields and not Agent.objects.filter(pk=row.pk).update(**fields):
        raise NotFound("Agent not found")
    record(catalogue.AgentUpdated(agent_id=row.pk), by=by)
    return AgentSnapshot.of(row)


@transaction.atomic
def set_webhook(
    *,
    by: Actor,
    agent_id: object,
    url: str,
    headers: Mapping[str, str] | None = None,
    auth: Mapping[str, str] | None = None,
) -> AgentSnapshot:
    """Replace the agent's webhook whole: headers and auth that are not named are gone. No URL removes it."""
    webhook = {"url": url, "headers": headers, "auth": auth}
    return update_agent(by=by, agent_id=agent_id, changes={}, webhook=webhook)


@gives_way
def delete_agent(*, by: Actor, agent_id: object) -> None:
    """Remove an agent with its messages, reviews, keys and history. Parked waits on its reviews are woken to a 404."""
    row = _managed(by, agent_id)
    # First, although the feed tells nobody what comes after an event that is not committed, and a million messages take a
    # while: who has something to do beside it (the bytes of files) needs rows that are gone a line later.
    record(catalogue.AgentDeleted(agent_id=row.pk), by=by)
    # Locked, for there is nothing to compare: what is said to it from here on waits, and then finds nobody. After what hangs on it:
    # who changes that has it first, and looks for the agent at the commit. What came to be in between is in the way all the same.
    list(Agent.objects.select_for_update().filter(pk=row.pk).values_list("pk", flat=True))
    row.delete()


@transaction.atomic
def set_reviewers(*, by: Actor, agent_id: object, user_ids: Iterable[UUID]) -> AgentSnapshot:
    """Exactly these people review for the agent, besides its owner."""
    row = _managed(by, agent_id)
    wanted = set(user_ids)
    if unknown := wanted - existing_ids(wanted):
        raise Invalid.field(
            "reviewers", f"must be people of this workspace; got {next(iter(unknown))}"
        )
    row.reviewers.set(wanted)  # type: ignore[arg-type]  # ids are allowed, the stubs do not know
    record(catalogue.AgentUpdated(agent_id=row.pk), by=by)
    return AgentSnapshot.of(row)


@transaction.atomic
def ping(
    *, by: Actor, agent_id: object, status: str, message: str = "", at: datetime | None = None
) -> AgentSnapshot:
    """Note a heartbeat. `status_since` and the history move only when the status changes."""
    at = at or now()
    if status not in AgentStatus.values:
        raise Invalid.field(
            "status", f'must be one of {", ".join(AgentStatus.values)}; got "{status}"'
        )
    if len(message) > 500:
        raise Invalid.field("message", f"must be at most 500 characters; got {len(message)}")
    row = _managed(by, agent_id)
    Agent.objects.filter(pk=row.pk).update(last_active_at=at, status_message=message)
    # Compare-and-set: two pings that report the same change at once write one history row.
    if (
        Agent.objects.filter(pk=row.pk)
        .exclude(status=status)
        .update(status=status, status_since=at)
    ):
        _note_change(row.pk, status, message, at=at, by=by)
    elif message != row.status_message:
        record(catalogue.AgentStatus(agent_id=row.pk, status=status, status_message=message), by=by)
    return AgentSnapshot.of(_managed(by, agent_id))


@transaction.atomic
def mark_silent_agents(*, at: datetime | None = None) -> int:
    """Turn agents offline whose last ping is too old; how many did."""
    at = at or now()
    limit = at - settings.PLACET_OFFLINE_AFTER
    silent = list(
        Agent.objects.silent_since(limit)
        .order_by("last_active_at")
        .values_list("pk", flat=True)[:500]
    )
    turned = 0
    for agent_id in silent:
        # The condition again: a ping that came between the look and here keeps its agent on line.
        rows = Agent.objects.silent_since(limit).filter(pk=agent_id)
        if rows.update(status=AgentStatus.OFFLINE, status_since=at, status_message=""):
            _note_change(agent_id, AgentStatus.OFFLINE, "", at=at, by=SYSTEM)
            turned += 1
    return turned


def _note_change(agent_id: UUID, status: str, message: str, *, at: datetime, by: Actor) -> None:
    StatusChange.objects.create(agent_id=agent_id, status=status, message=message, created_at=at)
    record(catalogue.AgentStatus(agent_id=agent_id, status=status, status_message=message), by=by)


def _managed(by: Actor, agent_id: object) -> Agent:
    row = Agent.objects.managed_by(by).filter(pk=id_or_nil(agent_id)).first()
    if row is None:
        raise NotFound("Agent not found")
    return row


def _clean(fields: Mapping[str, Any]) -> dict[str, str]:
    cleaned = {name: str(value or "").strip() for name, value in fields.items() if name in LONGEST}
    errors = [
        FieldError(WIRE.get(name, name), fault)
        for name, value in cleaned.items()
        if (fault := _fault(name, value))
    ]
    if errors:
        raise Invalid("Validation failed", errors=errors)
    return cleaned


def _clean_runs(changes: Mapping[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    if "takes_runs" in changes:
        cleaned["takes_runs"] = bool(changes["takes_runs"])
    if "run_stale_seconds" in changes:
        seconds = changes["run_stale_seconds"]
        if not isinstance(seconds, int) or not LEAST_STALE <= seconds <= MOST_STALE:
            rule = f"a whole number from {LEAST_STALE} to {MOST_STALE}"
            raise Invalid.field("runStaleSeconds", must_be(rule, seconds))
        cleaned["run_stale_seconds"] = seconds
    return cleaned


def _fault(name: str, value: str) -> str:
    if name == "name" and not value:
        return 'must not be empty; got ""'
    if len(value) > LONGEST[name]:
        return f"must be at most {LONGEST[name]} characters; got {len(value)}"
    if name == "avatar_url" and value and not is_web_address(value):
        return f'must be an http or https URL; got "{value[:80]}"'
    return ""

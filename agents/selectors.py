"""Guarded reads. `*_for(actor, …)` is the only spelling: a stranger's agent and no agent look the same."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.selectors import sees_everything
from agents.models import Agent, AgentStatus, ApiKey, StatusChange
from agents.snapshots import AgentSnapshot, KeySnapshot, StatusChangeSnapshot
from agents.uptime import Transition
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import NotFound
from placet.lib.ids import id_or_nil
from placet.lib.text import holds

MOST_AGENTS = 500
MOST_CHANGES = 20_000


def agents_for(actor: Actor) -> list[AgentSnapshot]:
    """Every agent the actor may know of, newest first."""
    rows = Agent.objects.visible_to(actor).order_by("-id")[:MOST_AGENTS]
    return [AgentSnapshot.of(row) for row in rows]


def managed_agents_for(actor: Actor) -> list[AgentSnapshot]:
    rows = Agent.objects.managed_by(actor).order_by("-id")[:MOST_AGENTS]
    return [AgentSnapshot.of(row) for row in rows]


def managed_ids(actor: Actor) -> set[UUID]:
    """Without a limit, unlike the list: it is who may change what."""
    return set(Agent.objects.managed_by(actor).values_list("pk", flat=True))


def agent_for(actor: Actor, agent_id: object) -> AgentSnapshot:
    row = Agent.objects.visible_to(actor).filter(pk=id_or_nil(agent_id)).first()
    if row is None:
        raise NotFound("Agent not found")
    return AgentSnapshot.of(row)


def agents_named(actor: Actor, words: str) -> list[UUID]:
    """Those of the agents the actor may know of whose name contains the words."""
    rows = Agent.objects.visible_to(actor).filter(holds("name", words)).order_by("-id")
    return list(rows.values_list("pk", flat=True)[:MOST_AGENTS])


def holds_runs(agent_id: UUID) -> bool:
    """Whether it takes runs, and for the rest of the transaction: who takes that away waits, and then finds what was begun."""
    rows = Agent.objects.select_for_update(no_key=True).filter(pk=agent_id)
    return rows.values_list("takes_runs", flat=True).first() is True


def visible_ids(actor: Actor) -> list[UUID] | None:
    """The ids the actor may read, or None for "all of them", which keeps an owner's queries on their plain indexes.

    Without a limit, unlike the lists: it is who may see what, and a cut would hide an agent from its own key.
    """
    if actor.kind == "system" or (actor.is_human and actor.is_owner):
        return None
    return list(Agent.objects.visible_to(actor).order_by("pk").values_list("pk", flat=True))


def agents_of(agent_ids: Iterable[UUID]) -> dict[UUID, AgentSnapshot]:
    """These agents, in one query. Not guarded: for services that deliver to them."""
    rows = Agent.objects.filter(pk__in=list(agent_ids))
    return {row.pk: AgentSnapshot.of(row) for row in rows}


def existing_agents(agent_ids: Iterable[UUID]) -> set[UUID]:
    return set(Agent.objects.filter(pk__in=list(agent_ids)).values_list("pk", flat=True))


def agents_seen_by(user_id: UUID) -> frozenset[str] | None:
    """Which agents' events a browser of this user hears; None means all."""
    if sees_everything(user_id):
        return None
    ids = visible_ids(Actor(kind="human", user_id=user_id)) or []
    return frozenset(str(agent_id) for agent_id in ids)


def owners_of(agent_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Whose these agents are."""
    rows = Agent.objects.filter(pk__in=list(agent_ids)).order_by()
    return dict(rows.values_list("pk", "owner_id"))


def reviewers_of(by: Actor, agent_id: object) -> list[UUID]:
    agent = agent_for(by, agent_id)
    return list(
        Agent.reviewers.through.objects.filter(agent_id=agent.id)
        .order_by("pk")
        .values_list("user_id", flat=True)
    )


def readers_of(by: Actor, agent_id: object) -> set[UUID]:
    """The agent's people: its owner, and who reviews for it, one by one or with a group."""
    rows = Agent.objects.filter(pk=agent_for(by, agent_id).id)
    ids: set[UUID | None] = set()
    for name in ("owner", "reviewers", "reviewer_groups__user"):
        ids |= set(rows.values_list(name, flat=True))
    return {user_id for user_id in ids if user_id}


def keys_for(by: Actor) -> list[KeySnapshot]:
    """The keys the person may manage, newest first, revoked ones left out."""
    rows = ApiKey.objects.filter(keys_managed_by(by), revoked_at=None).select_related("agent")
    return [KeySnapshot.of(row) for row in rows.order_by("-id")[:MOST_AGENTS]]


def live_keys(key_ids: Iterable[UUID]) -> set[UUID]:
    """Those of `key_ids` that would still be let in: the safety net behind a lost revocation hint."""
    return set(ApiKey.objects.live(now()).filter(pk__in=list(key_ids)).values_list("pk", flat=True))


def next_silence() -> datetime | None:
    """When the next agent turns offline unless it pings; None when nobody is on line."""
    rows = Agent.objects.exclude(status=AgentStatus.OFFLINE).filter(last_active_at__isnull=False)
    last = rows.order_by("last_active_at").values_list("last_active_at", flat=True).first()
    return last + settings.PLACET_OFFLINE_AFTER if last else None


def status_history(
    actor: Actor, agent_id: object, *, limit: int = 100
) -> list[StatusChangeSnapshot]:
    agent = agent_for(actor, agent_id)
    rows = StatusChange.objects.filter(agent_id=agent.id).order_by("-pk")[:limit]
    return [StatusChangeSnapshot.of(row) for row in rows]


def transitions_since(agent_ids: Iterable[UUID], moment: datetime) -> list[Transition]:
    """Every transition after `moment`, and each agent's last one before it, oldest first: enough to draw spans.

    When there are more than MOST_CHANGES the oldest are left out: what they would have said is then unknown.
    """
    ids = list(agent_ids)
    rows = StatusChange.objects.filter(agent_id__in=ids, created_at__gt=moment)
    latest = _transitions(rows.order_by("-created_at", "-pk")[:MOST_CHANGES])
    openers = [] if len(latest) == MOST_CHANGES else _transitions(_openers(ids, moment))
    return [*openers, *reversed(latest)]


def _openers(ids: list[UUID], moment: datetime) -> "QuerySet[StatusChange]":
    before = StatusChange.objects.filter(agent=OuterRef("pk"), created_at__lte=moment).order_by(
        "-created_at", "-pk"
    )
    agents = Agent.objects.filter(pk__in=ids).annotate(opener=Subquery(before.values("pk")[:1]))
    return StatusChange.objects.filter(pk__in=agents.values("opener")).order_by("created_at", "pk")


def _transitions(rows: "QuerySet[StatusChange]") -> list[Transition]:
    return [Transition(*row) for row in rows.values_list("agent_id", "status", "created_at")]


def keys_managed_by(by: Actor) -> Q:
    """People manage their own keys; the workspace owner manages all."""
    return Q() if by.is_owner else Q(user_id=by.user_id)

"""The chat list: one line an agent, in a fixed number of queries however many messages there are."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Coalesce

from agents import selectors as agents
from inbox.models import Message, ReadMark
from inbox.snapshots import ChannelLine
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.ids import NIL
from reviews.selectors import open_counts

UNREAD_COUNTED = 100


def channel_lines(actor: Actor) -> list[ChannelLine]:
    """Every channel the person may read, latest activity first."""
    channels = agents.agents_for(actor)
    ids = [agent.id for agent in channels]
    facts = {row["pk"]: row for row in _facts(actor, ids)}
    waiting = open_counts(ids, at=now())
    lines = [
        ChannelLine(
            agent=agent,
            last_text=facts[agent.id]["last_text"] or "",
            last_has_files=bool(facts[agent.id]["last_has_files"]),
            last_at=facts[agent.id]["last_at"],
            unread=facts[agent.id]["unread"],
            waiting=waiting.get(agent.id, 0),
        )
        for agent in channels
        # Deleted between the two queries: the page that shows it is about to hear so.
        if agent.id in facts
    ]
    return sorted(lines, key=lambda line: line.last_at or line.agent.created_at, reverse=True)


def _facts(actor: Actor, ids: list[UUID]) -> "QuerySet[Any, Any]":
    # By name, not by import: the agents are only the outer rows that the correlated walks down (agent, -id) hang on.
    outer: QuerySet[Any, Any] = apps.get_model("agents", "Agent")._default_manager.filter(
        pk__in=ids
    )
    last = Message.objects.filter(agent_id=OuterRef("pk")).order_by("-id")
    rows: QuerySet[Any, Any] = (
        outer.order_by("pk")
        .annotate(
            last_text=Subquery(last.values("text")[:1]),
            last_has_files=Subquery(last.values("has_files")[:1]),
            last_at=Subquery(last.values("created_at")[:1]),
            mark=_mark(actor),
            unread=_unread(),
        )
        .values("pk", "last_text", "last_has_files", "last_at", "unread")
    )
    return rows


def _mark(actor: Actor) -> Coalesce:
    marks = ReadMark.objects.filter(user_id=actor.person_id, agent_id=OuterRef("pk")).order_by()
    return Coalesce(Subquery(marks.values("message_id")[:1]), Value(NIL), output_field=UUIDField())


def _unread() -> "_CountOf":
    """Counted inside a LIMIT: "99+" is all the page says, so a million unread messages cost a hundred."""
    newer = Message.objects.filter(
        agent_id=OuterRef("pk"), sender_type="agent", id__gt=OuterRef("mark")
    ).order_by("-id")
    return _CountOf(newer.values("pk")[:UNREAD_COUNTED])


class _CountOf(Subquery):
    """How many rows a limited subquery has; Django's own count would put the limit outside."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

"""Counting messages, by agent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from inbox.models import Message
from placet.lib.ids import first_id_at


@dataclass(frozen=True, kw_only=True)
class MessageCount:
    """`inbound` came from the agent, `outbound` went to it; `success` and `error` are the agent's own words."""

    inbound: int = 0
    outbound: int = 0
    success: int = 0
    error: int = 0


def message_counts(
    agent_ids: Iterable[UUID], *, since: datetime | None = None
) -> dict[UUID, MessageCount]:
    """One count for every id asked for, in one query."""
    ids = list(agent_ids)
    rows = Message.objects.of_agents(ids).order_by()
    if since:
        # The ids are the clock: with them the index on (agent, id) tells everything, and the messages are not read.
        rows = rows.filter(pk__gte=first_id_at(since))
    counted = rows.values("agent_id").annotate(
        inbound=Count("pk", filter=Q(sender_type="agent")),
        outbound=Count("pk", filter=Q(sender_type="user")),
        success=Count("pk", filter=Q(status="success")),
        error=Count("pk", filter=Q(status="error")),
    )
    found = {row.pop("agent_id"): MessageCount(**row) for row in counted}
    return {agent_id: found.get(agent_id, MessageCount()) for agent_id in ids}

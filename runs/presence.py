"""Who is at work, for lists of names: of the open runs of each agent the most urgent one, in one query for all of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from agents.snapshots import AgentSnapshot
from placet.lib.clock import now
from runs.models import Run, RunQuerySet
from runs.snapshots import FIRST_SIGN, has_run_out, is_unresponsive, may_turn_unresponsive
from runs.states import Status

#: The more urgent last.
KINDS = WORKS, QUIET, WAITS = "works", "quiet", "waits"
#: More than anybody has on one page; an agent has one open run a conversation. Of still more the newest are told.
MOST = 1_000
_READ = (
    "status",
    "started_at",
    "stopped_at",
    "links",
    "created_at",
    "agent_id",
    "channel_id",
    "awaits",
)


@dataclass(frozen=True, kw_only=True)
class Presence:
    """`guest`: who works in the conversation, if it is not the agent at home. `place`: where the agent works, if not at home."""

    kind: str
    status: str
    unresponsive: bool
    ran_out: bool
    stopped_at: datetime | None
    guest: str
    place: str
    #: When another look is due, unless there is news first.
    doubt_at: datetime | None


def presence_of(agents: Sequence[AgentSnapshot]) -> dict[UUID, Presence]:
    """For agents that were seen already: their own runs wherever they are, and those of guests in their conversations."""
    names, at = {agent.id: agent.name for agent in agents}, now()
    if not names:
        return {}
    theirs: defaultdict[UUID, list[Run]] = defaultdict(list)
    for row in _unended(list(names)):
        for agent_id in {row.agent_id, row.channel_id} & names.keys():
            theirs[agent_id].append(row)
    return {agent_id: _presence(agent_id, rows, names, at) for agent_id, rows in theirs.items()}


def _unended(agent_ids: list[UUID]) -> RunQuerySet:
    rows = Run.objects.unended().filter(Q(agent_id__in=agent_ids) | Q(channel_id__in=agent_ids))
    return rows.select_related("agent").only(*_READ, "agent__name").order_by("-pk")[:MOST]


def _presence(agent_id: UUID, rows: list[Run], names: dict[UUID, str], at: datetime) -> Presence:
    def urgency(row: Run) -> tuple[int, bool]:
        return KINDS.index(_kind(row, at)), row.channel_id == agent_id

    top = max(rows, key=urgency)
    doubts = [row.created_at + FIRST_SIGN for row in rows if may_turn_unresponsive(row, at)]
    away = top.channel_id != agent_id
    return Presence(
        kind=_kind(top, at),
        status=str(top.status),
        unresponsive=is_unresponsive(top, at),
        ran_out=has_run_out(top),
        stopped_at=top.stopped_at,
        guest=top.agent.name if top.agent_id != agent_id else "",
        # A name is told to who may see it.
        place=names.get(top.channel_id, "another conversation") if away else "",
        doubt_at=min(doubts, default=None),
    )


def _kind(row: Run, at: datetime) -> str:
    if row.status == Status.AWAITING and not has_run_out(row):
        return WAITS
    is_quiet = row.status == Status.STALE or has_run_out(row) or is_unresponsive(row, at)
    return QUIET if is_quiet else WORKS

"""Whether a run still takes what people write: a read, as the services decide."""

from dataclasses import dataclass

from agents.snapshots import AgentSnapshot
from runs.models import Guest, Run
from runs.snapshots import RunSnapshot


@dataclass(frozen=True, kw_only=True)
class Ear:
    """Whether a run hears what is written to it. `other`: the open run of that agent there, which hears it instead."""

    hears: bool
    other: RunSnapshot | None = None


def ear_of(run: RunSnapshot, home: AgentSnapshot | None) -> Ear:
    """`home`: its conversation, for who may write there."""
    if home is None or _was_shown_out(run):
        return Ear(hears=False)
    if run.is_open:
        return Ear(hears=True)
    rows = Run.objects.open().filter(agent_id=run.agent.id, channel_id=run.channel_id)
    if row := rows.select_related("agent").first():
        return Ear(hears=False, other=RunSnapshot.of(row))
    return Ear(hears=run.agent.takes_runs)


def _was_shown_out(run: RunSnapshot) -> bool:
    guests = Guest.objects.filter(agent_id=run.agent.id, channel_id=run.channel_id)
    return run.is_guest and not guests.exists()

"""Who can be asked: to whom a conversation may be handed, and whether one run still takes what people write. Reads, as the services decide."""

from dataclasses import dataclass

from agents import selectors as agents
from agents.snapshots import AgentSnapshot
from placet.lib.actors import Actor
from runs.models import Run
from runs.selectors import is_let_in, speakers_in
from runs.snapshots import RunSnapshot


@dataclass(frozen=True, kw_only=True)
class Callee:
    """Somebody the conversation may be handed to; `run`: what it is at there already, and would go on with."""

    agent: AgentSnapshot
    run: RunSnapshot | None


@dataclass(frozen=True, kw_only=True)
class Ear:
    """Whether a run hears what is written to it. `other`: the open run of that agent there, which hears it instead."""

    hears: bool
    other: RunSnapshot | None = None


def may_be_handed(home: AgentSnapshot) -> list[AgentSnapshot]:
    """In a conversation that was seen already: whose it is first, then its guests by name; those that take runs."""
    own, *guests = speakers_in(home)
    found = [own, *sorted(guests, key=lambda one: one.name.lower())]
    return [one for one in found if one.takes_runs]


def can_be_handed(home: AgentSnapshot) -> bool:
    """Whether there is one. No query where the agent at home takes runs itself."""
    return home.takes_runs or bool(may_be_handed(home))


def callees_in(home: AgentSnapshot) -> list[Callee]:
    rows = Run.objects.open().filter(channel_id=home.id).select_related("agent")
    runs = {row.agent_id: RunSnapshot.of(row) for row in rows}
    return [Callee(agent=one, run=runs.get(one.id)) for one in may_be_handed(home)]


def could_let_in(actor: Actor, home: AgentSnapshot) -> bool:
    """Where nobody was let in yet, whether this person has agents that could be: who manages both may."""
    if len(speakers_in(home)) > 1:
        return False
    managed = agents.managed_agents_for(actor)
    takers = [one for one in managed if one.takes_runs and one.id != home.id]
    return bool(takers) and any(one.id == home.id for one in managed)


def ear_of(run: RunSnapshot, home: AgentSnapshot | None) -> Ear:
    """`home`: its conversation, for who may write there."""
    if home is None or not is_let_in(run.agent.id, run.channel_id):
        return Ear(hears=False)
    if run.is_open:
        return Ear(hears=True)
    rows = Run.objects.open().filter(agent_id=run.agent.id, channel_id=run.channel_id)
    if row := rows.select_related("agent").first():
        return Ear(hears=False, other=RunSnapshot.of(row))
    return Ear(hears=run.agent.takes_runs)

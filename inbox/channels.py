"""Which channel a request means. A missing channel never widens a query: it names one agent, or the request is refused."""

from agents import selectors as agents
from agents.snapshots import AgentSnapshot
from placet.lib.actors import Actor
from placet.lib.errors import FieldError, Forbidden, Invalid, NotFound

SHOWN = 20


def channel_for(by: Actor, channel: object, *, named: str = "channel") -> AgentSnapshot:
    """The agent the request means: the one it names, else the only one there is; `named` is the field to blame."""
    if channel:
        return _named(by, channel)
    choices = agents.agents_for(by)
    if len(choices) == 1:
        return choices[0]
    raise _unclear(choices, named)


def _named(by: Actor, channel: object) -> AgentSnapshot:
    try:
        return agents.agent_for(by, channel)
    except NotFound:
        # 403 and not 404: what the reference answers for a channel; a channel that exists and one that does not look the same.
        raise Forbidden("Not your agent") from None


def _unclear(choices: list[AgentSnapshot], named: str) -> Invalid:
    names = ", ".join(f"{agent.id} ({agent.name})" for agent in choices[:SHOWN])
    rule = (
        f"is required: this key can speak for {len(choices)} agents: {names}"
        if choices
        else ("is required, and this key has no agent yet: create one with POST /api/v1/agents")
    )
    return Invalid(
        "Validation failed",
        errors=[FieldError(named, rule)],
        choices=[{"id": str(agent.id), "name": agent.name} for agent in choices[:SHOWN]],
    )

"""Which agent a request means that names none: never several, and never somebody else's."""

from agents.selectors import agents_for
from agents.snapshots import AgentSnapshot
from placet.lib.actors import Actor
from placet.lib.errors import FieldError, Invalid

SHOWN = 20


def only_agent(by: Actor, *, named: str) -> AgentSnapshot:
    """The only one there is; else Invalid with the choices. `named` is the field to blame."""
    choices = agents_for(by)
    if len(choices) == 1:
        return choices[0]
    raise _unclear(choices, named)


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

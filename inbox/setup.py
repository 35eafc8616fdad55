"""The first minutes in one piece: workspace, owner, first agent and its key exist together or not at all."""

from django.db import transaction

from accounts.services import setup
from accounts.snapshots import UserSnapshot
from agents import keys, services
from agents.snapshots import AgentSnapshot, IssuedKey
from placet.lib.actors import Actor
from placet.lib.errors import FieldError, Invalid


@transaction.atomic
def set_up(
    *,
    token: str,
    email: str,
    password: str,
    display_name: str,
    workspace_name: str,
    agent_name: str,
) -> tuple[UserSnapshot, IssuedKey]:
    """Use the set-up link, once: the owner, their first agent, and the key it speaks with."""
    person = setup.create_owner(
        token=token,
        email=email,
        password=password,
        display_name=display_name,
        workspace_name=workspace_name,
    )
    agent = _first_agent(person.as_actor(), agent_name)
    return person, keys.issue_key(by=person.as_actor(), agent_id=agent.id, label="First key")


def _first_agent(by: Actor, name: str) -> AgentSnapshot:
    try:
        return services.create_agent(by=by, name=name or "My first agent")
    except Invalid as refusal:
        faults = [FieldError("agentName", error.message) for error in refusal.errors]
        raise Invalid(refusal.message, errors=faults) from None

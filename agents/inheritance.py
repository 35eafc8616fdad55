"""When a person is removed, what they owned must not vanish with them."""

from collections.abc import Sequence
from uuid import UUID

from agents.models import Agent, ApiKey
from placet.events import catalogue
from placet.events.models import Recorded
from placet.events.outbox import record_all
from placet.lib.actors import SYSTEM


def hand_over(recorded: Sequence[Recorded]) -> None:
    """Beside `user:deleted`: the agents go to the heir, and every key of the person is told to stop."""
    for one in recorded:
        if one.type == catalogue.UserDeleted.type and one.user_id is not None:
            _hand_over(UUID(one.user_id), UUID(one.data["heirId"]))


def _hand_over(gone: UUID, heir: UUID) -> None:
    agents = list(Agent.objects.filter(owner_id=gone).order_by("pk").values_list("pk", flat=True))
    keys = list(ApiKey.objects.filter(user_id=gone).order_by("pk").values_list("pk", flat=True))
    Agent.objects.filter(pk__in=agents).update(owner_id=heir)
    news = [catalogue.AgentUpdated(agent_id=agent_id) for agent_id in agents]
    ends = [catalogue.KeyRevoked(user_id=gone, key_id=key_id) for key_id in keys]
    record_all([*news, *ends], by=SYSTEM)

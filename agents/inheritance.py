"""When a person is removed, what they owned must not vanish with them."""

from uuid import UUID

from agents.models import Agent, ApiKey
from placet.events import catalogue
from placet.events.models import Recorded
from placet.events.outbox import record_all
from placet.lib.actors import SYSTEM


def hand_over(recorded: Recorded) -> None:
    """Beside `user:deleted`: the agents go to the heir, and every key of the person is told to stop."""
    if recorded.type != catalogue.UserDeleted.type or recorded.user_id is None:
        return
    gone, heir = UUID(recorded.user_id), UUID(recorded.data["heirId"])
    agents = list(Agent.objects.filter(owner_id=gone).order_by("pk").values_list("pk", flat=True))
    keys = list(ApiKey.objects.filter(user_id=gone).order_by("pk").values_list("pk", flat=True))
    Agent.objects.filter(pk__in=agents).update(owner_id=heir)
    news = [catalogue.AgentUpdated(agent_id=agent_id) for agent_id in agents]
    ends = [catalogue.KeyRevoked(user_id=gone, key_id=key_id) for key_id in keys]
    record_all([*news, *ends], by=SYSTEM)

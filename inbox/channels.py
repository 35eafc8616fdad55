"""Which channel a request means. A missing channel never widens a query: it names one agent, or the request is refused."""

from agents import selectors as agents
from agents.choosing import only_agent
from agents.snapshots import AgentSnapshot
from placet.lib.actors import Actor
from placet.lib.errors import Forbidden, NotFound


def channel_for(by: Actor, channel: object, *, named: str = "channel") -> AgentSnapshot:
    """The agent the request means: the one it names, else the only one there is; `named` is the field to blame."""
    if channel:
        return _named(by, channel)
    return only_agent(by, named=named)


def _named(by: Actor, channel: object) -> AgentSnapshot:
    try:
        return agents.agent_for(by, channel)
    except NotFound:
        # 403 and not 404: what the reference answers for a channel; a channel that exists and one that does not look the same.
        raise Forbidden("Not your agent") from None

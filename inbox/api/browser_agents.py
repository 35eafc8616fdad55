"""`/api/agents` for people: the agent API's shapes plus what a chat list needs."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import BrowserView
from agents import selectors as agents
from agents import services
from agents.api import AgentChanges, AgentIn, agents_json, changes_in, managed_json, webhook_in
from agents.wire import status_change_json
from inbox import rail, stats
from inbox.services import keeping
from inbox.snapshots import ChannelLine
from placet.lib.clock import iso
from placet.lib.shapes import parse


class Agents(BrowserView):
    def get(self, request: Request) -> Response:
        lines = rail.channel_lines(self.by)
        agents_read = agents_json(self.by, [line.agent for line in lines])
        return Response([a | line_json(line) for a, line in zip(agents_read, lines, strict=True)])

    def post(self, request: Request) -> Response:
        body = parse(AgentIn, request.data)
        agent = services.create_agent(by=self.by, webhook=webhook_in(body), **changes_in(body))
        return Response(managed_json(self.by, agent), status=201)


class Agent(BrowserView):
    def get(self, request: Request, agent_id: str) -> Response:
        return Response(managed_json(self.by, agents.agent_for(self.by, agent_id)))

    def patch(self, request: Request, agent_id: str) -> Response:
        body = parse(AgentChanges, request.data)
        agent = services.update_agent(
            by=self.by, agent_id=agent_id, changes=changes_in(body), webhook=webhook_in(body)
        )
        return Response(managed_json(self.by, agent))

    def delete(self, request: Request, agent_id: str) -> Response:
        services.delete_agent(by=self.by, agent_id=agent_id)
        return Response({"deleted": True})


class Read(BrowserView):
    def post(self, request: Request, agent_id: str) -> Response:
        agent = agents.agent_for(self.by, agent_id)
        keeping.mark_read(by=self.by, agent_id=agent.id)
        return Response(status=201)


class Stats(BrowserView):
    def get(self, request: Request) -> Response:
        found = agents.agents_for(self.by)
        counts = stats.message_counts([agent.id for agent in found])
        return Response(
            {
                "totalAgents": len(found),
                "activeAgents": sum(agent.status not in {None, "offline"} for agent in found),
                "totalMessages": sum(count.inbound + count.outbound for count in counts.values()),
                "successRequests": sum(count.success for count in counts.values()),
                "errorRequests": sum(count.error for count in counts.values()),
            }
        )


class AgentStats(BrowserView):
    def get(self, request: Request, agent_id: str) -> Response:
        agent = agents.agent_for(self.by, agent_id)
        count = stats.message_counts([agent.id])[agent.id]
        history = agents.status_history(self.by, agent.id)
        return Response(
            {
                "totalMessages": count.inbound + count.outbound,
                "totalInbound": count.inbound,
                "totalOutbound": count.outbound,
                "successRequests": count.success,
                "errorRequests": count.error,
                "statusHistory": [status_change_json(change) for change in history],
            }
        )


def line_json(line: ChannelLine) -> dict[str, Any]:
    return {
        "lastMessage": line.last_text or None,
        "lastMessageTime": iso(line.last_at),
        "unreadCount": line.unread,
    }

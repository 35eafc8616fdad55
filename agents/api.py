"""`/api/v1/agents` and `/api/v1/status`: parse, call, answer."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents import selectors, services
from agents.choosing import only_agent
from agents.services import LONGEST
from agents.snapshots import AgentSnapshot
from agents.webhook import managed_webhooks
from agents.wire import agent_json
from placet.lib.actors import Actor
from placet.lib.errors import Faults
from placet.lib.rest import actor_of
from placet.lib.shapes import ObjectField, OneOf, Shape, Text, Truth, WebAddress, Whole, parse

STATUSES = ("active", "busy", "error", "offline")
FIELDS = {"name": "name", "description": "description", "avatarUrl": "avatar_url", "tag": "tag"}
RUNS = {"takesRuns": "takes_runs", "runStaleSeconds": "run_stale_seconds"}
WEBHOOK = {"webhookUrl": "url", "webhookHeaders": "headers", "webhookAuth": "auth"}


class BasicAuth(Shape):
    username = Text(required=False, allow_null=True, allow_blank=True, max_length=500)
    password = Text(
        required=False, allow_null=True, allow_blank=True, max_length=500, trim_whitespace=False
    )


class AgentIn(Shape):
    name = Text(max_length=LONGEST["name"])
    description = Text(
        required=False, allow_null=True, allow_blank=True, max_length=LONGEST["description"]
    )
    avatarUrl = WebAddress(
        required=False, allow_null=True, allow_blank=True, max_length=LONGEST["avatar_url"]
    )
    tag = Text(required=False, allow_null=True, allow_blank=True, max_length=LONGEST["tag"])
    webhookUrl = WebAddress(required=False, allow_null=True, allow_blank=True, max_length=2000)
    takesRuns = Truth(required=False)
    runStaleSeconds = Whole(required=False)


class AgentChanges(AgentIn):
    name = Text(required=False, max_length=LONGEST["name"])
    webhookHeaders = ObjectField(required=False, allow_null=True)
    webhookAuth = BasicAuth(required=False, allow_null=True)


class PingIn(Shape):
    agentId = Text(required=False, allow_null=True, allow_blank=True, max_length=500)
    status = OneOf(STATUSES)
    message = Text(required=False, allow_null=True, allow_blank=True, max_length=500)


class AgentOut(serializers.Serializer[object]):
    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    avatarUrl = serializers.CharField(allow_null=True)
    webhookUrl = serializers.CharField(allow_null=True)
    webhookHeaders = serializers.DictField(allow_null=True)
    webhookAuth = serializers.DictField(allow_null=True)
    status = serializers.ChoiceField(choices=STATUSES, allow_null=True)
    statusMessage = serializers.CharField(allow_null=True)
    statusSince = serializers.DateTimeField(allow_null=True)
    lastActiveAt = serializers.DateTimeField(allow_null=True)
    commands = serializers.ListField(child=serializers.DictField(), allow_null=True)
    tag = serializers.CharField(allow_null=True)
    takesRuns = serializers.BooleanField()
    runStaleSeconds = serializers.IntegerField()
    managementUrl = serializers.CharField(allow_null=True)
    managementApiKey = serializers.CharField(allow_null=True)
    isSubagent = serializers.BooleanField()
    parentAgentId = serializers.CharField(allow_null=True)
    createdAt = serializers.DateTimeField()


class DeletedOut(serializers.Serializer[object]):
    deleted = serializers.BooleanField()


class Agents(APIView):
    @extend_schema(
        summary="Your agents, newest first", responses=AgentOut(many=True), tags=["agents"]
    )
    def get(self, request: Request) -> Response:
        by = actor_of(request)
        return Response(agents_json(by, selectors.agents_for(by)))

    @extend_schema(
        summary="Create an agent",
        request=AgentIn,
        responses={201: AgentOut},
        tags=["agents"],
    )
    def post(self, request: Request) -> Response:
        by, body = actor_of(request), parse(AgentIn, request.data)
        agent = services.create_agent(by=by, webhook=webhook_in(body), **changes_in(body))
        return Response(managed_json(by, agent), status=201)


class Agent(APIView):
    @extend_schema(summary="One agent", responses=AgentOut, tags=["agents"])
    def get(self, request: Request, agent_id: str) -> Response:
        by = actor_of(request)
        return Response(managed_json(by, selectors.agent_for(by, agent_id)))

    @extend_schema(
        summary="Change an agent",
        request=AgentChanges,
        responses=AgentOut,
        tags=["agents"],
    )
    def patch(self, request: Request, agent_id: str) -> Response:
        by, body = actor_of(request), parse(AgentChanges, request.data)
        agent = services.update_agent(
            by=by, agent_id=agent_id, changes=changes_in(body), webhook=webhook_in(body)
        )
        return Response(managed_json(by, agent))

    @extend_schema(
        summary="Delete an agent with all it said", responses=DeletedOut, tags=["agents"]
    )
    def delete(self, request: Request, agent_id: str) -> Response:
        services.delete_agent(by=actor_of(request), agent_id=agent_id)
        return Response({"deleted": True})


class Ping(APIView):
    @extend_schema(summary="Heartbeat", request=PingIn, responses={201: AgentOut}, tags=["status"])
    def post(self, request: Request) -> Response:
        by, faults = actor_of(request), Faults()
        with faults:
            body = parse(PingIn, request.data)
        with faults:
            agent_id = request.data.get("agentId") or only_agent(by, named="agentId").id
        faults.tell()
        agent = services.ping(
            by=by, agent_id=agent_id, status=body["status"], message=body.get("message") or ""
        )
        return Response(managed_json(by, agent), status=201)


def changes_in(body: dict[str, Any]) -> dict[str, Any]:
    words = {ours: body[wire] or "" for wire, ours in FIELDS.items() if wire in body}
    return words | {ours: body[wire] for wire, ours in RUNS.items() if wire in body}


def webhook_in(body: dict[str, Any]) -> dict[str, Any]:
    return {ours: body[wire] or None for wire, ours in WEBHOOK.items() if wire in body}


def agents_json(by: Actor, agents: Iterable[AgentSnapshot]) -> list[dict[str, Any]]:
    """With the webhooks of those the actor manages."""
    found = list(agents)
    webhooks = managed_webhooks(by, [agent.id for agent in found])
    return [agent_json(agent, webhooks.get(agent.id)) for agent in found]


def managed_json(by: Actor, agent: AgentSnapshot) -> dict[str, Any]:
    return agents_json(by, [agent])[0]

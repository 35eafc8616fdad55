"""`/api/v1/agents/…Webhook`: what an agent with a key says about its own webhook."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents import services as agents
from agents.api import AgentOut, BasicAuth, managed_json
from agents.choosing import only_agent
from placet.lib.rest import actor_of
from placet.lib.shapes import ObjectField, Shape, Text, WebAddress, parse
from webhooks.services import endpoints
from webhooks.wire import secret_json


class ChannelIn(Shape):
    channelId = Text(required=False, allow_null=True, allow_blank=True, max_length=500)


class WebhookIn(ChannelIn):
    url = WebAddress(max_length=2000)
    headers = ObjectField(required=False, allow_null=True)
    auth = BasicAuth(required=False, allow_null=True)


class AgentWithSecretOut(AgentOut):
    webhookSecret = serializers.CharField(required=False)


class SecretOut(serializers.Serializer[object]):
    webhookSecret = serializers.CharField()
    oldSecretValidUntil = serializers.DateTimeField(allow_null=True)


class SetWebhook(APIView):
    @extend_schema(
        summary="Set the agent's webhook",
        description="Replaces it whole. `webhookSecret` is in the answer once, when the webhook is made.",
        request=WebhookIn,
        responses=AgentWithSecretOut,
        tags=["webhooks"],
    )
    def post(self, request: Request) -> Response:
        by, body = actor_of(request), parse(WebhookIn, request.data)
        agent, secret = endpoints.set_agent_webhook(
            by=by,
            agent_id=channel_in(by, body),
            url=body["url"],
            headers=body.get("headers"),
            auth=body.get("auth"),
        )
        return Response(managed_json(by, agent) | ({"webhookSecret": secret} if secret else {}))


class DeleteWebhook(APIView):
    @extend_schema(
        summary="Remove the agent's webhook",
        request=ChannelIn,
        responses=AgentOut,
        tags=["webhooks"],
    )
    def post(self, request: Request) -> Response:
        by, body = actor_of(request), parse(ChannelIn, request.data)
        agent = agents.set_webhook(by=by, agent_id=channel_in(by, body), url="")
        return Response(managed_json(by, agent))


class RotateWebhookSecret(APIView):
    @extend_schema(
        summary="A new signing secret",
        description="Both sign for a day. Also for an agent without a webhook: its messages' own `webhookUrl` and its callbacks are signed too.",
        request=ChannelIn,
        responses=SecretOut,
        tags=["webhooks"],
    )
    def post(self, request: Request) -> Response:
        by, body = actor_of(request), parse(ChannelIn, request.data)
        minted = endpoints.rotate_agent_secret(by=by, agent_id=channel_in(by, body))
        return Response(secret_json(minted))


def channel_in(by: Any, body: dict[str, Any]) -> object:
    return body.get("channelId") or only_agent(by, named="channelId").id

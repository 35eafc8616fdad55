"""`/api/webhooks` and `/api/deliveries`: what a person with a session can do in JSON."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import BrowserView
from placet.lib.shapes import ObjectField, Shape, Text, Texts, Truth, WebAddress, parse
from webhooks import selectors
from webhooks.services import endpoints, queueing
from webhooks.wire import attempt_json, delivery_json, endpoint_json, secret_json

CHOSEN = {
    "status": "status",
    "agent": "agent_id",
    "endpoint": "endpoint_id",
    "message": "message_id",
    "event": "event",
}


class EndpointIn(Shape):
    name = Text(max_length=endpoints.LONGEST_NAME)
    url = WebAddress(max_length=2000)
    events = Texts(required=False)
    agentIds = Texts(required=False)
    headers = ObjectField(required=False, allow_null=True)


class EndpointChanges(Shape):
    name = Text(required=False, max_length=endpoints.LONGEST_NAME)
    url = WebAddress(required=False, max_length=2000)
    events = Texts(required=False)
    agentIds = Texts(required=False)
    headers = ObjectField(required=False, allow_null=True)
    enabled = Truth(required=False)


class Endpoints(BrowserView):
    def get(self, request: Request) -> Response:
        return Response([endpoint_json(one) for one in selectors.workspace_endpoints(self.by)])

    def post(self, request: Request) -> Response:
        body = parse(EndpointIn, request.data)
        minted = endpoints.create_endpoint(
            by=self.by,
            name=body["name"],
            url=body["url"],
            events=body.get("events") or (),
            agent_ids=body.get("agentIds") or (),
            headers=body.get("headers"),
        )
        return Response(endpoint_json(minted.endpoint) | {"secret": minted.secret}, status=201)


class Endpoint(BrowserView):
    def get(self, request: Request, endpoint_id: str) -> Response:
        return Response(endpoint_json(selectors.endpoint_for(self.by, endpoint_id)))

    def patch(self, request: Request, endpoint_id: str) -> Response:
        body = parse(EndpointChanges, request.data)
        endpoint = endpoints.change_endpoint(
            by=self.by,
            endpoint_id=endpoint_id,
            changes={
                name: body[name] for name in ("name", "url", "events", "headers") if name in body
            },
            agent_ids=body.get("agentIds"),
            on=body.get("enabled"),
        )
        return Response(endpoint_json(endpoint))

    def delete(self, request: Request, endpoint_id: str) -> Response:
        endpoints.delete_endpoint(by=self.by, endpoint_id=endpoint_id)
        return Response({"deleted": True})


class Rotate(BrowserView):
    def post(self, request: Request, endpoint_id: str) -> Response:
        return Response(secret_json(endpoints.rotate_secret(by=self.by, endpoint_id=endpoint_id)))


class SendTest(BrowserView):
    def post(self, request: Request, endpoint_id: str) -> Response:
        sent = queueing.send_test(by=self.by, endpoint_id=endpoint_id)
        return Response(delivery_json(sent), status=201)


class Deliveries(BrowserView):
    def get(self, request: Request) -> Response:
        query = request.query_params
        page = selectors.deliveries_page(self.by, cursor=query.get("cursor"), **chosen(query))
        data = [delivery_json(one) for one in page.deliveries]
        return Response({"data": data, "nextCursor": page.next_cursor})


class Delivery(BrowserView):
    def get(self, request: Request, delivery_id: str) -> Response:
        delivery = selectors.delivery_for(self.by, delivery_id)
        tries = [attempt_json(one) for one in selectors.attempts_of(self.by, delivery_id)]
        return Response(delivery_json(delivery) | {"attemptLog": tries})


class Replay(BrowserView):
    def post(self, request: Request, delivery_id: str) -> Response:
        return Response(delivery_json(queueing.replay(by=self.by, delivery_id=delivery_id)))


class ReplayFailed(BrowserView):
    def post(self, request: Request) -> Response:
        wanted = {name: value for name, value in chosen(request.data).items() if name != "status"}
        return Response({"replayed": queueing.replay_failed(by=self.by, **wanted)})


class RetryMessage(BrowserView):
    def post(self, request: Request, message_id: str) -> Response:
        queueing.retry_message(by=self.by, message_id=message_id)
        return Response({"retried": True})


def chosen(query: Any) -> dict[str, Any]:
    return {ours: query.get(theirs) for theirs, ours in CHOSEN.items() if query.get(theirs)}

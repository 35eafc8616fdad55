"""`/api/runs`: what a person with a session sees of runs, and says to them."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import BrowserView
from inbox.api.messages import whole_number
from placet.lib.shapes import Shape, Text, parse
from runs import selectors
from runs.services import opening, prompting, stopping
from runs.wire import activity_page_json, run_json, run_page_json


class DelegationIn(Shape):
    agentId = Text(max_length=500)
    channelId = Text(max_length=500)
    text = Text(required=False, allow_null=True, allow_blank=True, trim_whitespace=False)
    clientId = Text(required=False, allow_null=True, max_length=200)


class PromptIn(Shape):
    text = Text(trim_whitespace=False)
    clientId = Text(required=False, allow_null=True, max_length=200)


class Runs(BrowserView):
    def get(self, request: Request) -> Response:
        query = request.query_params
        page = selectors.runs_page(
            self.by,
            query.get("channel"),
            status=query.get("status"),
            cursor=query.get("cursor"),
            limit=whole_number(query, "limit", selectors.DEFAULT_LIMIT),
        )
        return Response(run_page_json(page))

    def post(self, request: Request) -> Response:
        """Hand a conversation to an agent that may speak there."""
        body = parse(DelegationIn, request.data)
        run = opening.delegate(
            by=self.by,
            agent_id=body["agentId"],
            channel=body["channelId"],
            text=body.get("text") or "",
            client_id=body.get("clientId"),
        )
        return Response(run_json(run), status=201)


class Run(BrowserView):
    def get(self, request: Request, run_id: str) -> Response:
        return Response(run_json(selectors.run_for(self.by, run_id)))


class Activities(BrowserView):
    def get(self, request: Request, run_id: str) -> Response:
        query = request.query_params
        page = selectors.activities_page(
            self.by,
            run_id,
            cursor=query.get("cursor"),
            limit=whole_number(query, "limit", selectors.DEFAULT_LIMIT),
        )
        return Response(activity_page_json(page))


class Prompts(BrowserView):
    def post(self, request: Request, run_id: str) -> Response:
        """Write to this run, also when it has ended: that opens it again."""
        run = selectors.run_for(self.by, run_id)
        body = parse(PromptIn, request.data)
        told = prompting.prompt(
            by=self.by, run_id=run.id, text=body["text"], client_id=body.get("clientId")
        )
        return Response(run_json(told), status=201)


class Stop(BrowserView):
    def post(self, request: Request, run_id: str) -> Response:
        return Response(run_json(stopping.stop(by=self.by, run_id=run_id)))

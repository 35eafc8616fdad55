"""`/api/messages`: the JSON the browser, or a person's own script with a session, speaks."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import BrowserView
from agents.wire import agent_json
from inbox import selectors, triage
from inbox.api.messages import whole_number
from inbox.api.shapes import HumanMessageIn, ResponseIn
from inbox.api.wire import message_json, page_json
from inbox.channels import channel_for
from inbox.services import writing
from inbox.services.arriving import Attachments
from inbox.snapshots import MessageSnapshot
from placet.lib.errors import Invalid
from placet.lib.shapes import parse
from reviews import services as reviews

STATUSES = ("pending", "completed", "expired", "all")


class Messages(BrowserView):
    def get(self, request: Request) -> Response:
        query = request.query_params
        page = selectors.channel_page(
            self.by,
            query.get("channel"),
            cursor=query.get("cursor"),
            limit=whole_number(query, "limit", selectors.DEFAULT_LIMIT),
            search=query.get("search", ""),
            with_files=query.get("has_attachments") == "true",
        )
        return Response(page_json(page))

    def post(self, request: Request) -> Response:
        body = parse(HumanMessageIn, request.data)
        message = writing.write_message(
            by=self.by,
            agent_id=body.get("channelId"),
            text=body.get("text") or "",
            client_id=body.get("clientId"),
            attachments=Attachments(ids=body.get("attachmentIds") or ()),
        )
        return Response(message_json(message), status=201)


class Reviews(BrowserView):
    def get(self, request: Request) -> Response:
        status = request.query_params.get("status") or "all"
        if status not in STATUSES:
            raise Invalid.field(
                "status", f'must be one of {", ".join(STATUSES)}; got "{status[:80]}"'
            )
        channel = request.query_params.get("channel")
        found = triage.inbox_page(
            self.by,
            status=status,
            agent_id=channel_for(self.by, channel).id if channel else None,
            limit=triage.COUNTED,
        )
        return Response([with_agent(message) for message in found.messages])


class Message(BrowserView):
    def get(self, request: Request, message_id: str) -> Response:
        return Response(with_agent(selectors.message_for(self.by, message_id)))


class Respond(BrowserView):
    def post(self, request: Request, message_id: str) -> Response:
        selectors.question_for(self.by, message_id)
        body = parse(ResponseIn, request.data)
        reviews.respond(
            by=self.by,
            review_id=message_id,
            response=body["response"],
            feedback=body.get("feedback") or "",
            modified_file_ids=body.get("modifiedFileIds"),
        )
        return Response(with_agent(selectors.message_for(self.by, message_id)), status=201)


def with_agent(message: MessageSnapshot) -> dict[str, Any]:
    return {**message_json(message), "agent": agent_json(message.agent)}

"""`/api/v1/messages`: parse, call, answer."""

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.api import DeletedOut
from files.selectors import texts_of
from files.services.storing import Arrival
from inbox import selectors
from inbox.api import docs
from inbox.api.shapes import AcknowledgedOut, MessageIn, MessageOut, MessagePageOut
from inbox.api.wire import message_json, page_json, to_its_agent
from inbox.services import keeping, posting
from inbox.services.arriving import Attachments
from placet.lib.errors import Invalid
from placet.lib.rest import actor_of
from placet.lib.shapes import parse


class Messages(APIView):
    @docs.describe(
        "Messages of a channel, newest first",
        MessagePageOut,
        parameters=docs.PAGE,
        operation_id="messages_list",
        tags=["messages"],
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        page = selectors.channel_page(
            actor_of(request),
            query.get("channel"),
            cursor=query.get("cursor"),
            limit=whole_number(query, "limit", selectors.DEFAULT_LIMIT),
            search=query.get("search", ""),
            with_files=query.get("has_attachments") == "true",
        )
        return Response(page_json(page))

    @docs.describe(
        "Post a message, with a question if you like",
        MessageOut,
        code=201,
        request=MessageIn,
        examples=docs.POST_EXAMPLES,
        tags=["messages"],
    )
    def post(self, request: Request) -> Response:
        body = parse(MessageIn, request.data)
        message = posting.post_message(
            by=actor_of(request),
            channel=body.get("channelId"),
            text=body.get("text"),
            status=body.get("status"),
            metadata=body.get("metadata"),
            review=question(body.get("review")),
            client_id=body.get("clientId"),
            webhook_url=body.get("webhookUrl") or None,
            attachments=Attachments(
                ids=body.get("attachmentIds") or (),
                arrivals=[text_arrival(text) for text in body.get("textAttachments") or ()],
            ),
            idempotency=idempotency(request),
        )
        texts = texts_of(message.files)
        return Response(to_its_agent(message, by=actor_of(request), texts=texts), status=201)


class Message(APIView):
    @docs.describe("One message", MessageOut, parameters=[docs.CHANNEL], tags=["messages"])
    def get(self, request: Request, message_id: str) -> Response:
        message = selectors.message_in(
            actor_of(request), message_id, channel=request.query_params.get("channel")
        )
        return Response(message_json(message, reveal=True))

    @docs.describe(
        "Delete a message and its review",
        DeletedOut,
        parameters=[docs.CHANNEL],
        tags=["messages"],
    )
    def delete(self, request: Request, message_id: str) -> Response:
        keeping.delete_message(
            by=actor_of(request), message_id=message_id, channel=request.query_params.get("channel")
        )
        return Response({"deleted": True})


class Acknowledgement(APIView):
    @docs.describe(
        "Tell that the agent has the message",
        AcknowledgedOut,
        parameters=[docs.CHANNEL],
        request=OpenApiTypes.OBJECT,
        tags=["messages"],
    )
    def post(self, request: Request, message_id: str) -> Response:
        keeping.acknowledge(
            by=actor_of(request), message_id=message_id, channel=request.query_params.get("channel")
        )
        return Response({"acknowledged": True})


def question(review: dict[str, Any] | None) -> posting.Question | None:
    if not review:
        return None
    moment: datetime | None = review.get("expiresAt")
    return posting.Question(
        type=review["type"],
        payload=review.get("payload"),
        expires_at=moment.astimezone(UTC) if moment else None,
        expires_in_seconds=review.get("expiresInSeconds"),
        callback=review.get("callback"),
    )


def text_arrival(text: dict[str, Any]) -> Arrival:
    return Arrival.of_text(
        text["content"],
        name=text.get("filename") or "content.md",
        declared_type=text.get("mimeType") or "text/markdown",
    )


def idempotency(request: Request) -> posting.Idempotency | None:
    value = request.headers.get("Idempotency-Key", "")
    return (
        posting.Idempotency.of(value, (request.parser_context or {}).get("raw_body", b""))
        if value
        else None
    )


def whole_number(query: Any, name: str, default: int) -> int:
    text = query.get(name)
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise Invalid.field(name, f'must be a whole number; got "{text[:80]}"') from None

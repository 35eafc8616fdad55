"""`/api/v1/reviews`: a review is read as the message that carries it."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inbox import selectors
from inbox.api import docs
from inbox.api.shapes import MessageOut
from inbox.api.wire import message_json, to_its_agent
from inbox.services import keeping
from placet.lib.rest import actor_of


class PendingReviews(APIView):
    @docs.describe(
        "Open questions of a channel",
        MessageOut(many=True),
        parameters=[docs.CHANNEL],
        tags=["reviews"],
    )
    def get(self, request: Request) -> Response:
        pending = selectors.pending_in(actor_of(request), request.query_params.get("channel"))
        return Response([message_json(message) for message in pending])


class Review(APIView):
    @docs.describe(
        "One review, as its message", MessageOut, parameters=[docs.CHANNEL], tags=["reviews"]
    )
    def get(self, request: Request, review_id: str) -> Response:
        message = selectors.question_in(
            actor_of(request), review_id, channel=request.query_params.get("channel")
        )
        return Response(message_json(message, reveal=True))


class Cancellation(APIView):
    @docs.describe(
        "Take a question back",
        MessageOut,
        parameters=[docs.CHANNEL],
        request=None,
        tags=["reviews"],
    )
    def post(self, request: Request, review_id: str) -> Response:
        by, channel = actor_of(request), request.query_params.get("channel")
        selectors.question_in(by, review_id, channel=channel)
        keeping.take_back(by=by, message_id=review_id, channel=channel)
        cancelled = selectors.question_in(by, review_id, channel=channel)
        return Response(to_its_agent(cancelled, by=by))

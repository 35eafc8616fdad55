"""What drf-spectacular cannot see by itself: the key, the doors that park, and the names of the events."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inbox.api import docs
from inbox.api.shapes import FeedOut, WaitOut
from placet.events.catalogue import EVENTS, PUBLIC

WAIT, FEED = "/api/v1/reviews/{review_id}/wait", "/api/v1/events"


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped upstream
    target_class = "agents.auth.KeyAuthentication"
    name = ["bearer", "header"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "hp_…"},
            {"type": "apiKey", "in": "header", "name": "x-api-key"},
        ]


class Wait(APIView):
    """Only described here: the door itself is inbox.api.wait, a plain async view that parks without a thread."""

    @docs.describe(
        "Wait for the response",
        WaitOut,
        parameters=[docs.REVIEW_ID, docs.CHANNEL, docs.TIMEOUT],
        description="Returns the moment the human responds, the review expires or is cancelled, or the timeout passes.",
        tags=["reviews"],
    )
    def get(self, request: Request, review_id: str) -> Response:
        raise RuntimeError("inbox.api.wait answers this route.")


class Feed(APIView):
    """The same: inbox.api.events answers."""

    @docs.describe(
        "What happened to your agents, in order",
        FeedOut,
        parameters=docs.FEED,
        operation_id="events_list",
        description=(
            "Give `nextCursor` back as `after`, whether or not anything came. Every event is told at least once; the same "
            "`eventId` is in webhooks and sockets. `message` is how the message is now, null when it is gone. `gap` is true "
            "when `after` is none of what is kept: what happened in between is not told."
        ),
        tags=["events"],
    )
    def get(self, request: Request) -> Response:
        raise RuntimeError("inbox.api.events answers this route.")


def describe_parked(endpoints: list[Any], **_: Any) -> list[Any]:
    """A preprocessing hook: only `/api/v1` is for agents, and the doors that park belong to it."""
    ours = [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
    parked = ((WAIT, Wait), (FEED, Feed))
    return [*ours, *((path, path, "GET", view.as_view()) for path, view in parked)]


def name_events(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook: the events that may leave the house, straight from the catalogue."""
    result["components"]["schemas"]["EventType"] = {
        "type": "string",
        "enum": list(PUBLIC),
        "description": "\n".join(
            f"* `{event.type}` - {event.label}" for event in EVENTS if event.public
        ),
    }
    return result

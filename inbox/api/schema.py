"""What drf-spectacular cannot see by itself: the key, the parked wait, and the names of the events."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inbox.api import docs
from inbox.api.shapes import WaitOut
from placet.events.catalogue import EVENTS

WAIT = "/api/v1/reviews/{review_id}/wait"


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


def describe_wait(endpoints: list[Any], **_: Any) -> list[Any]:
    """A preprocessing hook: only `/api/v1` is for agents, and the wait belongs to it."""
    ours = [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
    return [*ours, (WAIT, WAIT, "GET", Wait.as_view())]


def name_events(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook: the events that may leave the house, straight from the catalogue."""
    names = [event.type for event in EVENTS if event.public]
    result["components"]["schemas"]["EventType"] = {
        "type": "string",
        "enum": names,
        "description": "\n".join(
            f"* `{event.type}` - {event.label}" for event in EVENTS if event.public
        ),
    }
    return result

"""Words and examples of the schema page. The examples are the ones the tests run."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from inbox.api.shapes import ErrorOut
from placet.events.catalogue import PUBLIC

View = TypeVar("View", bound=Callable[..., Any])
CHANNEL = OpenApiParameter(
    "channel",
    str,
    description="The agent's id. May be left out when the key can mean only one agent.",
)
REVIEW_ID = OpenApiParameter("review_id", str, OpenApiParameter.PATH)
TIMEOUT = OpenApiParameter(
    "timeout", int, description="Milliseconds to wait; 30000 by default, capped by the operator."
)
PAGE = [
    CHANNEL,
    OpenApiParameter("cursor", str, description="`nextCursor` of the page before."),
    OpenApiParameter("limit", int, description="1 to 100; 50 by default."),
    OpenApiParameter("search", str, description="A piece of the text, upper and lower case alike."),
    OpenApiParameter(
        "has_attachments",
        str,
        description="`true`: only messages with files.",
    ),
]
UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "channelId": {"type": "string"},
        },
        "required": ["file"],
    }
}
FEED = [
    OpenApiParameter(
        "after",
        str,
        description="`nextCursor` of the answer before; `0` for everything that is kept. Without it: from now on.",
    ),
    OpenApiParameter(
        "types", str, description=f"Only these, separated by commas: {', '.join(PUBLIC)}."
    ),
    OpenApiParameter(
        "wait",
        int,
        description="Milliseconds to wait when there is nothing yet; 0 by default, capped by the operator.",
    ),
    OpenApiParameter("limit", int, description="1 to 100; 50 by default."),
    OpenApiParameter(
        "channel", str, description="Only this agent. Without it: all that the key can speak for."
    ),
]
POST_EXAMPLES = [
    OpenApiExample(
        "Plain text",
        {"text": "Deployment completed successfully.", "status": "success"},
        request_only=True,
    ),
    OpenApiExample(
        "Approval",
        {
            "text": "Deploy v2.1 to production?",
            "review": {
                "type": "approval",
                "payload": {
                    "options": [
                        {"id": "approve", "label": "Approve", "style": "primary"},
                        {"id": "reject", "label": "Reject", "style": "danger"},
                    ],
                    "allowComment": True,
                },
                "expiresInSeconds": 3600,
            },
        },
        request_only=True,
    ),
    OpenApiExample(
        "Selection",
        {
            "text": "Which option?",
            "review": {
                "type": "selection",
                "payload": {
                    "mode": "single",
                    "items": [
                        {"id": "option_a", "label": "Option A"},
                        {"id": "option_b", "label": "Option B"},
                    ],
                },
            },
        },
        request_only=True,
    ),
    OpenApiExample(
        "Form",
        {
            "text": "Where to?",
            "review": {
                "type": "form",
                "payload": {
                    "fields": [
                        {
                            "name": "environment",
                            "type": "select",
                            "label": "Environment",
                            "required": True,
                            "options": [
                                {"value": "staging", "label": "Staging"},
                                {"value": "prod", "label": "Production"},
                            ],
                        },
                        {"name": "notify", "type": "checkbox", "label": "Send notification"},
                    ],
                    "submitLabel": "Deploy",
                },
            },
        },
        request_only=True,
    ),
    OpenApiExample(
        "Text input",
        {
            "text": "What went wrong?",
            "review": {"type": "text-input", "payload": {"minLength": 10, "maxLength": 2000}},
        },
        request_only=True,
    ),
]


def describe(summary: str, answer: Any, *, code: int = 200, **more: Any) -> Callable[[View], View]:
    """`extend_schema` with the errors every door of the API can answer."""
    errors = {400: ErrorOut, 401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 429: ErrorOut}
    decorate: Callable[[View], View] = extend_schema(
        summary=summary, responses={code: answer, **errors}, **more
    )
    return decorate

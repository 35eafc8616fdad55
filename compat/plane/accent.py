"""Plane's accent: who asks, in which scope, and what a refusal looks like."""

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compat.apps import auth
from compat.plane.place import Place
from placet.lib.actors import Actor
from placet.lib.errors import FieldError, PlacetError
from placet.lib.rest import actor_of, as_refusal, headers_of, written

PATHS = ("/api/v1/workspaces/", "/api/v1/users/", "/auth/o/app-installation/")
#: Fields that are spelled otherwise here.
SPELLED = {
    "contentMetadata": "content_metadata",
    "signalMetadata": "signal_metadata",
    "agentId": "agent_slug",
    "channelId": "issue",
    "messageId": "comment",
    "links.0.url": "external_link",
    "content.result": "content.parameters.result",
}


class TokenAuthentication(BaseAuthentication):
    """The Actor of an access token, or of a key that is bound to one agent, is `request.auth`."""

    def authenticate(self, request: Request) -> tuple[Any, Actor]:
        return _nobody, auth.actor_of_headers(request.headers)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="placet"'


class PlaneView(APIView):
    authentication_classes = (TokenAuthentication,)
    permission_classes = ()
    #: Not a word of it stands in our own schema.
    schema = None

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return answer_error

    def actor(self, request: Request, scope: str) -> Actor:
        """Who asks, if the token reaches that far."""
        actor = actor_of(request)
        auth.require(actor, scope)
        return actor

    def place(self, slug: str, project_id: object = None) -> Place:
        place = Place.ours()
        place.refuse_elsewhere(slug, project_id)
        return place


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    refusal = as_refusal(error)
    if refusal is None:
        return None
    response = Response(error_body(refusal), status=refusal.status, headers=error_headers(refusal))
    response.exception = True
    return response


def refused(refusal: PlacetError, request: HttpRequest) -> HttpResponse:
    """For what is refused before it comes to a view."""
    return HttpResponse(
        written(error_body(refusal)),
        status=refusal.status,
        content_type="application/json",
        headers=error_headers(refusal),
    )


def error_body(refusal: PlacetError) -> dict[str, Any]:
    """The same sentence under every word that one of the SDKs looks for; and each field's own faults."""
    errors = [FieldError(_spelled(one.path), one.message) for one in refusal.errors]
    said = "; ".join(f"{one.path} {one.message}" for one in errors) or refusal.message
    fields: dict[str, Any] = {}
    for one in errors:
        fields.setdefault(one.path, []).append(one.message)
    return {**fields, "error": said, "detail": said, "message": said, "code": refusal.code}


def error_headers(refusal: PlacetError) -> dict[str, str]:
    headers = headers_of(refusal)
    if "retry_after" in refusal.extra:
        reset = round(time.time()) + int(refusal.extra["retry_after"])
        headers |= {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    return headers


def _spelled(path: str) -> str:
    for ours, theirs in SPELLED.items():
        if path == ours or path.startswith(f"{ours}."):
            return theirs + path.removeprefix(ours)
    return path


class _Nobody:
    is_authenticated = True


_nobody = _Nobody()

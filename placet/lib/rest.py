"""The REST accent: JSON in and out by orjson, and one shape for every error."""

from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from placet.lib.actors import Actor
from placet.lib.clock import iso, now
from placet.lib.errors import FieldError, Invalid, NotFound, PlacetError, TooBig, Unauthorized
from placet.lib.shapes import refuse_monsters
from placet.lib.wording import must_be

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else written(data)


class OrjsonParser(BaseParser):
    """JSON whatever the Content-Type says (curl without a header included), with limits on depth and size."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        # Through HttpRequest.body, which refuses more than DATA_UPLOAD_MAX_MEMORY_SIZE; stream.read() would not.
        raw = parser_context["request"]._request.body
        # Kept for Idempotency-Key, which is bound to the very bytes.
        parser_context["raw_body"] = raw
        if not raw.strip():
            return {}
        try:
            data = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise Invalid.field("body", _not_json(error, media_type or "")) from None
        refuse_monsters(data)
        if not isinstance(data, dict):
            raise Invalid.field("body", must_be("an object", data))
        return data


def _not_json(error: ValueError, media_type: str) -> str:
    kind = media_type.partition(";")[0].strip()
    if kind in FORMS:
        return f"must be JSON, sent with Content-Type: application/json; got {kind}"
    return f"must be JSON; {error}"


class AlwaysJson(DefaultContentNegotiation):
    """One representation: an Accept header we cannot meet is no reason to refuse an agent."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


def actor_of(request: Request) -> Actor:
    """Who is acting: the authentication classes of every door leave an Actor in `request.auth`."""
    actor = request.auth
    if not isinstance(actor, Actor):
        raise Unauthorized("Missing or invalid API key")
    return actor


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal leaves as {statusCode, message, errors, timestamp, path}."""
    refusal = as_refusal(error)
    if refusal is None:
        return None
    request = context["request"]
    response = Response(
        error_body(refusal, request), status=refusal.status, headers=headers_of(refusal)
    )
    response.exception = True
    return response


def error_response(refusal: PlacetError, request: HttpRequest) -> HttpResponse:
    """The same answer outside DRF: middleware, the parked wait, plain views."""
    body = written(error_body(refusal, request))
    return HttpResponse(
        body, status=refusal.status, content_type="application/json", headers=headers_of(refusal)
    )


def written(data: Any) -> bytes:
    """JSON as every door sends it; the newline is for whoever reads it at a prompt."""
    return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)


def error_body(refusal: PlacetError, request: Any) -> dict[str, Any]:
    return {
        "statusCode": refusal.status,
        "message": refusal.message,
        "code": refusal.code,
        "errors": [{"path": error.path, "message": error.message} for error in refusal.errors],
        **({"extra": refusal.extra} if refusal.extra else {}),
        "timestamp": iso(now()),
        "path": request.get_full_path(),
    }


def as_refusal(error: Exception) -> PlacetError | None:
    """Ours as it is; DRF's and Django's translated; anything else is a bug and stays one."""
    if isinstance(error, PlacetError):
        return error
    if isinstance(error, Http404):
        return NotFound("Not found")
    if isinstance(error, exceptions.ValidationError):
        return Invalid("Validation failed", errors=list(_field_errors(error.detail)))
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Unauthorized(str(error.detail))
    if isinstance(error, MultiPartParserError | TooManyFilesSent | TooManyFieldsSent):
        return Invalid.field("body", f"must be a whole form with not too many fields; {error}")
    if isinstance(error, RequestDataTooBig):
        return TooBig(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
    if isinstance(error, exceptions.APIException):
        refusal = PlacetError(str(error.detail))
        refusal.status, refusal.code = error.status_code, error.default_code
        return refusal
    return None


def _field_errors(detail: Any, path: str = "") -> Any:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _field_errors(inner, f"{path}.{name}".strip("."))
    elif isinstance(detail, list):
        for n, inner in enumerate(detail):
            yield from _field_errors(inner, path if isinstance(inner, str) else f"{path}.{n}")
    else:
        yield FieldError(path.removesuffix(".non_field_errors") or "body", str(detail))


def headers_of(refusal: PlacetError) -> dict[str, str]:
    headers = {}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="placet"'
    if "retry_after" in refusal.extra:
        headers["Retry-After"] = str(refusal.extra["retry_after"])
    if "allow" in refusal.extra:
        headers["Allow"] = refusal.extra["allow"]
    return headers

"""`/graphql`: the body in, an answer out, every refusal in Linear's shape."""

from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from compat.apps.auth import actor_of_headers
from compat.linear.errors import refused_by
from compat.linear.executing import Answer, Asked, answer
from compat.linear.limits import MOST_COMPLEX
from placet.lib.errors import Invalid, NotAllowed, PlacetError
from placet.lib.rest import as_refusal, written
from placet.lib.shapes import refuse_monsters
from placet.lib.wording import must_be


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    try:
        given = answer(actor_of_headers(request.headers, bare=True), _asked(request))
    except (PlacetError, RequestDataTooBig) as error:
        return _refusal(as_refusal(error) or Invalid("Invalid request"))
    return _response(given)


def _asked(request: HttpRequest) -> Asked:
    if request.method != "POST":
        raise NotAllowed(request.method, allow="POST")
    body = _body(request.body)
    query, variables = body.get("query"), body.get("variables")
    if not isinstance(query, str):
        raise Invalid.field("query", must_be("a GraphQL document", query))
    if not isinstance(variables, dict | None):
        raise Invalid.field("variables", must_be("an object", variables))
    operation = body.get("operationName")
    if not isinstance(operation, str | None):
        raise Invalid.field("operationName", must_be("a string", operation))
    return Asked(query=query, variables=variables or {}, operation=operation or None)


def _body(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Invalid.field("body", f"must be JSON; {error}") from None
    refuse_monsters(body)
    if not isinstance(body, dict):
        raise Invalid.field("body", must_be("an object with one query", body))
    return body


def _response(given: Answer) -> HttpResponse:
    response = HttpResponse(
        written(given.body), status=given.status, content_type="application/json; charset=utf-8"
    )
    response["X-Complexity"] = f"{given.complexity:.0f}"
    response["X-RateLimit-Complexity-Limit"] = str(MOST_COMPLEX)
    return response


def _refusal(refusal: PlacetError) -> HttpResponse:
    errors, status = refused_by(refusal)
    if refusal.status == 405:
        status = 405
    response = _response(Answer(body={"errors": errors}, status=status))
    if "retry_after" in refusal.extra:
        response["Retry-After"] = str(refusal.extra["retry_after"])
    if "allow" in refusal.extra:
        response["Allow"] = refusal.extra["allow"]
    return response

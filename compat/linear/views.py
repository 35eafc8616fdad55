"""`/graphql`: the body in, an answer out, every refusal in Linear's shape."""

from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from compat.apps.auth import recognise
from compat.linear.errors import refused_by
from compat.linear.executing import Answer, Asked, Price, answer
from placet.lib import limits
from placet.lib.actors import Actor
from placet.lib.errors import Invalid, NotAllowed, PlacetError, TooManyRequests
from placet.lib.rest import as_refusal, headers_of, written
from placet.lib.shapes import refuse_monsters
from placet.lib.wording import must_be

#: What is left of the requests and of the points, as far as it was counted.
Left = dict[str, limits.Standing | None]


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    left: Left = {}
    try:
        by = recognise(request.headers, bare=True)
        _take("Requests", "key", by, 1, left)
        given = answer(by, _asked(request), pay=lambda price: _pay(by, price, left))
    except (PlacetError, RequestDataTooBig) as error:
        return _refusal(as_refusal(error) or Invalid("Invalid request"), left)
    return _response(given, left)


def refused(refusal: PlacetError, request: HttpRequest) -> HttpResponse:
    """For what is refused before it comes here."""
    return _refusal(refusal, {})


def _pay(by: Actor, price: Price, left: Left) -> None:
    """The first of its requests was counted when it came."""
    if price.requests > 1:
        _take("Requests", "key", by, price.requests - 1, left)
    _take("Complexity", "points", by, price.points, left)


def _take(what: str, limit: str, by: Actor, cost: int, left: Left) -> None:
    try:
        left[what] = limits.take(limit, str(by.key_id), cost=cost)
    except TooManyRequests as refusal:
        left[what] = refusal.standing
        raise


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


def _response(given: Answer, left: Left) -> HttpResponse:
    response = HttpResponse(
        written(given.body), status=given.status, content_type="application/json; charset=utf-8"
    )
    response["X-Complexity"] = str(given.complexity)
    for what, standing in left.items():
        if standing:
            _tell(response, f"X-RateLimit-{what}", standing)
    return response


def _tell(response: HttpResponse, start: str, standing: limits.Standing) -> None:
    response[f"{start}-Limit"] = str(standing.limit)
    response[f"{start}-Remaining"] = str(standing.remaining)
    # Linear counts in milliseconds.
    response[f"{start}-Reset"] = str(round(standing.reset_at() * 1000))


def _refusal(refusal: PlacetError, left: Left) -> HttpResponse:
    errors, status = refused_by(refusal)
    if refusal.status == 405:
        status = 405
    if isinstance(refusal, TooManyRequests) and not left:
        left = {"Requests": refusal.standing}
    response = _response(Answer(body={"errors": errors}, status=status), left)
    for name, value in headers_of(refusal).items():
        response[name] = value
    return response

"""What the doors have in common that park: plain async views, for no thread is kept while they wait."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from agents.auth import actor_of_headers
from placet.lib.actors import Actor
from placet.lib.errors import Forbidden, NotAllowed, PlacetError
from placet.lib.rest import error_response

P = ParamSpec("P")


def parks(
    answer: Callable[Concatenate[HttpRequest, P], Awaitable[bytes]],
) -> Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]:
    """A view of JSON that somebody GETs with a key, out of the function that makes it."""

    @wraps(answer)
    async def view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            if request.method != "GET":
                raise NotAllowed(request.method, allow="GET")
            body = await answer(request, *args, **kwargs)
        except PlacetError as refusal:
            return error_response(refusal, request)
        return HttpResponse(body, content_type="application/json")

    # A key in a header is no cookie: there is no form to ask for a token, not even to hear that POST is wrong. By hand, for
    # Django's decorator would put a coroutine around each wait.
    vars(view)["csrf_exempt"] = True
    return view


def reader(headers: Mapping[str, str]) -> Actor:
    """Counts against the key's rate, once per request; the looks that follow only ask whether the key still lives."""
    actor = actor_of_headers(headers)
    if "read" not in actor.scopes:
        raise Forbidden('This key lacks the "read" scope.')
    return actor

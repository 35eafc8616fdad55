"""The one way into a page: signed in, in the person's own time zone, refusals turned into pages."""

import zoneinfo
from collections.abc import Callable
from datetime import tzinfo
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone

from placet.events.selectors import latest_id
from placet.lib.errors import Forbidden, NotFound, PlacetError

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
ZONE_COOKIE = "placet_zone"


def for_people(view: View[P]) -> View[P]:
    """Only people in a session get in. A stranger's thing and no thing are both 404."""

    @wraps(view)
    def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in(request)
        # Before any row is read: the browser replays from here, so nothing falls between the page and its socket.
        request.placet_cursor = latest_id()  # type: ignore[attr-defined]
        with timezone.override(_zone_of(request)):
            try:
                return view(request, *args, **kwargs)
            except (NotFound, Forbidden) as refusal:
                raise Http404(refusal.message) from None
            except PlacetError as refusal:
                return HttpResponse(
                    refusal.message, status=refusal.status, content_type="text/plain"
                )

    return door


def wants_fragment(request: HttpRequest) -> bool:
    return (
        request.headers.get("HX-Request") == "true"
        and "HX-History-Restore-Request" not in request.headers
    )


def render(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Rendered here and now, inside the person's time zone. Page and fragment share an address, so caches must tell them apart."""
    response = TemplateResponse(request, template, context, status=status).render()
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


def _sign_in(request: HttpRequest) -> HttpResponse:
    """A fragment must not become the sign-in page: the browser is told to go there as a whole."""
    if wants_fragment(request):
        return HttpResponse(status=401, headers={"HX-Refresh": "true"})
    return redirect_to_login(request.get_full_path())


def _zone_of(request: HttpRequest) -> tzinfo | None:
    """The browser says its time zone in a cookie; until it has, UTC."""
    try:
        return zoneinfo.ZoneInfo(request.COOKIES.get(ZONE_COOKIE, ""))
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None

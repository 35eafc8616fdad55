"""What every answer carries, and what one address may ask for."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase
from django.middleware.security import SecurityMiddleware

from placet.lib import accents, limits
from placet.lib.errors import Invalid, PlacetError
from placet.lib.exchange import note
from placet.lib.logs import route_of
from placet.lib.rest import error_response
from placet.pool import on_pool

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"

#: Where one address is counted: whatever looks a key or a secret up.
LIMITED = ("/api/", "/auth/o/", "/oauth/", "/graphql", "/login", "/setup")


class Guard:
    """A middleware for sync and async stacks, in two halves: the handler of parked waits calls them itself, one by one.

    Nested, each would keep a coroutine or two for as long as the wait is parked: half a KiB, ten thousand times.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._later(request)
        refusal = self.before(request)
        return self.after(request, refusal or self.get_response(request))

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        refusal = await self.before_wait(request)
        return self.after(request, refusal or await self.get_response(request))

    async def before_wait(self, request: HttpRequest) -> HttpResponseBase | None:
        """`before`, on the loop: it must not block."""
        return self.before(request)

    def before(self, request: HttpRequest) -> HttpResponseBase | None:
        return None

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response


class _Theirs(Guard):
    """Another's middleware for the parked wait: both its halves only compute, and it would hop to a thread for each."""

    theirs: type[Any]

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        self._theirs = self.theirs(get_response)

    def before(self, request: HttpRequest) -> HttpResponseBase | None:
        refusal: HttpResponseBase | None = self._theirs.process_request(request)
        return refusal

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        answer: HttpResponseBase = self._theirs.process_response(request, response)
        return answer


class known_host(Guard):
    """The host check of Django's CommonMiddleware."""

    def before(self, request: HttpRequest) -> HttpResponseBase | None:
        try:
            request.get_host()
        except DisallowedHost:
            return error_response(Invalid("Bad request"), request)
        return None


class transport_security(_Theirs):
    """The redirect to https and the headers of Django's SecurityMiddleware."""

    theirs = SecurityMiddleware


class content_policy(_Theirs):
    theirs = CSPMiddleware


class security_headers(Guard):
    """Headers Django's own middleware does not set, on every answer, errors and files included."""

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.headers.get("Cache-Control"):
            response.headers["Cache-Control"] = "no-store"
        return response


class note_route(Guard):
    """Tells the log line of the request which entry of the URL table it was for."""

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.resolver_match:
            note(route=route_of(request))
        return response


class address_limit(Guard):
    """One address may not take the whole server: 429 with Retry-After past PLACET_RATE_PER_ADDRESS."""

    async def before_wait(self, request: HttpRequest) -> HttpResponseBase | None:
        # Counting asks Redis where there is one, and the loop must not wait for that.
        return await on_pool(self.before, request) if settings.REDIS_URL else self.before(request)

    def before(self, request: HttpRequest) -> HttpResponseBase | None:
        if not request.path.startswith(LIMITED):
            return None
        try:
            limits.take("address", limits.place_of(request))
        except PlacetError as refusal:
            return accents.refused(refusal, request)
        return None


class refuse_nul(Guard):
    """PostgreSQL stores no U+0000; what cannot be stored is refused at the door, not by a 500 from the depths."""

    def before(self, request: HttpRequest) -> HttpResponseBase | None:
        if "\0" in request.path:
            return _nul(request, "path")
        if "%00" in request.META.get("QUERY_STRING", ""):
            return _nul(request, "query")
        # JSON has its own look, and may say "%00".
        if not request.path.startswith("/api/") and (name := _field_with_nul(request)) is not None:
            return _nul(request, name)
        return None


def _field_with_nul(request: HttpRequest) -> str | None:
    """Of the parsed form, be it urlencoded or multipart: what a file holds is its own business."""
    for name, values in request.POST.lists():
        if any("\0" in text for text in (name, *map(str, values))):
            return name.replace("\0", "") or "body"
    return None


def _nul(request: HttpRequest, path: str) -> HttpResponseBase:
    fault = Invalid.field(path, 'must not contain the character U+0000; got "%00"')
    return accents.refused(fault, request)

"""A signed-in person becomes an Actor: in pages by `human(request)`, in the browser's JSON by `SessionAuthentication`."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.selectors import actor_of
from placet.lib.actors import Actor
from placet.lib.errors import Forbidden, Unauthorized


class CrossSite(Forbidden):
    code = "cross_site"


def human(request: HttpRequest) -> Actor:
    """Who is acting, in a page; Unauthorized when nobody is signed in."""
    return actor_of(request.user)


def refuse_cross_site(request: HttpRequest) -> None:
    """For the one JSON door that needs no session yet: a browser on another site may not sign somebody in here."""
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site") == "cross-site" or (
        origin and not _is_ours(origin, request)
    ):
        raise CrossSite("Requests from another site are refused.")


def _is_ours(origin: str, request: HttpRequest) -> bool:
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    here = urlsplit(request.build_absolute_uri("/"))
    return origin == f"{here.scheme}://{here.netloc}"


class SessionAuthentication(BaseAuthentication):
    """The session cookie, with a CSRF token on every change. The Actor is `request.auth`, as it is for a key."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        user = request._request.user
        if not isinstance(user, User) or not user.is_active:
            return None
        _refuse_forged(request._request)
        return user, user.as_actor()


class SignedIn(BasePermission):
    def has_permission(self, request: Request, view: object) -> bool:
        if not isinstance(request.auth, Actor):
            raise Unauthorized("Not signed in")
        return True


def _refuse_forged(request: HttpRequest) -> None:
    check = _CsrfCheck(HttpResponse)
    check.process_request(request)
    if reason := check.process_view(request, HttpResponse, (), {}):
        raise CrossSite(f"{reason} Send the csrftoken cookie's value as X-CSRFToken.")


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason

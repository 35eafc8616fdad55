"""The doors of OAuth that both platforms' clients come through, under each one's own paths: consent, tokens, their end."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.http import OAuth2ResponseRedirect
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauth2_provider.settings import oauth2_settings

from accounts.selectors import actor_of, workspace_name
from agents.selectors import managed_ids
from compat.apps import rates, services
from compat.apps.scopes import idle_among, in_words
from compat.apps.selectors import app_of_client
from compat.apps.snapshots import AppSnapshot
from placet.lib.actors import Actor
from placet.lib.addresses import host_of, origin_of
from placet.lib.errors import NotFound, PlacetError, TooManyRequests
from placet.lib.rest import headers_of

#: Where programs speak OAuth, and where people do.
PATHS = ("/oauth/", "/auth/o/")
PAGES = ("/oauth/authorize", "/auth/o/authorize-app/")
#: What a platform adds to the address that the person is sent back to.
Extra = Callable[[AppSnapshot], Mapping[str, str]]


def counted(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A door of programs that checks secrets: not too often."""

    @wraps(view)
    def door(request: HttpRequest) -> HttpResponse:
        try:
            rates.count(request)
        except TooManyRequests as refusal:
            return refused(refusal, request)
        return view(request)

    return door


def authorize(extra: Extra) -> Callable[[HttpRequest], HttpResponseBase]:
    """The consent page. Looking changes nothing; who agrees installs the app, within the scopes that were shown."""

    @never_cache
    @login_required
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest) -> HttpResponseBase:
        try:
            return _authorize(request, extra)
        except OAuthToolkitError as refused:
            return _refused(request, refused)
        except PlacetError as refusal:
            return _said(request, refusal.message, refusal.status)

    return view


@csrf_exempt
@never_cache
@require_POST
@sensitive_post_parameters()
@counted
def token(request: HttpRequest) -> HttpResponse:
    """Code, refresh token or the client's own secret against a token; a form or JSON."""
    _, headers, body, status = get_oauthlib_core().create_token_response(request)
    return _answered(headers, body, status)


@csrf_exempt
@never_cache
@require_POST
@sensitive_post_parameters()
@counted
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token. One that is not there any more is no error."""
    _, headers, body, status = get_oauthlib_core().create_revocation_response(request)
    return _answered(headers, body, status)


def refused(refusal: PlacetError, request: HttpRequest) -> HttpResponse:
    """For what is refused before it comes to a door. OAuth has no word for a limit but this one."""
    is_later = "retry_after" in refusal.extra
    said = {
        "error": "temporarily_unavailable" if is_later else "invalid_request",
        "error_description": refusal.message,
        "detail": refusal.message,
        "message": refusal.message,
    }
    return JsonResponse(said, status=refusal.status, headers=headers_of(refusal))


def refused_to_a_person(refusal: PlacetError, request: HttpRequest) -> HttpResponse:
    page = _said(request, refusal.message, refusal.status)
    for name, value in headers_of(refusal).items():
        page[name] = value
    return page


def _authorize(request: HttpRequest, extra: Extra) -> HttpResponseBase:
    core = get_oauthlib_core()
    scopes, credentials = core.validate_authorization_request(request)
    by = actor_of(request.user)
    app = app_of_client(credentials["client_id"])
    if app is None or not _may_install(by, app):
        raise NotFound("Only who manages this app can install it.")
    goal = credentials["redirect_uri"]
    if request.method != "POST":
        return _asked(request, app, scopes, goal)
    allow = request.POST.get("decision") == "allow"

    def code() -> str:
        uri, *_ = core.create_authorization_response(request, scopes, credentials, allow)
        return str(uri)

    if allow:
        app, uri = services.agree(by=by, app_id=app.id, scopes=scopes, code=code)
    else:
        uri = code()
    return _back_to(_with(uri, extra(app)))


def _asked(
    request: HttpRequest, app: AppSnapshot, scopes: list[str], goal: str
) -> HttpResponseBase:
    page = {
        "app": app,
        "host": host_of(goal),
        "scopes": in_words(scopes),
        "idle": idle_among(scopes),
        "workspace": workspace_name(),
    }

    # Browsers hold the redirect after a form to the page's form-action too.
    @csp_update({"form-action": [origin_of(goal)]})
    def shown(request: HttpRequest) -> HttpResponseBase:
        return render(request, "compat/consent.html", page)

    return shown(request)


def _refused(request: HttpRequest, refused: OAuthToolkitError) -> HttpResponse:
    """Told to the client where its address is known to be its own and the person could have agreed; else to the person alone."""
    error = refused.oauthlib_error
    goal = error.redirect_uri or refused.redirect_uri if not _is_fatal(refused) else None
    if goal and _is_theirs(request):
        issuer = oauth2_settings.oauth2_authorization_server_issuer(request)
        return _back_to(_with(error.in_uri(goal), {"iss": issuer}))
    return _said(request, error.description or error.error, 400)


def _is_theirs(request: HttpRequest) -> bool:
    app = app_of_client(request.GET.get("client_id"))
    return app is not None and _may_install(actor_of(request.user), app)


def _may_install(by: Actor, app: AppSnapshot) -> bool:
    return app.agent.id in managed_ids(by)


def _is_fatal(refused: OAuthToolkitError) -> bool:
    return type(refused).__name__ == "FatalClientError"


def _said(request: HttpRequest, message: str, status: int) -> HttpResponse:
    return render(request, "compat/refused.html", {"message": message}, status=status)


def _back_to(uri: str) -> HttpResponse:
    schemes = oauth2_settings.ALLOWED_REDIRECT_URI_SCHEMES
    back: HttpResponse = OAuth2ResponseRedirect(uri, schemes)
    return back


def _with(uri: str, extra: Mapping[str, str]) -> str:
    parts = urlsplit(uri)
    query = "&".join(filter(None, (parts.query, urlencode(extra))))
    return urlunsplit(parts._replace(query=query))


def _answered(headers: Mapping[str, str], body: str, status: int) -> HttpResponse:
    """OAuth's own words for an error, and the sentence once more where the SDKs look for one."""
    if status < 400:
        return HttpResponse(body or "{}", status=status, content_type="application/json")
    said: dict[str, Any] = json.loads(body or "{}")
    sentence = said.get("error_description") or said.get("error", "").replace("_", " ")
    kept = {name: value for name, value in headers.items() if name == "WWW-Authenticate"}
    return JsonResponse(
        {**said, "detail": sentence, "message": sentence}, status=status, headers=kept
    )

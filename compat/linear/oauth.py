"""`/oauth/*`: Linear's paths and spellings of what compat.apps does. A token is always the app's own, never a person's."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from agents.auth import key_in
from compat.apps import doors
from compat.apps.ending import end_token

#: Scopes of Linear's for what Placet does not have: they are left out of what is granted, and the answer says what is.
WITHOUT = frozenset(
    f"{what}:{how}" for what in ("customer", "initiative") for how in ("read", "write")
) | {"timeSchedule:write"}
_consent = doors.authorize(lambda app: {})


def authorize(request: HttpRequest) -> HttpResponseBase:
    """The consent page. `actor=app` is all there is: nobody's own rights are handed to a program."""
    asked = request.GET
    if asked.get("actor") != "app":
        return _refused(
            request, "Ask with actor=app: an app acts as itself here, never as a person."
        )
    scopes = scopes_of(asked.get("scope", ""))
    if "admin" in scopes:
        return _refused(request, "The scope admin cannot be asked for with actor=app.")
    query = asked.copy()
    query["scope"] = " ".join(scopes)
    # What the toolkit reads is the address itself.
    request.META["QUERY_STRING"] = query.urlencode()
    return _consent(request)


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Code, refresh token or client credentials against a token. Scopes are separated by commas, or by blanks."""
    if request.method == "POST" and "scope" in request.POST:
        _replace_form(request, scope=" ".join(scopes_of(request.POST["scope"])))
    return doors.token(request)


@csrf_exempt
@never_cache
@require_POST
@sensitive_post_parameters()
@doors.counted
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token, access or refresh, in the form or the header. Who holds it may: it is its own credential."""
    given = _token_in(request.POST) or key_in(request.headers)
    if not given:
        return JsonResponse({"error": "invalid_request"}, status=401)
    if not end_token(given):
        said = {"error": "invalid_request", "error_description": "The token is not live."}
        return JsonResponse(said, status=400)
    return JsonResponse({"success": True})


def scopes_of(text: str) -> list[str]:
    """As they were said, each once; reading is always among them."""
    said = text.replace(",", " ").split()
    return [scope for scope in dict.fromkeys(["read", *said]) if scope not in WITHOUT]


def _token_in(form: QueryDict) -> str:
    names = ("token", "access_token", "refresh_token")
    return next((str(form[name]) for name in names if form.get(name)), "")


def _replace_form(request: HttpRequest, **fields: str) -> None:
    form: Any = request.POST.copy()
    for name, value in fields.items():
        form[name] = value
    # Its stub knows a form that cannot be set.
    setattr(request, "POST", QueryDict(urlencode(list(form.items()))))  # noqa: B010


def _refused(request: HttpRequest, message: str) -> HttpResponse:
    return render(request, "compat/refused.html", {"message": message}, status=400)

"""The first two pages anybody sees: the set-up form behind the printed link, and the curl that makes an agent speak."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.auth import human
from accounts.services import signing_in
from accounts.services.setup import AlreadySetUp, check_setup_token
from inbox import curls, rail
from inbox.settings_pages.parts import keep_once, settings_page, show, take_once
from inbox.setup import set_up
from placet.lib.errors import NotFound, PlacetError

ONCE = "first-key"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    try:
        check_setup_token(token)
        return (
            _set_up(request, token)
            if request.method == "POST"
            else show(request, "welcome/setup.html", {})
        )
    except (AlreadySetUp, NotFound) as refusal:
        return show(request, "welcome/dead_link.html", {}, refusal)
    except PlacetError as refusal:
        return show(request, "welcome/setup.html", {}, refusal)


@settings_page
@require_GET
def welcome(request: HttpRequest) -> HttpResponse:
    """The key is shown by the first visit and by no other."""
    key = take_once(request, ONCE).get("key", "")
    lines = rail.channel_lines(human(request))
    context = {
        "here": "welcome",
        "key": key,
        "hello": curls.hello(request, key) if key else "",
        "question": curls.question(request, key) if key else "",
        "agent": lines[-1].agent if lines else None,
        "has_arrived": any(line.last_at for line in lines),
    }
    return show(request, "welcome/welcome.html", context)


def _set_up(request: HttpRequest, token: str) -> HttpResponse:
    email, password = request.POST.get("email", ""), request.POST.get("password", "")
    _, issued = set_up(
        token=token,
        email=email,
        password=password,
        display_name=request.POST.get("displayName", ""),
        workspace_name=request.POST.get("workspaceName", ""),
        agent_name=request.POST.get("agentName", ""),
    )
    signing_in.sign_in(request=request, email=email, password=password)
    keep_once(request, ONCE, {"key": issued.key})
    return redirect("welcome:welcome")

"""Signing in and out, and choosing a password of one's own."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.selectors import workspace_name
from accounts.services import signing_in
from placet.lib.errors import PlacetError


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    goal = _safe_next(request)
    if request.method != "POST":
        return redirect(goal) if request.user.is_authenticated else _sign_in_page(request, goal)
    try:
        signing_in.sign_in(
            request=request,
            email=request.POST.get("email", ""),
            password=request.POST.get("password", ""),
        )
    except PlacetError as refusal:
        return _sign_in_page(request, goal, refusal)
    return redirect(goal)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    signing_in.sign_out(request=request)
    return redirect("accounts:sign-in")


@never_cache
@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/password.html")
    was_temporary = getattr(request.user, "must_change_password", False)
    try:
        signing_in.change_password(
            request=request,
            current_password=request.POST.get("currentPassword", ""),
            new_password=request.POST.get("newPassword", ""),
        )
    except PlacetError as refusal:
        return render(
            request,
            "accounts/password.html",
            {"refusal": refusal, "errors": {e.path: e.message for e in refusal.errors}},
            status=refusal.status,
        )
    if was_temporary:
        return redirect(settings.LOGIN_REDIRECT_URL)
    messages.success(request, "Your password is changed. Every other session has been signed out.")
    return redirect("settings:profile")


def _sign_in_page(
    request: HttpRequest, goal: str, refusal: PlacetError | None = None
) -> HttpResponse:
    context = {
        "next": goal,
        "refusal": refusal,
        "email": request.POST.get("email", ""),
        "workspace": workspace_name(),
    }
    response = render(
        request, "accounts/sign_in.html", context, status=refusal.status if refusal else 200
    )
    if refusal and "retry_after" in refusal.extra:
        response.headers["Retry-After"] = str(refusal.extra["retry_after"])
    return response


def _safe_next(request: HttpRequest) -> str:
    """Only ever back into this very site: `next` is the classic open redirect."""
    goal = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(goal, allowed_hosts=None) and goal.startswith("/"):
        return goal
    return resolve_url(settings.LOGIN_REDIRECT_URL)

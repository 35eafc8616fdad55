"""Settings about oneself: name, password, looks."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts import selectors
from accounts.auth import human
from accounts.services import signing_in, users
from inbox.settings_pages.parts import settings_page, show
from placet.lib.errors import Invalid, PlacetError

THEMES = (("system", "System"), ("light", "Light"), ("dark", "Dark"))


@settings_page
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    by = human(request)
    person = selectors.me(by)
    if request.method != "POST":
        return show(request, "settings/profile.html", {"person": person})
    try:
        users.update_profile(by=by, changes={"display_name": request.POST.get("displayName", "")})
    except Invalid as refusal:
        return show(request, "settings/profile.html", {"person": person}, refusal)
    messages.success(request, "Saved.")
    return redirect("settings:profile")


@settings_page
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    try:
        signing_in.change_password(
            request=request,
            current_password=request.POST.get("currentPassword", ""),
            new_password=request.POST.get("newPassword", ""),
        )
    except PlacetError as refusal:
        return show(
            request, "settings/profile.html", {"person": selectors.me(human(request))}, refusal
        )
    messages.success(request, "Password changed. Every other session has been signed out.")
    return redirect("settings:profile")


@settings_page
@require_http_methods(["GET", "POST"])
def appearance(request: HttpRequest) -> HttpResponse:
    by = human(request)
    if request.method != "POST":
        return show(
            request, "settings/appearance.html", {"person": selectors.me(by), "themes": THEMES}
        )
    changes = {
        "theme": request.POST.get("theme", "system"),
        "shortcuts": "shortcuts" in request.POST,
    }
    users.update_profile(by=by, changes=changes)
    messages.success(request, "Saved.")
    return redirect("settings:appearance")

"""The people of the workspace, for its owners. There is no invitation mail: a temporary password is handed over."""

import secrets
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import selectors
from accounts.auth import human
from accounts.services import users
from accounts.snapshots import UserSnapshot
from agents.selectors import agents_for
from inbox.settings_pages.parts import keep_once, settings_page, show, take_once
from placet.lib.actors import Actor
from placet.lib.errors import Conflict, Invalid

ROLES = (("member", "Member"), ("owner", "Owner"))
ONCE = "password"


@settings_page
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    return show(request, "settings/users.html", _list_context(request, human(request)))


@settings_page
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    by = human(request)
    selectors.users_for(by)
    if request.method != "POST":
        return show(request, "settings/user_new.html", {"roles": ROLES})
    password = _temporary_password()
    try:
        person = users.create_user(
            by=by,
            email=request.POST.get("email", ""),
            display_name=request.POST.get("displayName", ""),
            role=request.POST.get("role", "member"),
            password=password,
        )
    except (Invalid, Conflict) as refusal:
        return show(request, "settings/user_new.html", {"roles": ROLES}, refusal)
    return _hand_over(request, person, password)


@settings_page
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, user_id: UUID) -> HttpResponse:
    by = human(request)
    selectors.users_for(by)
    context = _context(by, user_id)
    if request.method != "POST":
        return show(request, "settings/user.html", context)
    try:
        users.update_user(by=by, user_id=user_id, changes=_changes(request))
    except (Invalid, Conflict) as refusal:
        return show(request, "settings/user.html", context, refusal)
    messages.success(request, "Saved.")
    return redirect("settings:user", user_id)


@settings_page
@require_POST
def reset_password(request: HttpRequest, user_id: UUID) -> HttpResponse:
    password = _temporary_password()
    person = users.update_user(by=human(request), user_id=user_id, changes={"password": password})
    return _hand_over(request, person, password)


@settings_page
@require_POST
def delete(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Dangerous, so it asks twice: the e-mail address must be typed."""
    by = human(request)
    context = _context(by, user_id)
    person: UserSnapshot = context["person"]
    try:
        if request.POST.get("confirm", "").strip().lower() != person.email.lower():
            raise Invalid.field("confirm", f'must be their e-mail address, "{person.email}"')
        users.delete_user(by=by, user_id=user_id)
    except (Invalid, Conflict) as refusal:
        return show(request, "settings/user.html", context, refusal)
    messages.success(request, f"{person.display_name} is deleted.")
    return redirect("settings:users")


def _hand_over(request: HttpRequest, person: UserSnapshot, password: str) -> HttpResponse:
    keep_once(
        request, ONCE, {"name": person.display_name, "email": person.email, "password": password}
    )
    return redirect("settings:users")


def _temporary_password() -> str:
    return secrets.token_urlsafe(12)


def _changes(request: HttpRequest) -> dict[str, Any]:
    return {
        "email": request.POST.get("email", ""),
        "display_name": request.POST.get("displayName", ""),
        "role": request.POST.get("role", ""),
        "is_active": "isActive" in request.POST,
    }


def _list_context(request: HttpRequest, by: Actor) -> dict[str, Any]:
    return {
        "people": selectors.users_for(by),
        "me": by.user_id,
        "fresh": take_once(request, ONCE),
        "sign_in_url": request.build_absolute_uri(reverse("accounts:sign-in")),
    }


def _context(by: Actor, user_id: UUID) -> dict[str, Any]:
    person = selectors.user_for(by, user_id)
    owned = [agent for agent in agents_for(by) if agent.owner_id == user_id]
    return {"person": person, "owned": owned, "is_me": user_id == by.user_id, "roles": ROLES}

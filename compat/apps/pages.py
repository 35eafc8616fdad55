"""Settings → Apps: register one, install it, say where it may speak and how it is told, and take it all away again."""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.auth import human
from agents.selectors import managed_agents_for
from compat.apps import selectors, services
from compat.apps.scopes import BROAD, IDLE, NARROW
from compat.apps.snapshots import AppSnapshot
from inbox.settings_pages.parts import faults, keep_once, settings_page, show, take_once
from placet.lib.actors import Actor
from placet.lib.errors import Invalid, PlacetError
from runs.selectors import conversations_of
from runs.services import admitting
from webhooks import dialects
from webhooks.selectors import endpoint_of_agent

Json = dict[str, Any]


@settings_page
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    return show(request, "compat/apps.html", {"apps": selectors.apps_for(human(request))})


@settings_page
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show_new(request)
    try:
        made = services.register_app(
            by=human(request),
            name=request.POST.get("name", ""),
            redirect_uris=request.POST.get("redirectUris", "").split(),
            webhook_url=request.POST.get("webhookUrl", "").strip(),
            told_in=request.POST.getlist("dialects"),
        )
    except Invalid as refusal:
        return _show_new(request, refusal)
    secrets = {"client": made.client_secret, "webhook": made.webhook_secret}
    keep_once(request, _once(made.app.id), secrets)
    return redirect("apps:app-page", made.app.id)


@settings_page
@require_GET
def page(request: HttpRequest, app_id: UUID) -> HttpResponse:
    return _show(request, human(request), selectors.app_for(human(request), app_id))


def _doing(
    change: Callable[[HttpRequest, Actor, AppSnapshot], str],
) -> Callable[[HttpRequest, UUID], HttpResponseBase]:
    """A button of the page: it changes something, says what, and shows the page again."""

    @settings_page
    @require_POST
    def view(request: HttpRequest, app_id: UUID) -> HttpResponse:
        by = human(request)
        app = selectors.app_for(by, app_id)
        try:
            said = change(request, by, app)
        except Invalid as refusal:
            return _show(request, by, app, refusal)
        messages.success(request, said)
        return redirect("apps:app-page", app_id)

    return view


@_doing
def install(request: HttpRequest, by: Actor, app: AppSnapshot) -> str:
    services.install_app(by=by, app_id=app.id, scopes=request.POST.getlist("scopes"))
    return "Saved." if app.is_installed else f"{app.name} is installed."


@_doing
def revoke(request: HttpRequest, by: Actor, app: AppSnapshot) -> str:
    services.revoke_app(by=by, app_id=app.id)
    return f"{app.name} is revoked: none of its tokens opens anything any more."


@_doing
def change(request: HttpRequest, by: Actor, app: AppSnapshot) -> str:
    services.change_app(
        by=by,
        app_id=app.id,
        redirect_uris=request.POST.get("redirectUris", "").split(),
        told_in=request.POST.getlist("dialects"),
    )
    return "Saved."


@_doing
def rotate(request: HttpRequest, by: Actor, app: AppSnapshot) -> str:
    keep_once(
        request,
        _once(app.id),
        {"client": services.rotate_client_secret(by=by, app_id=app.id)},
    )
    return "The old client secret opens nothing any more."


@_doing
def issue(request: HttpRequest, by: Actor, app: AppSnapshot) -> str:
    issued = services.issue_token(by=by, app_id=app.id)
    keep_once(request, _once(app.id), {"token": issued.token})
    return "A token that is good for a day."


@_doing
def end_tokens(request: HttpRequest, by: Actor, app: AppSnapshot) -> str:
    services.revoke_tokens(by=by, app_id=app.id)
    return "Every token has ended."


@_doing
def conversations(request: HttpRequest, by: Actor, app: AppSnapshot) -> str:
    """The boxes as they are ticked now: who is new is let in, who is gone is shown out."""
    wanted, had = set(request.POST.getlist("channels")), _guest_in(by, app)
    known = {str(agent.id) for agent in managed_agents_for(by)}
    for channel in (wanted & known) - had:
        admitting.admit(by=by, agent_id=app.agent.id, channel=channel)
    for channel in (had & known) - wanted:
        admitting.dismiss(by=by, agent_id=app.agent.id, channel=channel)
    return "Saved."


def _guest_in(by: Actor, app: AppSnapshot) -> set[str]:
    return {str(one.id) for one in conversations_of(by, app.agent.id)} - {str(app.agent.id)}


def _once(app_id: UUID) -> str:
    return f"app.{app_id}"


def _show_new(request: HttpRequest, refusal: PlacetError | None = None) -> HttpResponse:
    chosen = request.POST.getlist("dialects") if refusal else dialects.names()
    return show(request, "compat/app_new.html", {"dialects": _boxes(chosen)}, refusal)


def _show(
    request: HttpRequest, by: Actor, app: AppSnapshot, refusal: PlacetError | None = None
) -> HttpResponse:
    endpoint, guest_in = endpoint_of_agent(by, app.agent.id), _guest_in(by, app)
    chosen = request.POST.getlist("scopes") if "scopes" in faults(refusal) else app.scopes
    others = [agent for agent in managed_agents_for(by) if agent.id != app.agent.id]
    context: Json = {
        "app": app,
        "redirects": " ".join(app.redirect_uris),
        "fresh": take_once(request, _once(app.id)),
        "tokens": selectors.tokens_of(by, app.id),
        "dialects": _boxes(endpoint.dialects if endpoint else ()),
        "broad": _scopes(chosen, BROAD),
        "narrow": _scopes(chosen, NARROW),
        "idle": _scopes(chosen, IDLE),
        "is_narrow": bool(set(app.scopes) - BROAD.keys()),
        "channels": [{"agent": agent, "is_chosen": str(agent.id) in guest_in} for agent in others],
    }
    return show(request, "compat/app.html", context, refusal)


def _boxes(chosen: Any) -> list[Json]:
    return [{"name": name, "is_chosen": name in chosen} for name in dialects.names()]


def _scopes(chosen: Collection[str], words: Mapping[str, str]) -> list[Json]:
    return [
        {"name": name, "words": said, "is_chosen": name in chosen} for name, said in words.items()
    ]

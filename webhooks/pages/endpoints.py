"""The endpoints of the workspace, in its owners' settings."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.auth import human
from agents.selectors import managed_agents_for
from inbox.settings_pages.parts import settings_page, show
from placet.lib.actors import Actor
from placet.lib.errors import Invalid, NotFound, PlacetError
from webhooks import selectors
from webhooks.pages import forms
from webhooks.pages.parts import EVENTS, deliveries_of, show_secret_once, shown_once, test
from webhooks.services import endpoints
from webhooks.snapshots import EndpointSnapshot

BLANK = {"name": "", "url": ""}


@settings_page
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    found = selectors.workspace_endpoints(_owner(request))
    return show(request, "webhooks/endpoints.html", {"endpoints": found})


@settings_page
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    by = _owner(request)
    if request.method != "POST":
        return _show_new(request, by)
    try:
        minted = endpoints.create_endpoint(by=by, **_fields(request), **_scope(request))
    except Invalid as refusal:
        return _show_new(request, by, refusal)
    show_secret_once(request, minted)
    return redirect("webhooks:endpoint", minted.endpoint.id)


@settings_page
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    by = _owner(request)
    endpoint = _shared(by, endpoint_id)
    if request.method != "POST":
        return _show(request, by, endpoint)
    try:
        changes = _fields(request, known=endpoint.header_names)
        scope = _scope(request)
        changes["events"] = scope["events"]
        endpoints.change_endpoint(
            by=by, endpoint_id=endpoint_id, changes=changes, agent_ids=scope["agent_ids"]
        )
    except Invalid as refusal:
        return _show(request, by, endpoint, refusal)
    messages.success(request, "Saved.")
    return redirect("webhooks:endpoint", endpoint_id)


@settings_page
@require_POST
def rotate(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    by = _owner(request)
    _shared(by, endpoint_id)
    show_secret_once(request, endpoints.rotate_secret(by=by, endpoint_id=endpoint_id))
    return redirect("webhooks:endpoint", endpoint_id)


@settings_page
@require_POST
def switch(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    by, on = _owner(request), request.POST.get("on") == "yes"
    _shared(by, endpoint_id)
    endpoints.switch_endpoint(by=by, endpoint_id=endpoint_id, on=on)
    messages.success(request, "Switched on." if on else "Switched off.")
    return redirect("webhooks:endpoint", endpoint_id)


@settings_page
@require_POST
def send_test(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    by = _owner(request)
    _shared(by, endpoint_id)
    return test(request, endpoint_id) or redirect("webhooks:endpoint", endpoint_id)


@settings_page
@require_POST
def delete(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    by = _owner(request)
    endpoint = _shared(by, endpoint_id)
    endpoints.delete_endpoint(by=by, endpoint_id=endpoint_id)
    messages.success(request, f"{endpoint.name} is deleted.")
    return redirect("webhooks:endpoints")


def _owner(request: HttpRequest) -> Actor:
    by = human(request)
    if not by.is_owner:
        raise NotFound("Only an owner manages the endpoints of the workspace.")
    return by


def _shared(by: Actor, endpoint_id: UUID) -> EndpointSnapshot:
    """An agent's own has its page with the agent."""
    endpoint = selectors.endpoint_for(by, endpoint_id)
    if endpoint.agent_id:
        raise NotFound("Endpoint not found")
    return endpoint


def _fields(request: HttpRequest, *, known: tuple[str, ...] = ()) -> dict[str, Any]:
    fields = {name: request.POST.get(name, "").strip() for name in ("name", "url")}
    return {**fields, "headers": forms.headers(request.POST, known=known)}


def _scope(request: HttpRequest) -> dict[str, Any]:
    return {
        "events": request.POST.getlist("events"),
        "agent_ids": request.POST.getlist("agentIds"),
    }


def _show_new(request: HttpRequest, by: Actor, refusal: PlacetError | None = None) -> HttpResponse:
    context = _form(request, by, None, refusal)
    return show(request, "webhooks/endpoint_new.html", context, refusal)


def _show(
    request: HttpRequest, by: Actor, endpoint: EndpointSnapshot, refusal: PlacetError | None = None
) -> HttpResponse:
    context = {
        **_form(request, by, endpoint, refusal),
        "endpoint": endpoint,
        "deliveries": deliveries_of(endpoint=endpoint.id),
        "fresh": shown_once(request, endpoint.id),
    }
    return show(request, "webhooks/endpoint.html", context, refusal)


def _form(
    request: HttpRequest,
    by: Actor,
    endpoint: EndpointSnapshot | None,
    refusal: PlacetError | None,
) -> dict[str, Any]:
    """The fields as they are kept, or as they were typed when they were refused."""
    if refusal:
        events = set(request.POST.getlist("events"))
        agent_ids = set(request.POST.getlist("agentIds"))
        lines = forms.header_lines(request.POST)
    else:
        events = set(endpoint.events) if endpoint else set()
        agent_ids = {str(agent_id) for agent_id in endpoint.agent_ids} if endpoint else set()
        lines = forms.masked_lines(endpoint.header_names) if endpoint else []
    return {
        "stored": endpoint or BLANK,
        "events": [
            {"type": type, "label": label, "is_chosen": type in events} for type, label in EVENTS
        ],
        "agents": [
            {"agent": agent, "is_chosen": str(agent.id) in agent_ids}
            for agent in managed_agents_for(by)
        ],
        "header_lines": lines,
        "header_faults": forms.header_faults(refusal),
    }

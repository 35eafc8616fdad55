"""An agent's own webhook: a page, and the section of the agent's settings that is cut from it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.auth import human
from agents import selectors as agents
from agents import services as agent_services
from agents.snapshots import MASKED, AgentSnapshot, WebhookSnapshot
from agents.webhook import managed_webhooks
from inbox.settings_pages.parts import faults, settings_page, show
from inbox.views.door import wants_fragment
from placet.lib.actors import Actor
from placet.lib.errors import Invalid, NotFound, PlacetError
from webhooks import selectors
from webhooks.pages import forms
from webhooks.pages.parts import deliveries_of, show_secret_once, shown_once, test
from webhooks.services import endpoints
from webhooks.snapshots import EndpointSnapshot, MintedEndpoint


@settings_page
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    by = human(request)
    agent = _managed(by, agent_id)
    if request.method != "POST":
        return _show(request, by, agent)
    try:
        _save(request, by, agent)
    except Invalid as refusal:
        return _show(request, by, agent, refusal)
    messages.success(request, "Saved.")
    return redirect("webhooks:agent-webhook", agent_id)


@settings_page
@require_POST
def remove(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    by = human(request)
    agent = _managed(by, agent_id)
    agent_services.set_webhook(by=by, agent_id=agent_id, url="")
    messages.success(request, f"{agent.name} has no webhook any more.")
    return redirect("webhooks:agent-webhook", agent_id)


@settings_page
@require_POST
def rotate(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    by = human(request)
    show_secret_once(request, endpoints.rotate_agent_secret(by=by, agent_id=agent_id))
    return redirect("webhooks:agent-webhook", agent_id)


@settings_page
@require_POST
def switch(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    by, on = human(request), request.POST.get("on") == "yes"
    endpoints.switch_endpoint(by=by, endpoint_id=_endpoint(by, agent_id).id, on=on)
    messages.success(request, "Switched on." if on else "Switched off.")
    return redirect("webhooks:agent-webhook", agent_id)


@settings_page
@require_POST
def send_test(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    endpoint = _endpoint(human(request), agent_id)
    return test(request, endpoint.id) or redirect("webhooks:agent-webhook", agent_id)


def _managed(by: Actor, agent_id: UUID) -> AgentSnapshot:
    agent = agents.agent_for(by, agent_id)
    if agent.id not in agents.managed_ids(by):
        raise NotFound("Agent not found")
    return agent


def _endpoint(by: Actor, agent_id: UUID) -> EndpointSnapshot:
    endpoint = selectors.endpoint_of_agent(by, agent_id)
    if endpoint is None:
        raise NotFound("No webhook")
    return endpoint


def _hook(by: Actor, agent_id: UUID) -> WebhookSnapshot | None:
    return managed_webhooks(by, [agent_id]).get(agent_id)


def _save(request: HttpRequest, by: Actor, agent: AgentSnapshot) -> None:
    """The secret is shown when the webhook is made; later it can be rotated."""
    url, hook = request.POST.get("webhookUrl", "").strip(), _hook(by, agent.id)
    if not url:
        raise Invalid.field("webhookUrl", "must be an address")
    _, secret = endpoints.set_agent_webhook(
        by=by,
        agent_id=agent.id,
        url=url,
        headers=forms.headers(request.POST, known=hook.headers if hook else ()),
        auth=forms.auth(request.POST),
    )
    if secret:
        show_secret_once(request, MintedEndpoint(endpoint=_endpoint(by, agent.id), secret=secret))


def _show(
    request: HttpRequest, by: Actor, agent: AgentSnapshot, refusal: PlacetError | None = None
) -> HttpResponse:
    hook, endpoint = _hook(by, agent.id), selectors.endpoint_of_agent(by, agent.id)
    context: dict[str, Any] = {
        "agent": agent,
        "hook": hook,
        "endpoint": endpoint,
        "deliveries": deliveries_of(agent=agent.id),
        "stored": _stored(hook),
        "auth_fault": faults(refusal).get("webhookAuth.username"),
        "fresh": shown_once(request, endpoint.id) if endpoint else {},
        "header_lines": _lines(request, hook, refusal),
        "header_faults": forms.header_faults(refusal),
    }
    fragment = wants_fragment(request)
    template = "webhooks/_agent.html" if fragment else "webhooks/agent.html"
    return show(request, template, context, refusal)


def _stored(hook: WebhookSnapshot | None) -> dict[str, str]:
    """As the form shows it: the password masked, also after a refusal."""
    if hook is None:
        return {"url": "", "username": "", "password": ""}
    auth = hook.auth or {"username": ""}
    return {
        "url": hook.url,
        "username": auth["username"],
        "password": MASKED if hook.auth else "",
    }


def _lines(
    request: HttpRequest, hook: WebhookSnapshot | None, refusal: PlacetError | None
) -> forms.Lines:
    if refusal:
        return forms.header_lines(request.POST)
    return forms.masked_lines(hook.headers if hook else ())

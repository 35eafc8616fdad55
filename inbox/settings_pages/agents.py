"""Settings of agents: who they are, and who reviews for them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import selectors as people
from accounts.auth import human
from agents import selectors, services
from agents.snapshots import AgentSnapshot
from inbox.settings_pages.parts import settings_page, show
from placet.lib.actors import Actor
from placet.lib.errors import Invalid, NotFound
from placet.lib.ids import parse_id

BLANK = {"name": "", "description": "", "avatar_url": "", "tag": "", "takes_runs": False}
FIELDS = {"name": "name", "description": "description", "avatarUrl": "avatar_url", "tag": "tag"}


@settings_page
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    by = human(request)
    managed = {agent.id for agent in selectors.managed_agents_for(by)}
    names = {person.id: person.display_name for person in people.colleagues_of(by)}
    lines = [
        {"agent": agent, "is_managed": agent.id in managed, "owner": names.get(agent.owner_id, "")}
        for agent in selectors.agents_for(by)
    ]
    return show(request, "settings/agents.html", {"lines": lines})


@settings_page
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return show(request, "settings/agent_new.html", {"agent": BLANK})
    try:
        agent = services.create_agent(by=human(request), **_fields(request))
    except Invalid as refusal:
        return show(request, "settings/agent_new.html", {"agent": BLANK}, refusal)
    messages.success(request, f"{agent.name} is here. Give it a key and it can speak.")
    return redirect("settings:agent", agent.id)


@settings_page
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    by = human(request)
    agent = _managed(by, agent_id)
    if request.method != "POST":
        return show(request, "settings/agent.html", _context(by, agent))
    try:
        services.update_agent(by=by, agent_id=agent_id, changes=_fields(request))
    except Invalid as refusal:
        return show(request, "settings/agent.html", _context(by, agent), refusal)
    messages.success(request, "Saved.")
    return redirect("settings:agent", agent_id)


@settings_page
@require_POST
def reviewers(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    by = human(request)
    wanted = [key for value in request.POST.getlist("reviewers") if (key := parse_id(value))]
    try:
        services.set_reviewers(by=by, agent_id=agent_id, user_ids=wanted)
    except Invalid as refusal:
        return show(request, "settings/agent.html", _context(by, _managed(by, agent_id)), refusal)
    messages.success(request, "Reviewers saved.")
    return redirect("settings:agent", agent_id)


@settings_page
@require_POST
def delete(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    """Dangerous, so it asks twice: the name must be typed."""
    by = human(request)
    agent = _managed(by, agent_id)
    if request.POST.get("confirm", "").strip() != agent.name:
        refusal = Invalid.field("confirm", f'must be the name of the agent, "{agent.name}"')
        return show(request, "settings/agent.html", _context(by, agent), refusal)
    services.delete_agent(by=by, agent_id=agent_id)
    messages.success(request, f"{agent.name} is deleted.")
    return redirect("settings:agents")


def _managed(by: Actor, agent_id: UUID) -> AgentSnapshot:
    """A reviewer sees the agent in the inbox; its settings are its owner's."""
    agent = selectors.agent_for(by, agent_id)
    if not by.is_owner and agent.owner_id != by.user_id:
        raise NotFound("Agent not found")
    return agent


def _context(by: Actor, agent: AgentSnapshot) -> dict[str, Any]:
    chosen = set(selectors.reviewers_of(by, agent.id))
    others = [person for person in people.colleagues_of(by) if person.id != agent.owner_id]
    return {
        "agent": agent,
        "colleagues": [{"person": person, "is_chosen": person.id in chosen} for person in others],
        "keys": [key for key in selectors.keys_for(by) if key.agent_id == agent.id],
    }


def _fields(request: HttpRequest) -> dict[str, Any]:
    words: dict[str, Any] = {
        ours: request.POST[theirs] for theirs, ours in FIELDS.items() if theirs in request.POST
    }
    # A box that is not ticked is not posted: the field beside it says that there was one.
    boxes = {"takes_runs": "takesRuns" in request.POST} if "runs" in request.POST else {}
    return words | boxes

"""API keys: issued, rotated and revoked by people, and readable exactly once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from accounts import selectors as people
from accounts.auth import human
from agents import keys, selectors
from agents.snapshots import AgentSnapshot, IssuedKey
from inbox import curls
from inbox.settings_pages.parts import keep_once, settings_page, show, take_once
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Invalid

LIFETIMES = {"": "Never", "30": "In 30 days", "90": "In 90 days", "365": "In a year"}
ONCE = "key"


@settings_page
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    fresh = take_once(request, ONCE)
    shown = {
        "fresh": fresh,
        "curl": _curl(request, fresh) if fresh.get("writes") else "",
        "chosen_agent": request.GET.get("agent", ""),
    }
    return show(request, "settings/keys.html", {**_context(human(request)), **shown})


@settings_page
@require_POST
def issue(request: HttpRequest) -> HttpResponse:
    by = human(request)
    days = request.POST.get("expires", "")
    try:
        issued = keys.issue_key(
            by=by,
            agent_id=request.POST.get("agentId") or None,
            label=request.POST.get("label", ""),
            scopes=request.POST.getlist("scopes"),
            expires_at=now() + timedelta(days=int(days)) if days and days in LIFETIMES else None,
        )
    except Invalid as refusal:
        return show(request, "settings/keys.html", _context(by), refusal)
    return _show_once(request, issued)


@settings_page
@require_POST
def rotate(request: HttpRequest, key_id: UUID) -> HttpResponse:
    return _show_once(request, keys.rotate_key(by=human(request), key_id=key_id))


@settings_page
@require_POST
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    key = keys.revoke_key(by=human(request), key_id=key_id)
    messages.success(request, f"“{key.label}” is revoked. It has stopped working everywhere.")
    return redirect("settings:keys")


def _show_once(request: HttpRequest, issued: IssuedKey) -> HttpResponse:
    key = issued.snapshot
    own = [] if key.agent_id else _agents_of(human(request), key.user_id)
    once = {
        "key": issued.key,
        "label": key.label,
        "writes": "yes" if "write" in key.scopes else "",
        "channel": str(own[0].id) if own else "",
    }
    keep_once(request, ONCE, once)
    return redirect("settings:keys")


def _curl(request: HttpRequest, fresh: dict[str, str]) -> str:
    return curls.hello(request, fresh["key"], channel=fresh["channel"])


def _agents_of(by: Actor, user_id: UUID | None) -> list[AgentSnapshot]:
    """A key acts for the person who holds it, so it can be bound only to an agent of theirs."""
    return [agent for agent in selectors.managed_agents_for(by) if agent.owner_id == user_id]


def _context(by: Actor) -> dict[str, Any]:
    names = {person.id: person.display_name for person in people.colleagues_of(by)}
    at = now()
    lines = [
        {
            "key": key,
            "is_own": key.user_id == by.user_id,
            "person": names.get(key.user_id, "somebody"),
            "is_expired": bool(key.expires_at and key.expires_at <= at),
        }
        for key in selectors.keys_for(by)
    ]
    own = _agents_of(by, by.user_id)
    return {"lines": lines, "agents": own, "lifetimes": LIFETIMES.items()}

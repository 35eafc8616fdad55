"""The runs of one agent, newest first."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.auth import human
from agents import selectors as agents
from inbox.context import shell_of
from inbox.views.door import for_people, render, wants_fragment
from runs import glances


@for_people
def runs(request: HttpRequest) -> HttpResponse:
    """A page of them; as a fragment what an event changes. Without an agent there is nothing to list."""
    wanted, cursor = request.GET.get("agent"), request.GET.get("cursor") or None
    if not wanted:
        return redirect("inbox:chats")
    actor = human(request)
    agent = agents.agent_for(actor, wanted)
    page = glances.runs_listed(actor, agent.id, cursor=cursor)
    context = {
        "here": "runs",
        "agent": agent,
        "lines": page.lines,
        "next_cursor": page.next_cursor,
        "is_latest": cursor is None,
        "places": _places(request),
    }
    template = "runs/_list.html" if wants_fragment(request) else "runs/list.html"
    return render(request, template, context)


def _places(request: HttpRequest) -> dict[UUID, str]:
    """The names of conversations, of those that the person may see."""
    return {line.agent.id: line.agent.name for line in shell_of(request).channels}

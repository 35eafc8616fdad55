"""Handing a conversation to an agent: a page of its own, or the inside of a dialog over the conversation."""

from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.auth import human
from agents import selectors as agents
from agents.snapshots import AgentSnapshot
from inbox.views.door import for_people, render, wants_fragment
from placet.lib.actors import Actor
from placet.lib.errors import Invalid
from placet.lib.ids import NIL, new_id
from runs import asking
from runs.asking import Callee
from runs.services import opening


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def hand_over(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    actor = human(request)
    home = agents.agent_for(actor, agent_id)
    if request.method != "POST":
        return _show(request, actor, home)
    try:
        opening.delegate(
            by=actor,
            agent_id=request.POST.get("agent"),
            channel=home.id,
            text=_text(request),
            client_id=_client_id(request),
        )
    except Invalid as refusal:
        return _show(request, actor, home, refusal)
    if wants_fragment(request):
        return HttpResponse(status=204)
    return redirect("inbox:chat", home.id)


def _show(
    request: HttpRequest, actor: Actor, home: AgentSnapshot, refusal: Invalid | None = None
) -> HttpResponse:
    """Whoever was shown out meanwhile is no longer offered, and what was written stays."""
    context = {
        "here": "runs",
        "home": home,
        "callees": (callees := asking.callees_in(home)),
        "is_at_work": any(one.run for one in callees),
        "handed_over": opening.HANDED_OVER,
        "chosen": request.POST.get("agent") or _first_of(callees),
        "text": _text(request),
        "client_id": new_id(),
        "could_let_in": asking.could_let_in(actor, home),
        "refusal": refusal,
    }
    template = "runs/_hand_over.html" if wants_fragment(request) else "runs/hand_over.html"
    return render(request, template, context, status=400 if refusal else 200)


def _first_of(callees: list[Callee]) -> str:
    """Before all who has nothing to do here: what another one is told goes on with its work, or answers its question."""
    found = sorted(callees, key=lambda one: one.run is not None)
    return str(found[0].agent.id) if found else ""


def _text(request: HttpRequest) -> str:
    # Browsers post CRLF where the human pressed Enter; agents read LF.
    return request.POST.get("text", "").replace("\r\n", "\n")


def _client_id(request: HttpRequest) -> str | None:
    """What one form says to one agent is said once. Found again by going back, it may say something else, which is not the same."""
    if not (form := request.POST.get("client_id")):
        return None
    said = "\n".join((form, request.POST.get("agent", ""), _text(request)))
    return str(uuid5(NIL, said))

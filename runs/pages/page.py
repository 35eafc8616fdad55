"""A run: its page, and the fragments a conversation shows of it."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.auth import human
from agents import selectors as agents
from agents.snapshots import AgentSnapshot
from inbox.views.door import for_people, render, wants_fragment
from placet.lib.actors import Actor
from placet.lib.errors import Conflict, Invalid, NotFound
from runs import glances
from runs.addressing import call_of, callable_among
from runs.asking import ear_of
from runs.errors import ShownOut
from runs.folding import fold
from runs.glances import History
from runs.pages import annex
from runs.selectors import speakers_in
from runs.services import prompting, stopping


@for_people
def at_work(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    """Who works in a conversation now."""
    actor = human(request)
    return HttpResponse(annex.foot(request, actor, agents.agent_for(actor, agent_id)))


@for_people
def mentions(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    """Whom a message there can call: who would hear it, and nobody else."""
    home = agents.agent_for(human(request), agent_id)
    found = callable_among(speakers_in(home))
    calls = [(agent, call_of(agent)) for agent in sorted(found, key=lambda one: one.name.lower())]
    return render(request, "runs/_mentions.html", {"calls": calls, "home": home})


@for_people
def page(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The whole history, the latest first page of it; as a fragment what an event changes."""
    actor = human(request)
    found = glances.history(
        actor,
        run_id,
        before=_number(request.GET.get("before")),
        at=_number(request.GET.get("at")),
    )
    template = "runs/_run_whole.html" if wants_fragment(request) else "runs/run.html"
    return render(request, template, _shown(actor, found))


@for_people
def steps(request: HttpRequest, run_id: UUID, number: int) -> HttpResponse:
    """What led to what was said at `number`."""
    context = {"steps": glances.steps_before(human(request), run_id, number)}
    return render(request, "runs/_steps.html", context)


@require_POST
@for_people
def prompt(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Whoever may write in its conversation may write to the run. Where it hears nobody any more its page says so, and what was written stays."""
    # Browsers post CRLF where the human pressed Enter; agents read LF.
    actor, text = human(request), request.POST.get("text", "").replace("\r\n", "\n")
    try:
        prompting.prompt(
            by=actor, run_id=run_id, text=text, client_id=request.POST.get("client_id") or None
        )
    except (Conflict, Invalid, ShownOut) as refusal:
        return _refused(request, actor, run_id, text, refusal)
    if wants_fragment(request):
        return HttpResponse(status=204)
    return redirect("runs:run", run_id)


@require_POST
@for_people
def stop(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Whoever sees the run may stop it. One that has ended meanwhile needs no stopping."""
    actor = human(request)
    try:
        stopping.stop(by=actor, run_id=run_id)
    except Conflict as refusal:
        if wants_fragment(request):
            return HttpResponse(refusal.message, status=409, content_type="text/plain")
    if wants_fragment(request):
        return HttpResponse(status=204)
    return redirect("runs:run", run_id)


def _refused(
    request: HttpRequest,
    actor: Actor,
    run_id: UUID,
    text: str,
    refusal: Conflict | Invalid | ShownOut,
) -> HttpResponse:
    # Who was shown out is no secret from who sees the run.
    status = 400 if isinstance(refusal, Invalid) else 409
    if wants_fragment(request):
        return HttpResponse(_why(refusal), status=status, content_type="text/plain")
    kept = [text] if text.strip() else []
    context = _shown(actor, glances.history(actor, run_id)) | {"refusal": refusal, "kept": kept}
    return render(request, "runs/run.html", context, status=status)


def _shown(actor: Actor, found: History) -> dict[str, Any]:
    return {
        "here": "runs",
        "run": found.run,
        "legs": fold(found.activities),
        "before": found.before,
        "is_latest": found.is_latest,
        "home": (home := _home(actor, found)),
        "ear": ear_of(found.run, home),
        "listed": _listed_under(actor, found, home),
    }


def _home(actor: Actor, found: History) -> AgentSnapshot | None:
    """The conversation, for who may read it: the owner of a guest sees its run and not where it speaks."""
    with suppress(NotFound):
        return agents.agent_for(actor, found.run.channel_id)
    return None


def _listed_under(actor: Actor, found: History, home: AgentSnapshot | None) -> AgentSnapshot | None:
    """Whose list of runs leads back here: the agent's own, or that of the conversation where only that is seen."""
    if not found.run.is_guest:
        return home
    with suppress(NotFound):
        return agents.agent_for(actor, found.run.agent.id)
    return home


def _why(refusal: Conflict | Invalid | ShownOut) -> str:
    return refusal.errors[0].message if refusal.errors else refusal.message


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None

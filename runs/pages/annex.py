"""What runs add to the inbox: who is at work, at the foot of a conversation and beside names; on a message the steps that led to it; in the bar the
way to hand a conversation over."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from agents.snapshots import AgentSnapshot
from inbox.snapshots import MessageSnapshot
from placet.lib.actors import Actor
from runs import glances
from runs.asking import can_be_handed
from runs.presence import presence_of


def foot(request: HttpRequest, actor: Actor, agent: AgentSnapshot) -> SafeString:
    context = {"agent": agent, "glances": glances.at_work_in(agent)}
    return render_to_string("runs/_foot.html", context, request)


def bar(request: HttpRequest, actor: Actor, agent: AgentSnapshot) -> SafeString:
    """Nothing where nobody can be handed it."""
    if not can_be_handed(agent):
        return SafeString()
    return render_to_string("runs/_hand_over_button.html", {"agent": agent}, request)


def notes(actor: Actor, messages: Sequence[MessageSnapshot]) -> Mapping[UUID, SafeString]:
    # Agents may write what they like into metadata: it only says which messages are worth a query.
    perhaps = [message.id for message in messages if "run" in (message.metadata or {})]
    marks = glances.marks_on(perhaps) if perhaps else {}
    return {
        message_id: render_to_string("runs/_mark.html", {"mark": mark})
        for message_id, mark in marks.items()
        if mark.steps
    }


def beside(agents: Sequence[AgentSnapshot]) -> Mapping[UUID, SafeString]:
    return {
        agent_id: render_to_string("runs/_presence.html", {"seen": seen})
        for agent_id, seen in presence_of(agents).items()
    }

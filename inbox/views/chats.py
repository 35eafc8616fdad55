"""Chats: one conversation per agent."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.auth import human
from agents import selectors as agents
from files.uploads import arrival_of
from inbox import annexes, selectors, triage
from inbox.context import shell_of
from inbox.services import keeping, writing
from inbox.services.arriving import Attachments
from inbox.snapshots import ChannelLine, MessagePage, MessageSnapshot
from inbox.views.door import for_people, render, wants_fragment
from placet.lib.actors import Actor
from placet.lib.errors import Invalid

#: The bar above a conversation names this many waiting reviews, then counts.
NAMED = 5


@for_people
def chats(request: HttpRequest) -> HttpResponse:
    return render(request, "inbox/chats.html", {"here": "chats", "pane": "list"})


@for_people
def lines(request: HttpRequest) -> HttpResponse:
    return render(request, "inbox/_channels.html", {"current": request.GET.get("current", "")})


@for_people
def chat(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    """The conversation, or with `before` as a fragment the messages above what is shown."""
    actor = human(request)
    agent = agents.agent_for(actor, agent_id)
    if wants_fragment(request) and (before := request.GET.get("before")):
        page = selectors.channel_page(actor, agent_id, cursor=before)
        return render(request, "inbox/_messages.html", {"agent": agent, **_shown(actor, page)})
    line = _line_of(request, agent_id)
    page, is_latest = _page(actor, agent_id, request.GET)
    context = {
        "here": "chats",
        "pane": "detail",
        "agent": agent,
        "current": str(agent.id),
        "is_latest": is_latest,
        "most_files": settings.PLACET_FILES_MAX_PER_MESSAGE,
        "most_bytes": settings.PLACET_FILE_MAX_BYTES,
        "first_unread": _first_unread(page, line.unread if line else 0) if is_latest else None,
        **_shown(actor, page),
        "foot": annexes.foot_of(request, actor, agent),
        "bar": annexes.bar_of(request, actor, agent),
        **_waiting(actor, agent_id, line.waiting if line else 0),
    }
    return render(request, "inbox/chat.html", context)


@for_people
def waits(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    """The bar of open questions, to be renewed when one comes or goes."""
    actor = human(request)
    agent = agents.agent_for(actor, agent_id)
    line = _line_of(request, agent_id)
    context = {"agent": agent, **_waiting(actor, agent_id, line.waiting if line else 0)}
    return render(request, "inbox/_waits.html", context)


@for_people
def bubble(request: HttpRequest, message_id: UUID) -> HttpResponse:
    actor = human(request)
    message = selectors.message_for(actor, message_id)
    context = {"message": message, "notes": annexes.notes_on(actor, [message])}
    return render(request, "inbox/_bubble.html", context)


@for_people
def attachments(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """The files of one message, fetched anew when one of them can be looked at."""
    message = selectors.message_for(human(request), message_id)
    context = {"message": message, "files": message.files}
    return render(request, "files/_attachments.html", context)


@require_POST
@for_people
def write(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    try:
        message = writing.write_message(
            by=human(request),
            agent_id=agent_id,
            # Browsers post CRLF where the human pressed Enter; agents read LF.
            text=request.POST.get("text", "").replace("\r\n", "\n"),
            client_id=request.POST.get("client_id") or None,
            attachments=_attached(request),
        )
    except Invalid as refusal:
        if wants_fragment(request):
            return HttpResponse(refusal.errors[0].message, status=400, content_type="text/plain")
        return redirect("inbox:chat", agent_id=agent_id)
    if wants_fragment(request):
        return render(request, "inbox/_bubble.html", {"message": message}, status=201)
    return redirect("inbox:chat", agent_id=agent_id)


@require_POST
@for_people
def read(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    keeping.mark_read(
        by=human(request), agent_id=agent_id, message_id=request.POST.get("message") or None
    )
    return HttpResponse(status=204)


def _attached(request: HttpRequest) -> Attachments:
    """By their ids, where scripts have uploaded them already; a plain form brings the files themselves."""
    return Attachments(
        ids=request.POST.getlist("attachmentIds"),
        arrivals=[arrival_of(upload) for upload in request.FILES.getlist("file")],
    )


def _line_of(request: HttpRequest, agent_id: UUID) -> ChannelLine | None:
    """None past the most agents a rail lists."""
    return next((line for line in shell_of(request).channels if line.agent.id == agent_id), None)


def _page(actor: Actor, agent_id: UUID, query: Any) -> tuple[MessagePage, bool]:
    """The latest page, unless a link asks for a message that is not on it: then the page that ends with that one."""
    latest = selectors.channel_page(actor, agent_id)
    wanted = query.get("at", "")
    if not wanted or any(str(message.id) == wanted for message in latest.messages):
        return latest, True
    try:
        cursor = str(UUID(int=UUID(wanted).int + 1))
    except ValueError:
        return latest, True
    return selectors.channel_page(actor, agent_id, cursor=cursor), False


def _shown(actor: Actor, page: MessagePage) -> dict[str, Any]:
    return {
        "messages": page.messages[::-1],
        "before": page.next_cursor,
        "notes": annexes.notes_on(actor, page.messages),
    }


def _first_unread(page: MessagePage, unread: int) -> UUID | None:
    """Where the "New" line goes: above the oldest of the latest `unread` messages of the agent."""
    from_agent = [message.id for message in page.messages if not message.is_human]
    return from_agent[unread - 1] if 0 < unread <= len(from_agent) else None


def _waiting(actor: Actor, agent_id: UUID, waiting: int) -> dict[str, Any]:
    named: tuple[MessageSnapshot, ...] = ()
    if waiting:
        named = triage.inbox_page(actor, agent_id=agent_id, limit=NAMED).messages
    return {"waits": named, "more_waits": max(0, waiting - len(named))}

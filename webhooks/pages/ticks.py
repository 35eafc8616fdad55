"""What a message's ticks lead to: what became of its delivery, and once more."""

from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.auth import human
from inbox.views.door import for_people, wants_fragment
from placet.lib.errors import Invalid, NotFound
from webhooks.listing import newest_for_message
from webhooks.services import queueing


@for_people
def for_message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    found = newest_for_message(human(request), message_id)
    if found is None:
        raise NotFound("No delivery of this message")
    return redirect("webhooks:delivery", found)


@require_POST
@for_people
def retry(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Whoever sees the message may; how it goes is told to every open page."""
    try:
        queueing.retry_message(by=human(request), message_id=message_id)
    except Invalid as refusal:
        return HttpResponse(refusal.in_words(), status=400, content_type="text/plain")
    if wants_fragment(request):
        return HttpResponse(status=204)
    return redirect(_where_it_stood(request, message_id))


def _where_it_stood(request: HttpRequest, message_id: UUID) -> str:
    path = urlsplit(request.headers.get("Referer", "")).path
    stood = path if path.startswith(("/chats/", "/inbox/")) else reverse("inbox:page")
    return f"{stood}#m-{message_id}"

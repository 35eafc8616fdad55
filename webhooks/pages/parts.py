"""What the webhook pages share."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.auth import human
from inbox.settings_pages.parts import keep_once, take_once
from placet.events import catalogue
from placet.lib.errors import Invalid
from webhooks.services import queueing
from webhooks.snapshots import MintedEndpoint
from webhooks.targets import TO_WORKSPACE

#: What an endpoint may hear of, in the words of the catalogue.
EVENTS = [(event.type, event.label) for event in catalogue.EVENTS if event.type in TO_WORKSPACE]


def deliveries_of(**chosen: UUID) -> str:
    return f"{reverse('webhooks:deliveries')}?{urlencode(chosen)}"


def show_secret_once(request: HttpRequest, minted: MintedEndpoint) -> None:
    """On the next page of this endpoint, and on no other."""
    keep_once(request, f"webhook.{minted.endpoint.id}", {"secret": minted.secret})


def shown_once(request: HttpRequest, endpoint_id: UUID) -> dict[str, str]:
    return take_once(request, f"webhook.{endpoint_id}")


def test(request: HttpRequest, endpoint_id: UUID) -> HttpResponse | None:
    """Send a test event and lead to what becomes of it; None, with a word to the person, when there is nowhere to send it."""
    try:
        sent = queueing.send_test(by=human(request), endpoint_id=endpoint_id)
    except Invalid as refusal:
        messages.warning(request, f"Not sent: the {refusal.in_words()}.")
        return None
    return redirect("webhooks:delivery", sent.id)

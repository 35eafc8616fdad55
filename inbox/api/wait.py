"""`GET /api/v1/reviews/<id>/wait`: the answer when there is one, however long that takes, up to the timeout."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from agents.auth import actor_of_headers, actor_of_key, key_in
from files.selectors import texts_of
from inbox import selectors
from inbox.api.wire import message_json
from inbox.snapshots import MessageSnapshot
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden, NotAllowed, NotFound, PlacetError
from placet.lib.ids import parse_id
from placet.lib.rest import error_response, written
from placet.pool import on_pool
from reviews.services import expire_due_reviews
from reviews.wait import Place, park

# A wake-up that brought nothing may have come from a key whose end this process had not yet heard of: look again soon.
DOUBT_SECONDS = 1.0
# The sweep settles what is due, and its news wakes us. Only a wait whose sweep is late settles by itself.
SWEEP_HEADSTART_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Waiter:
    key: str
    review_id: str
    channel: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the row found: the ready answer, or when to look again at the latest."""

    answer: bytes | None
    expires_at: datetime


# A key in a header is no cookie: there is no form to ask for a token, not even to hear that POST is wrong.
@csrf_exempt
async def wait(request: HttpRequest, review_id: str) -> HttpResponseBase:
    """Answer once the review is settled, or `{"status": "timeout"}`; 401 as soon as the key ends, 404 when the message goes."""
    try:
        if request.method != "GET":
            raise NotAllowed(request.method, allow="GET")
        return _json(await _answer(request, str(review_id)))
    except PlacetError as refusal:
        return error_response(refusal, request)


async def _answer(request: HttpRequest, review_id: str) -> bytes:
    until = asyncio.get_running_loop().time() + _timeout_ms(request.GET.get("timeout")) / 1000
    actor = await on_pool(_reader, request.headers)
    waiter = Waiter(key_in(request.headers), review_id, request.GET.get("channel"))
    wanted = parse_id(review_id)
    if wanted is None or actor.key_id is None:
        raise NotFound("Message not found")
    with park(wanted, actor.key_id) as place:
        return await _wait(waiter, place, until) or written({"status": "timeout"})


async def _wait(waiter: Waiter, place: Place, until: float) -> bytes | None:
    loop = asyncio.get_running_loop()
    look, doubtful = _first_look, False
    while True:
        place.reset()
        async with place.turn:
            seen = await on_pool(look, waiter)
        if seen.answer or place.closing or loop.time() >= until:
            return seen.answer
        await place.woken(min(until, loop.time() + _nap(seen.expires_at, doubtful=doubtful)))
        look, doubtful = _look, not doubtful


def _nap(expires_at: datetime, *, doubtful: bool) -> float:
    left = max(0.0, (expires_at - now()).total_seconds()) + SWEEP_HEADSTART_SECONDS
    return min(DOUBT_SECONDS, left) if doubtful else left


def _reader(headers: Mapping[str, str]) -> Actor:
    """Counts against the key's rate, once per request; the looks that follow only ask whether the key still lives."""
    actor = actor_of_headers(headers)
    if "read" not in actor.scopes:
        raise Forbidden('This key lacks the "read" scope.')
    return actor


def _first_look(waiter: Waiter) -> Look:
    """The only one to ask whether the channel is right; the others need the message alone, and are waited for."""
    actor = actor_of_key(waiter.key)
    return _seen(selectors.question_in(actor, waiter.review_id, channel=waiter.channel))


def _look(waiter: Waiter) -> Look:
    message = selectors.message_for(actor_of_key(waiter.key), waiter.review_id)
    if message.review and message.review.is_overdue:
        expire_due_reviews()
        message = selectors.message_for(actor_of_key(waiter.key), waiter.review_id)
    return _seen(message)


def _seen(message: MessageSnapshot) -> Look:
    """Final is what the row says. A clock that says "expired" could be contradicted by a response still being committed."""
    if message.review is None:
        raise NotFound("No review on this message")
    if not message.review.is_final:
        return Look(None, message.review.expires_at)
    told = message_json(message, reveal=True, texts=texts_of(message.files))
    body = {"status": message.review.status, "message": told}
    return Look(written(body), message.review.expires_at)


def _timeout_ms(text: str | None) -> float:
    """Milliseconds, as lenient as the reference: what is no positive number means the default."""
    try:
        asked = float(text or "")
    except ValueError:
        asked = 0.0
    # NaN compares false with everything.
    return min(asked, settings.PLACET_WAIT_MAX_MS) if asked > 0 else settings.PLACET_WAIT_DEFAULT_MS


def _json(body: bytes, **kwargs: Any) -> HttpResponse:
    return HttpResponse(body, content_type="application/json", **kwargs)

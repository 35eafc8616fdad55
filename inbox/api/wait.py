"""`GET /api/v1/reviews/<id>/wait`: the answer when there is one, however long that takes, up to the timeout."""

import asyncio
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.http import HttpRequest

from agents.auth import actor_of_key, key_in
from agents.parking import Look
from files.selectors import texts_of
from inbox import selectors
from inbox.api.parked import parks, reader
from inbox.api.wire import message_json
from inbox.snapshots import MessageSnapshot
from placet.lib.clock import now
from placet.lib.errors import NotFound
from placet.lib.ids import parse_id
from placet.lib.rest import written
from placet.pool import on_pool
from reviews.services import expire_due_reviews
from reviews.wait import park

# The sweep settles what is due, and its news wakes us. Only a wait whose sweep is late settles by itself.
SWEEP_HEADSTART_SECONDS = 0.05
TIMEOUT = written({"status": "timeout"})


@dataclass(frozen=True, slots=True)
class Waiter:
    key: str
    review_id: str
    channel: str | None


@parks
async def wait(request: HttpRequest, review_id: str) -> bytes:
    """Answer once the review is settled, or `{"status": "timeout"}`; 401 as soon as the key ends, 404 when the message goes."""
    until = asyncio.get_running_loop().time() + _timeout_ms(request.GET.get("timeout")) / 1000
    actor = await on_pool(reader, request.headers)
    waiter = Waiter(key_in(request.headers), review_id, request.GET.get("channel"))
    wanted = parse_id(review_id)
    if wanted is None or actor.key_id is None:
        raise NotFound("Message not found")
    with park(wanted, actor.key_id) as place:
        looks = partial(on_pool, _first_look, waiter), partial(on_pool, _look, waiter)
        return await place.wait(until, *looks)


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
        left = (message.review.expires_at - now()).total_seconds()
        return Look(TIMEOUT, found=False, good_for=max(0.0, left) + SWEEP_HEADSTART_SECONDS)
    told = message_json(message, reveal=True, texts=texts_of(message.files))
    return Look(written({"status": message.review.status, "message": told}), found=True)


def _timeout_ms(text: str | None) -> float:
    """Milliseconds, as lenient as the reference: what is no positive number means the default."""
    try:
        asked = float(text or "")
    except ValueError:
        asked = 0.0
    # NaN compares false with everything.
    return min(asked, settings.PLACET_WAIT_MAX_MS) if asked > 0 else settings.PLACET_WAIT_DEFAULT_MS

"""`GET /api/v1/events`: what happened to the key's agents, in order, and a wait for what happens next."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

from django.conf import settings
from django.http import HttpRequest, QueryDict

from agents.auth import actor_of_key, key_in
from agents.parking import Look, Place
from inbox.api.messages import whole_number
from inbox.api.parked import parks, reader
from inbox.api.wire import feed_json
from inbox.feed.page import FeedPage, feed_page, first_page
from inbox.feed.wait import hold, park
from inbox.selectors import DEFAULT_LIMIT
from placet.events.catalogue import PUBLIC
from placet.lib.errors import Invalid
from placet.lib.rest import written
from placet.lib.wording import must_be, one_of
from placet.pool import on_pool

Read = Callable[..., FeedPage]
# No further than every database counts.
NUMBER = re.compile(r"[0-9]{1,18}")


@parks
async def events(request: HttpRequest) -> bytes:
    """A page; with `wait`, an empty one only when nothing happened for so long. 401 as soon as the key ends."""
    by = await on_pool(reader, request.headers)
    asked = Asked.of(request.GET)
    reading = Reading(key_in(request.headers), asked)
    if not asked.wait_ms:
        return (await on_pool(reading.look, first_page)).answer
    until = asyncio.get_running_loop().time() + asked.wait_ms / 1000
    with park(by, asked.channel) as place:
        return await place.wait(
            until, partial(reading.at, place, first_page), partial(reading.at, place, feed_page)
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """The query, checked."""

    after: int | None
    types: tuple[str, ...]
    limit: int
    wait_ms: int
    channel: str | None

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        return cls(
            after=_number(query.get("after"), "after", "a nextCursor of this feed, or 0"),
            types=_types(",".join(query.getlist("types"))),
            limit=whole_number(query, "limit", DEFAULT_LIMIT),
            wait_ms=_wait_ms(query.get("wait")),
            channel=query.get("channel"),
        )


class Reading:
    """One request: look by look it goes on from where the look before has been."""

    __slots__ = ("_after", "_asked", "_held", "_key")

    def __init__(self, key: str, asked: Asked) -> None:
        self._key, self._asked, self._after = key, asked, asked.after
        self._held: int | None = None

    async def at(self, place: Place, read: Read) -> Look:
        seen = await on_pool(self.look, read)
        if self._held is not None:
            hold(place, self._held)
        return seen

    def look(self, read: Read) -> Look:
        asked = self._asked
        wanted = {"channel": asked.channel, "types": asked.types, "limit": asked.limit}
        page = read(actor_of_key(self._key), after=self._after, **wanted)
        self._after, self._held = page.cursor, page.held
        return Look(written(feed_json(page)), found=bool(page.items) or page.gap)


def _wait_ms(text: str | None) -> int:
    asked = _number(text, "wait", "a whole number of milliseconds") or 0
    return min(asked, settings.PLACET_WAIT_MAX_MS)


def _number(text: str | None, name: str, rule: str) -> int | None:
    if not text:
        return None
    if not NUMBER.fullmatch(text):
        raise Invalid.field(name, must_be(rule, text))
    return int(text)


def _types(text: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for word in words:
        if word not in PUBLIC:
            raise Invalid.field("types", must_be(one_of(PUBLIC), word))
    return words or PUBLIC

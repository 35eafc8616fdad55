"""Who may ask how often. Counters live in Redis when there is one, so all workers count together; else in this process."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from placet.lib.counts import LocalCounts
from placet.lib.errors import TooManyRequests

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is left of a limit for somebody."""

    limit: int
    remaining: int
    #: Asked for only by who says it: with Redis it is a question of its own.
    ask_reset: Callable[[], float] = field(repr=False)

    def reset_at(self) -> float:
        """When it begins anew, in unix time."""
        try:
            return self.ask_reset()
        except StorageError:
            return time.time()


def take(name: str, who: str, *, cost: int = 1) -> Standing | None:
    """Count a use of limit `name` ("key", "address", "points", …) by `who`; refuse with TooManyRequests past it.

    What is left then; None when nobody counts.
    """
    item = _item(getattr(settings, SETTING[name]))
    key, storage = item.key_for(name, who), _limiter().storage
    try:
        count = int(storage.incr(key, item.get_expiry(), amount=cost))
    except StorageError:
        # Counting is a courtesy to the others; without Redis the answer must not depend on it.
        log.warning("limits.not_counted", extra={"limit": name})
        return None
    standing = Standing(
        limit=item.amount,
        remaining=max(0, item.amount - count),
        ask_reset=partial(storage.get_expiry, key),
    )
    if count > item.amount:
        raise _refusal(name, item, standing)
    return standing


def _refusal(name: str, item: RateLimitItem, standing: Standing) -> TooManyRequests:
    said = SENTENCES.get(name, "Too many requests: {item} for each {name}.")
    return TooManyRequests(
        said.format(item=item, name=name.replace("_", " ")),
        retry_after=max(1, math.ceil(standing.reset_at() - time.time())),
        standing=standing,
    )


def address_of(request: HttpRequest) -> str:
    """The client's address; a proxy's word counts only when the operator says there is a proxy."""
    if settings.PLACET_BEHIND_PROXY:
        # The right-most entry is the one our own proxy wrote; everything left of it is the client's claim.
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
        if _is_address(forwarded):
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))


def place_of(request: HttpRequest) -> str:
    """What is counted as one place: an address, or the 64-bit network of an IPv6 one, all of which one customer has."""
    address = address_of(request)
    if not _is_address(address) or ip_address(address).version == 4:
        return address
    return str(ip_network((address, 64), strict=False))


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


SETTING = {
    "key": "PLACET_RATE_PER_KEY",
    "points": "PLACET_RATE_GRAPHQL_POINTS",
    "address": "PLACET_RATE_PER_ADDRESS",
    "tokens_per_address": "PLACET_RATE_TOKENS_PER_ADDRESS",
    "tokens_per_client": "PLACET_RATE_TOKENS_PER_CLIENT",
    "sign_in_per_account": "PLACET_RATE_SIGN_IN_PER_ACCOUNT",
    "sign_in_everywhere": "PLACET_RATE_SIGN_IN_EVERYWHERE",
    "sign_in_per_address": "PLACET_RATE_SIGN_IN_PER_ADDRESS",
}


SENTENCES = {
    "points": "Too many points: {item} for each app.",
    "tokens_per_address": "Too many requests about tokens: {item} for each address.",
    "tokens_per_client": "Too many requests about tokens: {item} for each client at one address.",
}


@cache
def _item(text: str) -> RateLimitItem:
    return parse(text)


@cache
def _limiter() -> FixedWindowRateLimiter:
    if not settings.REDIS_URL:
        return FixedWindowRateLimiter(LocalCounts())
    # `limits` takes the module as it finds it: while the relay's thread is still importing it that is half of one, and the
    # first requests after a start were answered 500.
    import_module("redis")
    patience = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
    return FixedWindowRateLimiter(
        storage_from_string(
            settings.REDIS_URL,
            wrap_exceptions=True,
            key_prefix=settings.PLACET_REDIS_PREFIX,
            **patience,
        )
    )


def reset() -> None:
    """Forget every count; for tests."""
    _limiter().storage.reset()

"""How an event reaches every process. A hint that may be lost: everyone who listens can re-read the database.

Three legs carry it: the subscribers of this process at once, the others over Redis (`relay`) when there is one, and behind
both a follower (`follow`) that reads the event table and delivers whatever has not been heard of.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.conf import settings
from prometheus_client import Histogram

from placet.events.follow import Follower, Source, SqliteCommits, Ticks
from placet.events.models import Recorded
from placet.events.relay import relay
from placet.events.seen import Seen
from placet.lib.clock import now
from placet.lib.metrics import PROCESS

log = logging.getLogger(__name__)
Subscriber = Callable[[Recorded], None]
HEAL_SECONDS, ALONE_SECONDS = 2.0, 1.0
LAG = Histogram(
    "placet_event_lag_seconds",
    "From the recording of an event until this process heard of it: from itself, over redis, or late from the database.",
    ["way"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=PROCESS,
)
_everywhere: list[Subscriber] = []
_seen = Seen(4096)
_listening = threading.Lock()


def everywhere(subscriber: Subscriber) -> None:
    """Call `subscriber` in every process for every event, from whatever thread it arrives on; it must return at once."""
    _everywhere.append(subscriber)


def deliver(recorded: Recorded) -> None:
    """Hand an event to this process's subscribers."""
    for subscriber in _everywhere:
        try:
            subscriber(recorded)
        except Exception:
            log.exception(
                "bus.subscriber_failed", extra={"event": recorded.type, "id": recorded.id}
            )


def publish(recorded: Recorded) -> None:
    """Deliver here at once, and send it on to the other processes; never waits for them."""
    receive(recorded)
    if settings.REDIS_URL:
        relay().send(recorded)


def receive(recorded: Recorded, *, way: str = "itself") -> None:
    """Deliver an event unless this process has heard of it, by whichever leg came first."""
    if _seen.is_new(recorded):
        lag = now() - datetime.fromisoformat(recorded.recorded_at)
        LAG.labels(way).observe(max(0.0, lag.total_seconds()))
        deliver(recorded)


def listen() -> None:
    """Start hearing the other processes. Once per process that serves browsers or waits; further calls do nothing."""
    if _listening.acquire(blocking=False):
        Follower(partial(receive, way="database"), _source(), is_new=_seen.is_new).start()


def _source() -> Source:
    """When to look at the event table: after a commit where the database tells, else every so often."""
    if settings.REDIS_URL:
        ticks = Ticks(HEAL_SECONDS)
        relay().listen(partial(receive, way="redis"), on_gap=ticks.now)
        return ticks
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        return SqliteCommits(knows=_seen.knows)
    return Ticks(ALONE_SECONDS)

"""Sleeps until the next deadline and settles what is due: expiry to the millisecond, with nothing kept in memory.

One row of a partial index says when to get up. A beat sweep every 30 s stands behind it, and readers do not wait for either.
"""

import logging
import threading
from datetime import datetime

from django.db import close_old_connections

from agents import selectors as agents
from agents.services import mark_silent_agents
from placet.events.outbox import LARGEST_BATCH
from placet.lib.clock import now
from placet.lib.nudge import nudge
from reviews.deadlines import next_deadline
from reviews.services import expire_due_reviews
from runs import selectors as runs
from runs.services.lapsing import mark_stale_runs
from webhooks import selectors as webhooks
from webhooks.services.queueing import DELIVER

log = logging.getLogger(__name__)
BATCH = LARGEST_BATCH
# A deadline set while asleep may be nearer than the one slept for.
LONGEST_SLEEP_SECONDS = 1.0
# What is due may be held by another sweep just now; asking without a pause would only be in its way.
SHORTEST_SLEEP_SECONDS = 0.001
RETRY_SECONDS = 1.0


class Sleeper(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="placet-sleeper", daemon=True)
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._seconds_asleep()):
            pass

    def stop(self) -> None:
        self._stopped.set()

    def _seconds_asleep(self) -> float:
        close_old_connections()
        try:
            return settle_what_is_due()
        except Exception:
            log.exception("sleeper.failed")
            return RETRY_SECONDS
        finally:
            close_old_connections()


def settle_what_is_due() -> float:
    """Expire reviews, mark silent agents and stale runs, call for what is to be sent; then say how long there is nothing to do.

    Writes only when something is due.
    """
    if _due(next_deadline()) and expire_due_reviews(batch=BATCH) == BATCH:
        return 0.0
    if _due(agents.next_silence()):
        mark_silent_agents()
    if _due(runs.next_silence()):
        mark_stale_runs()
    soonest = _until(next_deadline(), agents.next_silence(), runs.next_silence())
    return min(soonest, _deliveries())


def _deliveries() -> float:
    """Who sends is asleep until it is told. It may be busy or have no room: telling it once a second is enough."""
    due = webhooks.next_due()
    if _due(due):
        nudge(DELIVER)
        return LONGEST_SLEEP_SECONDS
    return _until(due)


def _due(moment: datetime | None) -> bool:
    return moment is not None and moment <= now()


def _until(*moments: datetime | None) -> float:
    seconds = [(moment - now()).total_seconds() for moment in moments if moment is not None]
    return max(SHORTEST_SLEEP_SECONDS, min([LONGEST_SLEEP_SECONDS, *seconds]))

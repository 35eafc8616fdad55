"""The fact is written beside the change; the world is told after commit.

`record` is the only way an event comes to be. Two kinds of listener:
`beside_the_change(fn)` runs in the transaction, once for all its events (for rows that must not be lost; it must not be able
to fail on content);
`after_commit(fn)` runs once, in the process that committed, and may be lost: whatever hangs on it needs a sweep behind it.
"""

import logging
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from placet.events.catalogue import Event
from placet.events.models import EventRow, Recorded
from placet.lib.actors import Actor
from placet.lib.clock import now

#: How many events one transaction records at once, as a rule; readers by cursor look back accordingly.
LARGEST_BATCH = 500
log = logging.getLogger(__name__)
Listener = Callable[[Recorded], None]
Companion = Callable[[Sequence[Recorded]], None]
_beside: list[Companion] = []
_after: list[Listener] = []


def beside_the_change(companion: Companion) -> None:
    _beside.append(companion)


def after_commit(listener: Listener) -> None:
    _after.append(listener)


def record(event: Event, *, by: Actor) -> None:
    """Write one event row in the caller's transaction and tell the listeners when it commits.

    The last thing a service does: until the commit, the feed tells nobody what came after.
    """
    record_all([event], by=by)


def record_all(events: Sequence[Event], *, by: Actor) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "record() belongs inside the transaction of its change."
        )
    rows = EventRow.objects.bulk_create(_row(event, by) for event in events)
    recorded = [Recorded.of(row) for row in rows]
    for companion in _beside:
        companion(recorded)

    # A nested function, not functools.partial: Django logs the __qualname__ of a robust callback, and a partial has none.
    def tell() -> None:
        for one in recorded:
            _tell(one)

    transaction.on_commit(tell)


def _row(event: Event, by: Actor) -> EventRow:
    return EventRow(
        type=event.type,
        data=event.data(),
        agent_id=event.agent_id,
        user_id=event.user_id,
        actor=by.label,
        recorded_at=now(),
    )


def _tell(recorded: Recorded) -> None:
    for listener in _after:
        try:
            listener(recorded)
        except Exception:
            log.exception(
                "event.listener_failed", extra={"event": recorded.type, "id": recorded.id}
            )

"""Who waits for a review, and what wakes them."""

from uuid import UUID

from agents import parking
from placet.events.models import Recorded
from placet.events.selectors import latest_id
from placet.lib.ids import parse_id
from reviews.selectors import settled_among

# On PostgreSQL an event may become visible after one with a higher number: not every quiet sweep is skipped.
MOST_SKIPPED = 2
_SETTLING = {"review:responded", "review:expired", "review:cancelled", "message:deleted"}


def hear(recorded: Recorded) -> None:
    """A bus subscriber, called on any thread."""
    if recorded.type in _SETTLING:
        parking.call(parse_id(recorded.data.get("messageId")))


def park(review_id: UUID, key_id: UUID) -> parking.Place:
    """A place to wait in for a review, to be used as a context manager."""
    return parking.park(Reviews, review_id, key_id)


class Reviews(parking.Register):
    """Reviews end with an event, so most sweeps of a quiet night need not ask for ten thousand."""

    def __init__(self, lot: parking.Lot) -> None:
        super().__init__(lot)
        self._newest = self._skipped = 0

    def missed(self, names: list[UUID]) -> set[UUID]:
        newest = latest_id()
        if newest == self._newest and self._skipped < MOST_SKIPPED:
            self._skipped += 1
            return set()
        self._newest, self._skipped = newest, 0
        return settled_among(names)

"""What /metrics says of questions and of those who wait for answers."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import Gauge
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from agents import parking
from placet.events import catalogue
from placet.events.models import Recorded
from placet.lib.clock import now
from placet.lib.ids import id_or_nil, made_at
from placet.lib.metrics import PROCESS, of_the_database
from placet.totals import tally
from reviews import deadlines, types
from reviews.models import Status

#: Two milliseconds. Who has more open questions than that has other sorrows than their number.
MOST_COUNTED = 2000
#: Types nobody registered go under one name: agents may make up as many as they like.
OTHER = "other"
TYPES = (*(kind.slug for kind in types.BUILT_IN), OTHER)
OUTCOMES = {
    catalogue.ReviewResponded.type: Status.COMPLETED.value,
    catalogue.ReviewExpired.type: Status.EXPIRED.value,
    catalogue.ReviewCancelled.type: Status.CANCELLED.value,
}

Gauge(
    "placet_waits_parked",
    "Agents that wait in this process, for a response or for the feed (PLACET_WAITERS_MAX).",
    registry=PROCESS,
).set_function(parking.parked)


def known(slug: str) -> str:
    return slug if any(kind.slug == slug for kind in types.all_types()) else OTHER


def _asked(recorded: Recorded) -> str | None:
    slug = recorded.data.get("reviewType")
    return known(slug) if recorded.type == catalogue.MessageCreated.type and slug else None


def _settled(recorded: Recorded) -> str | None:
    return OUTCOMES.get(recorded.type)


def _seconds_to_respond(recorded: Recorded) -> float | None:
    """A review was asked when its id was made, and responded to when that was recorded: no row needs to be read."""
    if recorded.type != catalogue.ReviewResponded.type:
        return None
    asked = made_at(id_or_nil(recorded.data.get("messageId")))
    return max(0.0, (datetime.fromisoformat(recorded.recorded_at) - asked).total_seconds())


@of_the_database
def open_reviews() -> Iterator[Metric]:
    said = f"Questions that wait for a response, counted no further than {MOST_COUNTED} in all."
    pending = GaugeMetricFamily("placet_reviews_pending", said, labels=["type"])
    found = Counter(dict.fromkeys(TYPES, 0))
    for slug, count in deadlines.open_by_type(MOST_COUNTED).items():
        found[known(slug)] += count
    for name, count in found.items():
        pending.add_metric([name], count)
    yield pending
    said = "How long ago the deadline of the longest overdue question was; more than seconds: nobody expires them."
    yield GaugeMetricFamily("placet_review_overdue_seconds", said, value=_overdue_seconds())


def _overdue_seconds() -> float:
    deadline = deadlines.next_deadline()
    return max(0.0, (now() - deadline).total_seconds()) if deadline else 0.0


tally.keep(
    tally.Counter(
        name="placet_reviews_asked",
        said="Questions agents have asked.",
        label="type",
        of=_asked,
        values=TYPES,
    ),
    tally.Counter(
        name="placet_reviews_settled",
        said="Questions that were responded to, expired, or were cancelled.",
        label="outcome",
        of=_settled,
        values=list(OUTCOMES.values()),
    ),
    tally.Histogram(
        name="placet_review_response_seconds",
        said="How long people took to respond.",
        bounds=(1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 36 * 3600),
        of=_seconds_to_respond,
    ),
)

"""What /metrics says of deliveries. Workers have no port of their own: what they do is added to totals in the database."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from placet.lib.clock import now
from placet.lib.metrics import of_the_database
from placet.totals.selectors import totals
from webhooks import selectors
from webhooks.outcomes import Outcome

#: As for open questions: a bound on what one scrape may cost.
MOST_COUNTED = 2000
ATTEMPTS, SECONDS = "placet_webhook_attempts", "placet_webhook_attempt_seconds"
RESULTS = ("2xx", "3xx", "4xx", "5xx", "none")


def gains_of(outcomes: Iterable[Outcome]) -> Mapping[str, float]:
    """Which totals some tries raise, and by how much."""
    tried = [one for one in outcomes if one.was_sent]
    results = Counter(f"{ATTEMPTS}:{_result(one.code)}" for one in tried)
    return {**results, SECONDS: sum(one.milliseconds for one in tried) / 1000}


def _result(code: int | None) -> str:
    return f"{code // 100}xx" if code and 200 <= code < 600 else "none"


@of_the_database
def deliveries() -> Iterator[Metric]:
    kept = totals()
    attempts = CounterMetricFamily(ATTEMPTS, "Tries, by what came back.", labels=["result"])
    for result in RESULTS:
        attempts.add_metric([result], kept.get(f"{ATTEMPTS}:{result}", 0.0))
    yield attempts
    yield CounterMetricFamily(SECONDS, "Seconds all tries took.", value=kept.get(SECONDS, 0.0))
    said = f"Deliveries that wait for a try or its answer, counted no further than {MOST_COUNTED}."
    waiting = selectors.pending_count(MOST_COUNTED)
    yield GaugeMetricFamily("placet_webhook_deliveries_pending", said, value=waiting)
    said = "How long ago the first delivery that could be sent was due; more than seconds: no worker sends."
    yield GaugeMetricFamily("placet_webhook_lag_seconds", said, value=_lag())
    said = "Endpoints Placet has given up on."
    yield GaugeMetricFamily("placet_webhook_endpoints_off", said, value=selectors.given_up_count())


def _lag() -> float:
    due = selectors.next_due()
    return max(0.0, (now() - due).total_seconds()) if due else 0.0

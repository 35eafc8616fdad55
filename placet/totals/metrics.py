"""What /metrics says of the totals: every figure that is kept, and for how long nobody has added to them."""

from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from placet.lib.metrics import of_the_database
from placet.totals import selectors, tally


@of_the_database
def running_totals() -> Iterator[Metric]:
    found = selectors.totals()
    yield from tally.figures(found)
    said = "For how long the oldest event has been waiting for a worker to count it; more than a minute: no worker works."
    behind = selectors.behind(int(found.get(selectors.CURSOR, 0)))
    yield GaugeMetricFamily("placet_totals_behind_seconds", said, value=behind.total_seconds())

"""Where each floor puts its figures for /metrics. Their labels are few and known beforehand: none grows with agents, paths or ids.

What happens in this process its own counters keep, in PROCESS. What is true of the database is the same seen from every
process; it is read when somebody asks, by the functions that floors hand in with `of_the_database`.
"""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import (
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

# A second series for each counter, to say when it began; Prometheus sees a restart without it.
disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types
PROCESS = CollectorRegistry()
ProcessCollector(registry=PROCESS)
PlatformCollector(registry=PROCESS)
Reader = Callable[[], Iterable[Metric]]
_readers: list[Reader] = []


def of_the_database(reader: Reader) -> Reader:
    """Have `reader` asked at every scrape: a few rows of an index, never a count of what grows without end."""
    _readers.append(reader)
    return reader


def read_database() -> list[Metric]:
    """What every floor says of the database. Asks it, so it belongs on a thread of the pool."""
    return [figure for reader in _readers for figure in reader()]


def written(figures: Iterable[Metric]) -> bytes:
    """These figures and the process's own, as Prometheus reads them."""
    return generate_latest(PROCESS) + generate_latest(_Read(figures))


class _Read(Collector):
    def __init__(self, figures: Iterable[Metric]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        yield from self._figures

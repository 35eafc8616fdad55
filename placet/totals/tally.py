"""What of the events is counted. A floor says it once, when it starts; `services.count_up` keeps the sums."""

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric

from placet.events.models import Recorded


@dataclass(frozen=True, kw_only=True)
class Tally(ABC):
    name: str
    said: str

    @abstractmethod
    def gains(self, recorded: Recorded) -> Iterator[tuple[str, float]]:
        """Which totals an event raises, and by how much."""

    @abstractmethod
    def figure(self, totals: Mapping[str, float]) -> Metric: ...


@dataclass(frozen=True, kw_only=True)
class Counter(Tally):
    """How many events, by the one label that `of` gives them; None is not counted. Its values must be few; `values` start at 0."""

    label: str
    of: Callable[[Recorded], str | None]
    values: Sequence[str] = ()

    def gains(self, recorded: Recorded) -> Iterator[tuple[str, float]]:
        if (value := self.of(recorded)) is not None:
            yield f"{self.name}:{value}", 1

    def figure(self, totals: Mapping[str, float]) -> Metric:
        start, found = f"{self.name}:", dict.fromkeys(self.values, 0.0)
        found |= {
            name.removeprefix(start): total
            for name, total in totals.items()
            if name.startswith(start)
        }
        figure = CounterMetricFamily(self.name, self.said, labels=[self.label])
        for value, total in found.items():
            figure.add_metric([value], total)
        return figure


@dataclass(frozen=True, kw_only=True)
class Histogram(Tally):
    """How often the number that `of` gives an event was how large."""

    bounds: Sequence[int]
    of: Callable[[Recorded], float | None]

    def gains(self, recorded: Recorded) -> Iterator[tuple[str, float]]:
        if (number := self.of(recorded)) is not None:
            yield f"{self.name}:{self._edges[bisect_left(self.bounds, number)]}", 1
            yield f"{self.name}:sum", number

    def figure(self, totals: Mapping[str, float]) -> Metric:
        within = accumulate(totals.get(f"{self.name}:{edge}", 0.0) for edge in self._edges)
        buckets = list(zip(self._edges, within, strict=True))
        figure = HistogramMetricFamily(self.name, self.said)
        figure.add_metric([], buckets, totals.get(f"{self.name}:sum", 0.0))
        return figure

    @property
    def _edges(self) -> list[str]:
        return [*map(str, self.bounds), "+Inf"]


_tallies: list[Tally] = []


def keep(*tallies: Tally) -> None:
    """From now on these are counted, and shown by /metrics."""
    _tallies.extend(tallies)


def gains_of(events: Iterable[Recorded]) -> dict[str, float]:
    """What the totals gain by these events."""
    gains: dict[str, float] = {}
    for recorded in events:
        for tally in _tallies:
            for name, more in tally.gains(recorded):
                gains[name] = gains.get(name, 0.0) + more
    return gains


def figures(totals: Mapping[str, float]) -> Iterator[Metric]:
    return (tally.figure(totals) for tally in _tallies)

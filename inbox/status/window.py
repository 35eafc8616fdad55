"""The two stretches of time the page can look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Window:
    """`bars` times `wide` + 1 is the same for both, so the pictures are of one width."""

    name: str
    label: str
    length: timedelta
    bars: int
    wide: int

    def start(self, end: datetime) -> datetime:
        return end - self.length


DAY = Window("24h", "24 h", timedelta(days=1), bars=48, wide=6)
WEEK = Window("7d", "7 days", timedelta(days=7), bars=84, wide=3)
WINDOWS = (DAY, WEEK)


def window_of(name: str) -> Window:
    """A week unless the address says otherwise."""
    return next((window for window in WINDOWS if window.name == name), WEEK)

"""Reading the totals, and how far behind they are."""

from datetime import datetime, timedelta

from placet.events.selectors import next_after
from placet.lib.clock import now
from placet.totals.models import Total

CURSOR = "cursor"


def totals() -> dict[str, float]:
    """All of them by name: as many as there are figures and labels, which are few."""
    return dict(Total.objects.order_by("name").values_list("name", "value"))


def cursor() -> int:
    """Up to which event all have been counted."""
    found = Total.objects.filter(name=CURSOR).values_list("value", flat=True).first()
    return int(found or 0)


def behind(since: int) -> timedelta:
    """For how long the oldest event after `since` has been waiting to be counted."""
    if (waiting := next_after(since)) is None:
        return timedelta(0)
    return max(timedelta(0), now() - datetime.fromisoformat(waiting.recorded_at))

"""Too long a silence: a run turns stale. Anything its agent says brings it back."""

from datetime import datetime

from django.db import transaction

from placet.events.outbox import LARGEST_BATCH
from placet.lib.actors import SYSTEM
from placet.lib.clock import now
from runs.errors import Overtaken
from runs.models import Run
from runs.services.changing import change, next_status, told_update
from runs.states import Happening


def mark_stale_runs(*, at: datetime | None = None, batch: int = LARGEST_BATCH) -> int:
    """Mark up to `batch` runs whose agents have been silent for too long; how many. Safe on any number of workers at once.

    Every run in a transaction of its own: who has several is in nobody's way.
    """
    at = at or now()
    due = Run.objects.due(at).select_related("agent")[:batch]
    return sum(_mark(row, at) for row in due)


def _mark(row: Run, at: datetime) -> bool:
    try:
        with transaction.atomic():
            change(row, at=at, status=next_status(row, Happening.SILENCE), stale_at=None)
            told_update(row, by=SYSTEM)
    except Overtaken:
        # It was heard of just now, or another worker has marked it.
        return False
    return True

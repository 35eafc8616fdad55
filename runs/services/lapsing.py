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


@transaction.atomic
def mark_stale_runs(*, at: datetime | None = None, batch: int = LARGEST_BATCH) -> int:
    """Mark up to `batch` runs whose agents have been silent for too long; how many. Safe on any number of workers at once."""
    at, marked = at or now(), 0
    for row in Run.objects.due(at).select_related("agent")[:batch]:
        try:
            change(row, at=at, status=next_status(row, Happening.SILENCE), stale_at=None)
        except Overtaken:
            # It was heard of just now, or another worker has marked it.
            continue
        told_update(row, by=SYSTEM)
        marked += 1
    return marked

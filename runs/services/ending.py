"""Runs end because their agent may not go on with them: it was shown out of a conversation, or takes no runs any more."""

from datetime import datetime

from agents.selectors import managed_ids
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden, NotFound
from placet.lib.ids import id_or_nil
from runs.models import Run, RunQuerySet
from runs.services.changing import change, told_assignment, told_update, until_first, withdraw
from runs.states import Status


@until_first
def end_runs(*, by: Actor, agent_id: object, at: datetime | None = None) -> None:
    """Stop all that an agent still does, wherever that is, and take its open questions back; who manages it may."""
    if by.is_key:
        raise Forbidden("Only a person ends the runs of an agent.")
    wanted = id_or_nil(agent_id)
    if wanted not in managed_ids(by):
        raise NotFound("Agent not found")
    end_all(Run.objects.filter(agent_id=wanted), by=by, at=at or now())


def end_all(runs: RunQuerySet, *, by: Actor, at: datetime) -> None:
    """Those of them that are open. For this app's services."""
    for row in runs.open().select_related("agent"):
        withdraw(row)
        _end(row, by=by, at=at)


def _end(row: Run, *, by: Actor, at: datetime) -> None:
    """Without its agent's confirmation: that one may not answer any more."""
    fields = {"ended_at": at, "stopped_at": at, "stopped_by_id": by.user_id, "stale_at": None}
    change(row, at=at, status=Status.STOPPED, awaits=None, **fields)
    told_update(row, by=by)
    told_assignment(row, by=by, assigned=False)

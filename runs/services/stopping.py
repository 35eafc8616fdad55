"""A person says stop: the run is stopping until its agent confirms it."""

from datetime import datetime

from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden
from runs.models import Signal
from runs.selectors import row_for
from runs.services.changing import append, until_first, withdraw
from runs.snapshots import RunSnapshot
from runs.states import Happening, is_open

SAID = "Stop"


@until_first
def stop(*, by: Actor, run_id: object, at: datetime | None = None) -> RunSnapshot:
    """Tell the agent to stop: a prompt with the signal, and its open question is taken back. Asked twice it is told once.

    Refused is a run that has ended.
    """
    if not by.is_human:
        raise Forbidden("Only a person can stop a run.")
    row, at = row_for(by, run_id), at or now()
    if row.stop_asked and is_open(row.status):
        return RunSnapshot.of(row)
    withdraw(row)
    append(
        row,
        Happening.STOP,
        by=by,
        at=at,
        changes={"stopped_at": at, "stopped_by_id": by.user_id, "awaits": None},
        type="prompt",
        content={"body": SAID},
        signal=Signal.STOP,
        user_id=by.user_id,
        user_name=by.name,
    )
    return RunSnapshot.of(row)

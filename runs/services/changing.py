"""What every change to a run has in common: the state machine asked, the row set if it is still the same, the event beside it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction

from agents.selectors import holds_runs
from placet.events import catalogue
from placet.events.outbox import record
from placet.lib.actors import SYSTEM, Actor
from placet.lib.errors import Busy, NotFound
from reviews import services as reviews
from reviews.errors import AlreadySettled
from runs.errors import Overtaken, RunEnded, RunStopping, ShownOut
from runs.models import Activity, Run
from runs.selectors import is_let_in
from runs.states import Happening, Status, after, is_live, is_open

#: Who is overtaken so often in a row has met a fault, and no crowd.
TRIES = 100
MOST_BROKEN = 2
P = ParamSpec("P")
R = TypeVar("R")
Json = dict[str, Any]


def until_first(service: Callable[P, R]) -> Callable[P, R]:
    """Each try is a transaction of its own: who was overtaken takes back what it wrote, and looks again."""

    @wraps(service)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        broken = 0
        for _ in range(TRIES):
            try:
                with transaction.atomic():
                    return service(*args, **kwargs)
            except Overtaken:
                continue
            except IntegrityError:
                # A twin under the same id, or the agent was deleted: foreign keys are checked at the commit. Looking again tells.
                broken += 1
                if broken > MOST_BROKEN:
                    raise
        raise too_busy()

    return tried


def too_busy() -> Busy:
    return Busy("This run changes too often just now.", retry_after=1)


def append(
    row: Run,
    what: Happening,
    *,
    by: Actor,
    at: datetime,
    changes: Json | None = None,
    **activity: Any,
) -> Activity:
    """The next activity of the run, and what it makes of the run. Raises Overtaken before anything is written."""
    to = next_status(row, what)
    if is_open(to) and not is_open(row.status):
        hold_place(row.agent_id, row.channel_id, asked=what == Happening.PROMPT)
    fields = {**moments(row, to, at), **(changes or {}), "length": row.length + 1}
    change(row, at=at, status=to, **fields)
    written = Activity.objects.create(run=row, number=row.length, created_at=at, **activity)
    told(row, written, by=by)
    return written


def change(row: Run, *, at: datetime, **fields: Any) -> None:
    try:
        # In a savepoint: opened again while another one was being opened, the run would break the rule of the one.
        with transaction.atomic():
            same = row.set_if_same(updated_at=at, **fields)
    except IntegrityError:
        same = False
    if not same:
        raise Overtaken


def next_status(row: Run, what: Happening) -> Status:
    """What the state machine says; or a refusal that says why not."""
    here = Status(row.status)
    to = after(here, what, stop_asked=row.stop_asked, is_first=row.length == 0)
    if to is None:
        raise _refusal(row, what)
    if is_open(to) and not is_open(here) and _another_is_open(row):
        if what in (Happening.PROMPT, Happening.ELICITATION):
            raise RunEnded("Another run is open in this conversation.", status=row.status)
        # What the agent still tells is kept; it opens nothing.
        return here
    return to


def refuse_who_was_shown_out(row: Run) -> None:
    """What a guest did before is history: nobody goes on with it."""
    if not is_let_in(row.agent_id, row.channel_id):
        raise ShownOut


def hold_place(agent_id: UUID, channel_id: UUID, *, asked: bool) -> None:
    """Before a run opens, for the first time or again: who shows its agent out meanwhile, or lets it take no runs any more, waits
    and then ends this one too; who was faster is respected. `asked`: by a person, and not by the agent itself."""
    if not is_let_in(agent_id, channel_id, held=True):
        raise ShownOut
    if asked and not holds_runs(agent_id):
        raise ShownOut("The agent takes no runs any more.")


def moments(row: Run, to: Status, at: datetime) -> Json:
    """The times that follow from a state."""
    fields: Json = {"stale_at": stale_at(row, to, at)}
    if is_open(to):
        fields["ended_at"] = None
    elif is_open(row.status):
        fields["ended_at"] = at
    if row.status == Status.STOPPED and to != Status.STOPPED:
        fields |= {"stopped_at": None, "stopped_by_id": None}
    return fields


def stale_at(row: Run, to: Status | str, at: datetime) -> datetime | None:
    return at + timedelta(seconds=row.agent.run_stale_seconds) if is_live(to) else None


def withdraw(row: Run) -> None:
    """Take the open question back. As the system: a stop or a response of the run's has that consequence, whoever it was."""
    if row.awaits is None:
        return
    try:
        reviews.cancel_review(by=SYSTEM, review_id=row.awaits)
    except (AlreadySettled, NotFound):
        # Answered, run out or deleted in the meantime; whoever did it has seen to the run.
        return


def told(row: Run, written: Activity, *, by: Actor) -> None:
    record(
        catalogue.RunActivity(
            agent_id=row.agent_id,
            run_id=row.pk,
            activity_id=written.pk,
            activity_type=str(written.type),
            status=str(row.status),
            signal=written.signal and str(written.signal),
            conversation_id=row.away_in,
        ),
        by=by,
    )


def told_mention(row: Run, message_id: UUID, *, by: Actor) -> None:
    told = catalogue.RunMentioned(agent_id=row.agent_id, run_id=row.pk, message_id=message_id)
    record(told, by=by)


def told_update(row: Run, *, by: Actor) -> None:
    event = catalogue.RunUpdated(
        agent_id=row.agent_id,
        run_id=row.pk,
        status=str(row.status),
        conversation_id=row.away_in,
    )
    record(event, by=by)


def told_assignment(row: Run, *, by: Actor, assigned: bool) -> None:
    record(catalogue.RunAssigned(agent_id=row.agent_id, run_id=row.pk, assigned=assigned), by=by)


def _refusal(row: Run, what: Happening) -> RunStopping | RunEnded:
    if row.stop_asked:
        return RunStopping(
            "A person has stopped this run: confirm with a response.", status=str(row.status)
        )
    word = "stop" if what == Happening.STOP else "ask in"
    return RunEnded(f"This run has ended: there is nothing to {word}.", status=str(row.status))


def _another_is_open(row: Run) -> bool:
    rows = Run.objects.open().filter(agent_id=row.agent_id, channel_id=row.channel_id)
    return rows.exclude(pk=row.pk).exists()

"""Reads behind the pages, each with a flat query count and a bound on what it looks at."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Case, Q, When

from agents.snapshots import AgentSnapshot
from placet.lib.actors import Actor
from runs.drafts import PASSING
from runs.folding import Act, Leg, at_work, begun_by, head
from runs.models import Activity, Run
from runs.selectors import row_for, runs_page
from runs.snapshots import ActivitySnapshot, RunSnapshot

#: A conversation has few who work in it at once, and a panel shows the last that each did.
MOST_RUNS, MOST_STEPS = 10, 50
#: A page of history.
PAGE = 100
#: Of an action, without reading what the result says.
HAS_RESULT = Case(
    When(content__result=None, then=False),
    When(content__has_key="result", then=True),
    default=False,
)


@dataclass(frozen=True, kw_only=True)
class Glance:
    """An open run and what its agent is doing now. `cut`: there were more steps than these."""

    run: RunSnapshot
    leg: Leg
    cut: bool


@dataclass(frozen=True, kw_only=True)
class History:
    """A page of a run, oldest first; `before` is the number to go on from to what was earlier."""

    run: RunSnapshot
    activities: tuple[ActivitySnapshot, ...]
    before: int | None
    is_latest: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """A run in a list; `about`: its summary, or how it began."""

    run: RunSnapshot
    about: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Newest first."""

    lines: tuple[Line, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a message ended: so many steps of a run, and its number there."""

    run_id: UUID
    number: int
    steps: int


def at_work_in(channel: AgentSnapshot) -> list[Glance]:
    """Who works in a conversation that was seen already, oldest first: whoever sees it sees the runs in it. Two queries, one
    where nobody works."""
    rows = Run.objects.select_related("agent").open().filter(channel_id=channel.id)
    runs = [RunSnapshot.of(row) for row in rows.order_by("pk")[:MOST_RUNS]]
    steps = _latest_of(runs)
    return [_glance(run, steps[run.id]) for run in runs]


def history(
    actor: Actor, run_id: UUID, *, before: int | None = None, at: int | None = None
) -> History:
    """The latest page, the one before a number, or the one a link means: with `at` in its middle, where the latest has it not."""
    run = RunSnapshot.of(row_for(actor, run_id))
    if at is not None and at <= run.length - PAGE:
        before = at + 1 + PAGE // 2
    rows = Activity.objects.filter(run_id=run.id)
    if before is not None:
        rows = rows.filter(number__lt=before)
    found = [ActivitySnapshot.of(row) for row in rows.order_by("-number")[:PAGE]][::-1]
    earlier = found[0].number if found and found[0].number > 1 else None
    return History(run=run, activities=tuple(found), before=earlier, is_latest=before is None)


def runs_listed(actor: Actor, agent_id: UUID, *, cursor: str | None = None) -> Listed:
    """The runs of an agent, and those of guests in its conversation."""
    page = runs_page(actor, agent_id, cursor=cursor)
    begun = _beginnings([run.id for run in page.runs if not run.summary])
    lines = [Line(run=run, about=run.summary or begun.get(run.id, "")) for run in page.runs]
    return Listed(lines=tuple(lines), next_cursor=page.next_cursor)


def _beginnings(run_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = Activity.objects.filter(run_id__in=run_ids, number=1) if run_ids else ()
    return {row.run_id: head(ActivitySnapshot.of(row)) for row in rows}


def steps_before(actor: Actor, run_id: UUID, number: int) -> list[ActivitySnapshot]:
    """The steps that led to what was said at `number`, as many as a page holds."""
    row = row_for(actor, run_id)
    rows = Activity.objects.filter(run_id=row.pk, number__lt=number).order_by("-number")[:PAGE]
    return list(at_work(ActivitySnapshot.of(each) for each in reversed(rows)).steps)


def marks_on(message_ids: Sequence[UUID]) -> dict[UUID, Mark]:
    """For messages that were seen already: whoever sees one sees the run it belongs to.

    Numbers have no gaps, so what lies between two things that were said is counted without being read; but for which actions are
    results of others, of as many as a page holds.
    """
    run_ids = set(
        Activity.objects.filter(message_id__in=message_ids).values_list("run_id", flat=True)
    )
    if not run_ids:
        return {}
    said = Activity.objects.filter(run_id__in=run_ids).exclude(type__in=PASSING)
    rows = said.order_by("run_id", "number").values_list("run_id", "number", "message_id")
    return _joined(_counted(rows, set(message_ids)))


def _counted(said: Iterable[tuple[UUID, int, UUID | None]], wanted: set[UUID]) -> dict[UUID, Mark]:
    marks: dict[UUID, Mark] = {}
    last: dict[UUID, int] = {}
    for run_id, number, message_id in said:
        steps = number - last.get(run_id, 0) - 1
        last[run_id] = number
        # A message that prompted two agents began two runs: it has room for one mark.
        if message_id in wanted and message_id not in marks:
            marks[message_id] = Mark(run_id=run_id, number=number, steps=steps)
    return marks


def _joined(marks: dict[UUID, Mark]) -> dict[UUID, Mark]:
    """With an action and its result counted as the one step that is shown."""
    legs = [_between(mark) for mark in marks.values() if mark.steps > 1]
    if not legs:
        return marks
    acts: dict[UUID, list[Act]] = defaultdict(list)
    rows = Activity.objects.filter(reduce(or_, legs), type="action").order_by("number")
    names = ("run_id", "number", "content__action", "content__parameters", "has_result")
    for run_id, *act in rows.annotate(has_result=HAS_RESULT).values_list(*names):
        acts[run_id].append(Act(*act))
    return {
        message_id: replace(mark, steps=mark.steps - _results_in(mark, acts[mark.run_id]))
        for message_id, mark in marks.items()
    }


def _between(mark: Mark) -> Q:
    first = mark.number - min(mark.steps, PAGE)
    return Q(run_id=mark.run_id, number__gte=first, number__lt=mark.number)


def _results_in(mark: Mark, acts: Iterable[Act]) -> int:
    return len(
        begun_by(act for act in acts if mark.number - mark.steps <= act.number < mark.number)
    )


def _latest_of(runs: Sequence[RunSnapshot]) -> dict[UUID, list[ActivitySnapshot]]:
    """The last activities of each, in one query."""
    found: dict[UUID, list[ActivitySnapshot]] = {run.id: [] for run in runs}
    if not runs:
        return found
    each = [Q(run_id=run.id, number__gt=run.length - MOST_STEPS) for run in runs]
    for row in Activity.objects.filter(reduce(or_, each)).order_by("number"):
        found[row.run_id].append(ActivitySnapshot.of(row))
    return found


def _glance(run: RunSnapshot, activities: list[ActivitySnapshot]) -> Glance:
    leg = at_work(activities)
    cut = bool(leg.steps) and leg.steps[0].number == activities[0].number > 1
    return Glance(run=run, leg=leg, cut=cut)

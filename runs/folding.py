"""A run as a person reads it: the steps between two things that were said are one fold, an action and its result are one step. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from runs.drafts import PASSING
from runs.snapshots import ActivitySnapshot


@dataclass(frozen=True)
class Leg:
    """Thoughts and actions, and what ended them; `said` is None while the agent is still at it."""

    steps: tuple[ActivitySnapshot, ...]
    said: ActivitySnapshot | None
    #: The one that stands for all others: the last that was told of, wherever it began.
    latest: ActivitySnapshot | None = None


class Act(NamedTuple):
    """As much of an action as it takes to know it again."""

    number: int
    action: str
    parameters: Mapping[str, str] | None
    has_result: bool


def fold(activities: Iterable[ActivitySnapshot]) -> list[Leg]:
    """Oldest first, nothing left out and nothing told twice."""
    legs: list[Leg] = []
    steps: list[ActivitySnapshot] = []
    for activity in activities:
        if activity.type in PASSING:
            steps.append(activity)
            continue
        legs.append(_leg(steps, activity))
        steps = []
    return [*legs, _leg(steps, None)] if steps else legs


def at_work(activities: Iterable[ActivitySnapshot]) -> Leg:
    """What the agent has been doing since something was last said."""
    legs = fold(activities)
    return legs[-1] if legs and legs[-1].said is None else Leg((), None)


def begun_by(acts: Iterable[Act]) -> dict[int, int]:
    """By the number of each result that of the action it is of: the first of the same name and parameters that has none yet."""
    waiting = defaultdict[Any, list[int]](list)
    found: dict[int, int] = {}
    for act in acts:
        same = waiting[act.action, frozenset((act.parameters or {}).items())]
        if not act.has_result:
            same.append(act.number)
        elif same:
            found[act.number] = same.pop(0)
    return found


def _leg(steps: list[ActivitySnapshot], said: ActivitySnapshot | None) -> Leg:
    """A result joins its action where that began: what somebody reads does not move while they do."""
    begun = begun_by(_act(step) for step in steps if step.type == "action")
    shown: dict[int, ActivitySnapshot] = {}
    for step in steps:
        number = begun.get(step.number, step.number)
        shown[number] = replace(shown[number], content=step.content) if number in shown else step
    latest = shown[begun.get(steps[-1].number, steps[-1].number)] if steps else None
    return Leg(tuple(shown.values()), said, latest)


def _act(step: ActivitySnapshot) -> Act:
    content = step.content
    return Act(
        step.number,
        content.get("action", ""),
        content.get("parameters"),
        content.get("result") is not None,
    )


def head(step: ActivitySnapshot) -> str:
    """In one line: what was done, or how the words begin."""
    return str(step.content.get("action") or step.body)

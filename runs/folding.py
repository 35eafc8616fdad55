"""A run as a person reads it: the steps between two things that were said are one fold. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from runs.drafts import PASSING
from runs.snapshots import ActivitySnapshot


@dataclass(frozen=True)
class Leg:
    """Thoughts and actions, and what ended them; `said` is None while the agent is still at it."""

    steps: tuple[ActivitySnapshot, ...]
    said: ActivitySnapshot | None

    @property
    def latest(self) -> ActivitySnapshot | None:
        """The one that stands for all before it."""
        return self.steps[-1] if self.steps else None

    @property
    def since(self) -> datetime | None:
        return self.steps[0].created_at if self.steps else None

    @property
    def until(self) -> datetime | None:
        last = self.said or self.latest
        return last.created_at if last else None


def fold(activities: Iterable[ActivitySnapshot]) -> list[Leg]:
    """Oldest first, nothing left out and nothing told twice."""
    legs: list[Leg] = []
    steps: list[ActivitySnapshot] = []
    for activity in activities:
        if activity.type in PASSING:
            steps.append(activity)
            continue
        legs.append(Leg(tuple(steps), activity))
        steps = []
    return [*legs, Leg(tuple(steps), None)] if steps else legs


def at_work(activities: Iterable[ActivitySnapshot]) -> Leg:
    """What the agent has been doing since something was last said."""
    legs = fold(activities)
    return legs[-1] if legs and legs[-1].said is None else Leg((), None)


def head(step: ActivitySnapshot) -> str:
    """In one line: what was done, or how the words begin."""
    return str(step.content.get("action") or step.body)

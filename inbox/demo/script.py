"""How a scene of the demo is written down."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from inbox.demo.papers import Paper


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def days(count: float, plus: timedelta = timedelta()) -> timedelta:
    return timedelta(days=count) + plus


@dataclass(frozen=True)
class Answer:
    """Who responded, how long after the question, with what."""

    by: str
    after: timedelta
    response: dict[str, Any]
    feedback: str = ""


@dataclass(frozen=True)
class Cancelled:
    after: timedelta


@dataclass(frozen=True, kw_only=True)
class Ask:
    type: str
    payload: Any
    lives: timedelta = timedelta(hours=24)
    end: Answer | Cancelled | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One message, so long before now; by the agent unless `by` names a person."""

    ago: timedelta
    text: str
    by: str = ""
    status: str | None = None
    metadata: dict[str, Any] | None = None
    ask: Ask | None = None
    files: tuple[Paper, ...] = ()

    @property
    def is_open(self) -> bool:
        """A question still waiting when the curtain rises."""
        return self.ask is not None and self.ask.end is None and self.ask.lives > self.ago


@dataclass(frozen=True, kw_only=True)
class Part:
    """One agent, who reviews for it, and its week."""

    name: str
    description: str
    tag: str
    reviewers: tuple[str, ...]
    lines: tuple[Line, ...]

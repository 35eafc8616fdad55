"""How runs read on a page. Only formatting: what is shown was decided in a selector."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django import template

from placet.lib.addresses import host_of
from placet.lib.clock import now
from runs import folding
from runs.presence import WAITS, Presence
from runs.snapshots import (
    FIRST_SIGN,
    RunSnapshot,
    may_turn_unresponsive,
)
from runs.states import Status

register = template.Library()
register.filter(folding.head)

WORDS: dict[str, tuple[str, str]] = {
    Status.CREATED: ("Starting", ""),
    Status.IN_PROGRESS: ("Working", "good"),
    Status.AWAITING: ("Waiting for you", "warn"),
    Status.STOPPING: ("Stopping", "warn"),
    Status.STALE: ("Gone quiet", "warn"),
    Status.COMPLETED: ("Done", "good"),
    Status.STOPPED: ("Stopped", ""),
    Status.FAILED: ("Failed", "bad"),
}
TRIGGERS = {
    "message": "asked by",
    "mention": "mentioned by",
    "delegation": "handed over by",
    "agent": "begun by the agent for",
}
STEP_WORDS = {
    "pending": "To do",
    "inProgress": "In progress",
    "completed": "Done",
    "canceled": "Dropped",
}


class State(NamedTuple):
    word: str
    tone: str


@register.filter
def state(run: RunSnapshot | Presence) -> State:
    """In words, with what is no state of the machine: that the agent has not shown itself, that nobody can answer it any more."""
    if run.unresponsive:
        return State("Not responding", "warn")
    if run.status == Status.STALE and run.stopped_at:
        return State("Gone quiet, was told to stop", "warn")
    if run.ran_out:
        return State("Its question ran out", "warn")
    return State(*WORDS[run.status])


@register.filter
def said_beside(seen: Presence) -> str:
    """Beside a name, where who reads it may not be who is to answer."""
    word = "Waiting for an answer" if seen.kind == WAITS else state(seen).word
    return (
        f"{seen.guest}: {word}" if seen.guest else f"{word} in {seen.place}" if seen.place else word
    )


@register.filter
def doubt(run: RunSnapshot) -> datetime | None:
    """When the agent will be marked as not responding, unless it shows itself: nobody else tells the page."""
    return run.created_at + FIRST_SIGN if may_turn_unresponsive(run, now()) else None


@register.filter
def can_stop(run: RunSnapshot) -> bool:
    return run.is_open and run.stopped_at is None


@register.filter
def origin(run: RunSnapshot) -> str:
    words = TRIGGERS.get(run.trigger, "")
    return f"{words} {run.creator_name}" if words and run.creator_name else ""


@register.filter
def took(run: RunSnapshot) -> str:
    """From its beginning to its end, or until now."""
    return span((run.ended_at or now()) - run.created_at)


@register.filter
def done(plan: "tuple[dict[str, str], ...]") -> int:
    return sum(step["status"] == "completed" for step in plan)


@register.filter
def step_word(status: str) -> str:
    return STEP_WORDS.get(status, status)


@register.filter
def place_of(names: dict[UUID, str], run: RunSnapshot) -> str:
    """Whose conversation it is; who may not see that one is not told its name."""
    return names.get(run.channel_id, "another conversation")


@register.filter
def other_host(link: dict[str, str]) -> str:
    """Where a link leads, unless its label is just that: a label may be the address of somebody else."""
    host = host_of(link["url"])
    return "" if link["label"].strip().casefold() == host.casefold() else host


def span(length: timedelta) -> str:
    """As the page's own clock counts it: 0:07, 12:40, 1 h 05."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d}"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d}"

"""THE state machine of runs: what a happening makes of a state. Pure; services ask here and nowhere else."""

from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    CREATED = "created"
    IN_PROGRESS = "in_progress"
    AWAITING = "awaiting"
    COMPLETED = "completed"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    STALE = "stale"


class Happening(StrEnum):
    """What can happen to a run: the six types of activity, a person's stop, and too long a silence."""

    PROMPT = "prompt"
    THOUGHT = "thought"
    ACTION = "action"
    ELICITATION = "elicitation"
    RESPONSE = "response"
    ERROR = "error"
    STOP = "stop"
    SILENCE = "silence"


#: An agent and a conversation have at most one run of these; what a person writes joins it.
OPEN = (Status.CREATED, Status.IN_PROGRESS, Status.AWAITING, Status.STOPPING, Status.STALE)
#: Here the agent is expected to be heard of. While it awaits an answer the silence is the person's.
LIVE = (Status.CREATED, Status.IN_PROGRESS, Status.STOPPING)

_P, _S = Happening, Status
_HEARD: dict[Happening, Status] = {
    _P.PROMPT: _S.IN_PROGRESS,
    _P.THOUGHT: _S.IN_PROGRESS,
    _P.ACTION: _S.IN_PROGRESS,
    _P.ELICITATION: _S.AWAITING,
    _P.RESPONSE: _S.COMPLETED,
    _P.ERROR: _S.FAILED,
}
_WORKING: dict[Happening, Status] = {**_HEARD, _P.STOP: _S.STOPPING}
#: Who was told to stop may still say what it does, and may not ask.
_ASKED_TO_STOP: dict[Happening, Status] = {
    _P.PROMPT: _S.STOPPING,
    _P.THOUGHT: _S.STOPPING,
    _P.ACTION: _S.STOPPING,
    _P.RESPONSE: _S.STOPPED,
    _P.ERROR: _S.STOPPED,
    _P.STOP: _S.STOPPING,
}
# What is missing is refused.
TABLE: Mapping[Status, Mapping[Happening, Status]] = {
    _S.CREATED: {**_WORKING, _P.SILENCE: _S.STALE},
    _S.IN_PROGRESS: {**_WORKING, _P.SILENCE: _S.STALE},
    _S.AWAITING: _WORKING,
    _S.STOPPING: {**_ASKED_TO_STOP, _P.SILENCE: _S.STALE},
    _S.STALE: _WORKING,
    # Whatever comes reopens them, a thought of the agent's included.
    _S.COMPLETED: _HEARD,
    _S.FAILED: _HEARD,
    # A person ended this one: only a person opens it again.
    _S.STOPPED: {
        _P.PROMPT: _S.IN_PROGRESS,
        _P.THOUGHT: _S.STOPPED,
        _P.ACTION: _S.STOPPED,
        _P.RESPONSE: _S.STOPPED,
        _P.ERROR: _S.STOPPED,
    },
}


def after(
    status: Status, what: Happening, *, stop_asked: bool = False, is_first: bool = False
) -> Status | None:
    """The next state; None where that may not happen. `stop_asked`: a person has pressed stop and nobody confirmed it yet.
    `is_first`: nothing has happened in the run before."""
    if is_first and (status, what) == (Status.CREATED, Happening.PROMPT):
        # What opened the run is not yet what goes on in it.
        return status
    # Silence does not make a stop undone: who comes back from it is still stopping.
    here = Status.STOPPING if stop_asked and status == Status.STALE else status
    if here is not status and what == Happening.SILENCE:
        return None
    return TABLE[here].get(what)


def is_open(status: Status | str) -> bool:
    return status in OPEN


def is_live(status: Status | str) -> bool:
    return status in LIVE

"""Refusals that only runs know."""

from placet.lib.errors import Conflict, Forbidden


class RunStopping(Conflict):
    """A person has pressed stop: the agent may confirm it with a response or an error, and not ask."""

    code = "run_stopping"


class RunEnded(Conflict):
    """There is nothing left to stop, or another run took its place. `extra` says the status."""

    code = "run_ended"


class ShownOut(Forbidden):
    """The agent is no guest of this conversation any more, or takes no runs: nobody goes on with what it did there."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or "The agent may not speak in this conversation any more.")


class Overtaken(Exception):
    """Somebody changed the run between the look and the change: look again. Never leaves this app."""

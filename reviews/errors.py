"""Refusals that only reviews know."""

from placet.lib.errors import Forbidden


class AlreadySettled(Forbidden):
    """Somebody, or the clock, was first. `extra` says status, settledAt, and respondedBy when it was a human.

    403 and not 409: what the reference inbox answers, and what its clients look for.
    """

    code = "review_settled"

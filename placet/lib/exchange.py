"""The request this code runs for: its name stands in every log line, and what is noted of it in its own."""

import re
import secrets
from contextvars import ContextVar

GIVEN = re.compile(r"[A-Za-z0-9_.:=@/+-]{1,64}")


class Exchange:
    """One request and its answer. Threads that work for it share it, so that what one of them notes all can read."""

    __slots__ = ("actor", "id", "route")

    def __init__(self, request_id: str) -> None:
        self.id = request_id
        self.route = ""
        self.actor = "nobody"


_current: ContextVar[Exchange | None] = ContextVar("placet.exchange", default=None)


def begin(given: str) -> Exchange:
    """From here on this task and whatever it starts work for a request of the given name, or of a new one."""
    exchange = Exchange(given if GIVEN.fullmatch(given) else secrets.token_hex(16))
    _current.set(exchange)
    return exchange


def current() -> Exchange | None:
    return _current.get()


def note(*, actor: str = "", route: str = "") -> None:
    """What became known on the way: which kind of actor asks, and by which entry of the URL table."""
    if (exchange := _current.get()) is not None:
        exchange.actor = actor or exchange.actor
        exchange.route = route or exchange.route

"""For what takes many locks at once: it waits for none of them long, and begins anew when somebody else was first."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from placet.lib.errors import Busy

#: Below the second after which PostgreSQL looks for a deadlock, and ends whichever transaction happens to ask.
SHORTEST_WAIT_MS, LONGEST_WAIT_MS = 100, 800
TRIES = 40
P = ParamSpec("P")
R = TypeVar("R")


def gives_way(service: Callable[P, R]) -> Callable[P, R]:
    """Each try is a transaction of its own. Who stands in the way can finish, and is never the one that fails.

    SQLite has one writer at a time: there it is the transaction alone. Raises Busy when it never got through.
    """

    @wraps(service)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(TRIES):
            try:
                with transaction.atomic():
                    _wait_at_most(min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * (attempt + 1)))
                    return service(*args, **kwargs)
            except OperationalError as fault:
                if not isinstance(fault.__cause__, DeadlockDetected | LockNotAvailable):
                    raise
        raise Busy("Too much is going on here just now.", retry_after=1)

    return tried


def _wait_at_most(milliseconds: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {milliseconds}")

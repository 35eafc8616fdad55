"""Times as the wire has them: ISO-8601, UTC, milliseconds, Z."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_pretended: ContextVar[datetime | None] = ContextVar("placet.clock", default=None)


def now() -> datetime:
    return _pretended.get() or datetime.now(UTC)


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """What is done inside happened then, ids included: for demo data, whose past no service could otherwise reach."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)


def pretended() -> datetime | None:
    return _pretended.get()


def iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

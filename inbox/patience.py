"""How long one text may keep a thread busy. Markdown and the colouring of code both have inputs that take minutes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends_at: ContextVar[float] = ContextVar("placet.patience", default=float("inf"))


class OutOfPatience(Exception):
    """The work was not worth it: show the text as it is."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Of this thread's own processor time, so that a busy machine changes nothing about what is shown."""
    token = _ends_at.set(time.thread_time() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def check() -> None:
    if time.thread_time() > _ends_at.get():
        raise OutOfPatience

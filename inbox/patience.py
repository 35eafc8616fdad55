"""How long one text may keep a thread busy. Markdown and the colouring of code both have inputs that take minutes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.signals import request_started

#: A page of fifty tiring texts must not take fifty times as long as one.
MOST_WASTED_SECONDS = 1.0
_ends_at: ContextVar[float] = ContextVar("placet.patience", default=float("inf"))
_wasted: ContextVar[float] = ContextVar("placet.wasted", default=0.0)


class OutOfPatience(Exception):
    """The work was not worth it: show the text as it is."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Of this thread's own processor time, so that a busy machine changes nothing about what is shown."""
    token = _ends_at.set(time.thread_time() + seconds)
    try:
        yield
    except OutOfPatience:
        _wasted.set(_wasted.get() + seconds)
        raise
    finally:
        _ends_at.reset(token)


def exhausted() -> bool:
    """Whether this request has wasted its time on other texts already."""
    return _wasted.get() >= MOST_WASTED_SECONDS


def start_afresh(**_: Any) -> None:
    _wasted.set(0.0)


request_started.connect(start_afresh)


def check() -> None:
    if time.thread_time() > _ends_at.get():
        raise OutOfPatience

"""Whom a message of a person means: a run it was written to, agents it mentions, a run that waits, or who is at home there."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from agents.snapshots import AgentSnapshot


@dataclass(frozen=True, kw_only=True)
class Address:
    """What a door knows and the message does not say."""

    #: The run it is written to, open or not.
    run_id: UUID | None = None
    #: The agent that the conversation is handed to with it.
    delegate: AgentSnapshot | None = None


_address: ContextVar[Address | None] = ContextVar("runs.address", default=None)
_said_in: ContextVar[UUID | None] = ContextVar("runs.said_in", default=None)


@contextmanager
def addressed(address: Address) -> Iterator[None]:
    """What is written inside goes where the address says."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


@contextmanager
def said_in(message_id: UUID) -> Iterator[None]:
    """A response given inside was written as this message."""
    token = _said_in.set(message_id)
    try:
        yield
    finally:
        _said_in.reset(token)


def address() -> Address | None:
    return _address.get()


def message_behind() -> UUID | None:
    return _said_in.get()


def mentioned(text: str, candidates: Iterable[AgentSnapshot]) -> list[AgentSnapshot]:
    """Those whose `@name` stands in the text: upper and lower case alike, `-` or `_` for a blank. The longer name wins."""
    found, rest = [], text
    for agent in sorted(candidates, key=lambda one: (-len(one.name), one.id)):
        rest, times = _pattern(agent.name).subn(" ", rest)
        if times:
            found.append(agent)
    return found


def call_of(agent: AgentSnapshot) -> str:
    """How a person writes to it."""
    return "@" + " ".join(agent.name.split())


def callable_among(candidates: Sequence[AgentSnapshot]) -> list[AgentSnapshot]:
    """Those that take runs and are heard under their name: of two of one name the first takes every call."""
    heard = [one for one in candidates if mentioned(call_of(one), candidates) == [one]]
    return [one for one in heard if one.takes_runs]


def _pattern(name: str) -> re.Pattern[str]:
    words = r"[\s_-]?".join(re.escape(word) for word in name.split())
    return re.compile(rf"(?<![\w@])@{words}(?!\w)", re.IGNORECASE)

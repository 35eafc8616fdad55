"""THE registry of dialects: the words of other platforms, in which an agent that came from there is told.

An endpoint without one is told in ours (webhooks.payloads, signed by Standard Webhooks). The floor above registers its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from inbox.snapshots import MessageSnapshot
from placet.events.models import Recorded
from placet.lib.errors import Invalid
from placet.lib.wording import must_be, one_of
from runs.snapshots import ActivitySnapshot, RunSnapshot

#: No event of the catalogue: a person tries whether the receiver hears. Every dialect has a body for it, of which its agents make nothing.
TEST = "webhook:test"
#: A target's name ends with the dialect's; see webhooks.models.Delivery.target.
LONGEST_NAME = 7


@dataclass(frozen=True, kw_only=True)
class News:
    """What a body is written from: the event's facts, and what they name as far as it is there."""

    event_type: str
    event_id: str
    facts: Mapping[str, Any]
    agent_id: UUID
    endpoint_id: UUID
    message: MessageSnapshot | None = None
    run: RunSnapshot | None = None
    activity: ActivitySnapshot | None = None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A body on its way. `secret` signs as it stands, letter by letter: neither platform's is base64."""

    event_type: str
    event_id: str
    body: bytes = field(repr=False)
    secret: str = field(repr=False)
    at: datetime


Writer = Callable[[News], dict[str, Any]]


@runtime_checkable
class Dialect(Protocol):
    name: str

    @property
    def stamped(self) -> Mapping[str, str]:
        """How the headers that differ with each try are spelled for a person who reads what was sent."""
        ...

    def hears(self, recorded: Recorded) -> bool:
        """Whether this event is told. Asked beside the change: it must not be able to fail on content."""
        ...

    def writer(self, news: Sequence[News]) -> Writer:
        """Reads at once what the bodies of all these need; the writer then asks nothing. A body is written once."""
        ...

    def seal(self, letter: Letter) -> tuple[bytes, Mapping[str, str]]:
        """The bytes of this try and its own headers. Only a dialect that has a time in its body changes the body."""
        ...


_by_name: dict[str, Dialect] = {}


def register(dialect: Dialect) -> None:
    if not isinstance(dialect, Dialect):
        raise TypeError(f"{dialect!r} is not a Dialect")
    if dialect.name in _by_name:
        raise ImproperlyConfigured(f"dialect {dialect.name!r} is registered twice")
    if not 0 < len(dialect.name) <= LONGEST_NAME:
        raise ImproperlyConfigured(f"dialect {dialect.name!r} has a name that is too long")
    _by_name[dialect.name] = dialect


def get(name: str) -> Dialect:
    return _by_name[name]


def names() -> list[str]:
    return sorted(_by_name)


def known(chosen: Iterable[str]) -> list[str]:
    """Those that are registered: an endpoint may outlive a dialect."""
    return [name for name in chosen if name in _by_name]


def clean(chosen: Iterable[str]) -> list[str]:
    if unknown := [name for name in chosen if name not in _by_name]:
        raise Invalid.field("dialects", must_be(one_of(names()), unknown[0]))
    return sorted(set(chosen))


def any_hears(recorded: Recorded) -> bool:
    return any(dialect.hears(recorded) for dialect in _by_name.values())

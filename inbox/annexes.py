"""What floors above add to conversations and lists: handed in by them, so that the page is whole at once and this floor knows none of them."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from agents.snapshots import AgentSnapshot
from inbox.snapshots import MessageSnapshot
from placet.lib.actors import Actor

#: Stands between the messages and the composer.
Foot = Callable[[HttpRequest, Actor, AgentSnapshot], SafeString]
#: Stands in the bar above a conversation, beside what else can be done there.
Bar = Callable[[HttpRequest, Actor, AgentSnapshot], SafeString]
#: Stands above the text of a message; for all messages of a page at once, so that it can be one query.
Notes = Callable[[Actor, Sequence[MessageSnapshot]], Mapping[UUID, SafeString]]

#: Stands beside the names of agents; for all of a page at once, too.
Beside = Callable[[Sequence[AgentSnapshot]], Mapping[UUID, SafeString]]

_feet: list[Foot] = []
_bars: list[Bar] = []
_notes: list[Notes] = []
_beside: list[Beside] = []


def at_the_foot(foot: Foot) -> None:
    _feet.append(foot)


def in_the_bar(bar: Bar) -> None:
    _bars.append(bar)


def on_messages(notes: Notes) -> None:
    _notes.append(notes)


def beside_names(beside: Beside) -> None:
    _beside.append(beside)


def foot_of(request: HttpRequest, actor: Actor, agent: AgentSnapshot) -> SafeString:
    return mark_safe("".join(foot(request, actor, agent) for foot in _feet))  # noqa: S308 - of templates


def bar_of(request: HttpRequest, actor: Actor, agent: AgentSnapshot) -> SafeString:
    return mark_safe("".join(bar(request, actor, agent) for bar in _bars))  # noqa: S308 - of templates


def notes_on(actor: Actor, messages: Sequence[MessageSnapshot]) -> dict[UUID, SafeString]:
    """By message; of none of them in the usual case."""
    found: dict[UUID, SafeString] = {}
    for notes in _notes:
        found.update(notes(actor, messages))
    return found


def marks_beside(agents: Sequence[AgentSnapshot]) -> dict[UUID, SafeString]:
    """By agent, of agents that were seen already."""
    found: dict[UUID, SafeString] = {}
    for beside in _beside:
        found.update(beside(agents))
    return found

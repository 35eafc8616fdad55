"""What floors above add to a conversation: handed in by them, so that the page is whole at once and this floor knows none of them."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from agents.snapshots import AgentSnapshot
from inbox.snapshots import MessageSnapshot
from placet.lib.actors import Actor

#: Stands between the messages and the composer.
Foot = Callable[[HttpRequest, Actor, AgentSnapshot], SafeString]
#: Stands above the text of a message; for all messages of a page at once, so that it can be one query.
Notes = Callable[[Actor, Sequence[MessageSnapshot]], Mapping[UUID, SafeString]]

_feet: list[Foot] = []
_notes: list[Notes] = []


def at_the_foot(foot: Foot) -> None:
    _feet.append(foot)


def on_messages(notes: Notes) -> None:
    _notes.append(notes)


def foot_of(request: HttpRequest, actor: Actor, agent: AgentSnapshot) -> SafeString:
    return mark_safe("".join(foot(request, actor, agent) for foot in _feet))  # noqa: S308 - of templates


def notes_on(actor: Actor, messages: Sequence[MessageSnapshot]) -> dict[UUID, SafeString]:
    """By message; of none of them in the usual case."""
    found: dict[UUID, SafeString] = {}
    for notes in _notes:
        found.update(notes(actor, messages))
    return found

"""Agents that are told nothing for the time being: a floor above says which, and why. Asked once for many agents."""

from collections.abc import Callable, Iterable
from uuid import UUID

from placet.events import catalogue
from webhooks import dialects

#: Of these agents, those that are not to hear.
Question = Callable[[Iterable[UUID]], set[UUID]]
#: What is told all the same: that the silence begins; and a test, which tells of nothing.
TOLD_ANYWAY = {catalogue.AppRevoked.type, dialects.TEST}
_asked: list[Question] = []


def ask(question: Question) -> None:
    _asked.append(question)


def silent_among(agent_ids: Iterable[UUID | None]) -> set[UUID]:
    known = {agent for agent in agent_ids if agent}
    return {agent for question in _asked for agent in question(known)} if known else set()

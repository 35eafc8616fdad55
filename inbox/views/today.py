"""The reward of an empty inbox: what was done today."""

from dataclasses import dataclass

from agents import selectors as agents
from inbox.status.words import midnight, took
from placet.lib.actors import Actor
from placet.lib.clock import now
from reviews.speed import median_of_all, responded_since


@dataclass(frozen=True, kw_only=True)
class Today:
    responded: int
    median: str


def today(actor: Actor) -> Today:
    ids = [agent.id for agent in agents.agents_for(actor)]
    since = midnight(now())
    responded = responded_since(ids, since)
    median = took(median_of_all(ids, since)) if responded else ""
    return Today(responded=responded, median=median)

"""Everything the Status page says, in a fixed number of queries however many agents there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agents import selectors as agents
from agents.snapshots import AgentSnapshot
from agents.uptime import UP, Transition, spans, uptime
from inbox import triage
from inbox.stats import message_counts
from inbox.status.picture import Picture, draw
from inbox.status.window import Window
from inbox.status.words import ago, lasted, midnight, percent, took
from placet.lib.actors import Actor
from placet.lib.clock import now
from reviews.selectors import asked_counts
from reviews.speed import median_of_all, median_response_seconds, responded_since


@dataclass(frozen=True, kw_only=True)
class Line:
    """One agent."""

    agent: AgentSnapshot
    picture: Picture
    uptime: str
    is_flawless: bool
    messages: int
    reviews: int
    median: str
    last_ping: str
    since: str


@dataclass(frozen=True, kw_only=True)
class Tiles:
    online: int
    agents: int
    waiting: str
    median: str
    responded_today: int


@dataclass(frozen=True, kw_only=True)
class Board:
    tiles: Tiles
    lines: tuple[Line, ...]


def board(actor: Actor, window: Window) -> Board:
    at, known = now(), agents.agents_for(actor)
    return Board(tiles=_tiles(actor, known, window, at), lines=_lines(known, window, at))


def line(actor: Actor, agent_id: UUID, window: Window) -> Line:
    return _lines([agents.agent_for(actor, agent_id)], window, now())[0]


def tiles(actor: Actor, window: Window) -> Tiles:
    return _tiles(actor, agents.agents_for(actor), window, now())


def _tiles(actor: Actor, known: Sequence[AgentSnapshot], window: Window, at: datetime) -> Tiles:
    ids = [agent.id for agent in known]
    waiting = triage.waiting_count(actor)
    return Tiles(
        online=sum(agent.status in UP for agent in known),
        agents=len(known),
        waiting=f"{waiting}+" if waiting == triage.COUNTED else str(waiting),
        median=took(median_of_all(ids, window.start(at))),
        responded_today=responded_since(ids, midnight(at)),
    )


def _lines(known: Sequence[AgentSnapshot], window: Window, at: datetime) -> tuple[Line, ...]:
    """Who needs a look stands first: in error, then the rest by name, then who never said anything."""
    ids, start = [agent.id for agent in known], window.start(at)
    changes = _by_agent(agents.transitions_since(ids, start))
    said, asked = message_counts(ids, since=start), asked_counts(ids, since=start)
    medians = median_response_seconds(ids, start)
    ordered = sorted(known, key=lambda agent: (_rank(agent), agent.name.casefold()))
    lines = []
    for agent in ordered:
        tiles = spans(changes.get(agent.id, []), start=start, end=at)
        up = uptime(tiles)
        lines.append(
            Line(
                agent=agent,
                picture=draw(tiles, window, up),
                uptime=percent(up),
                is_flawless=up == 1.0,
                messages=said[agent.id].inbound + said[agent.id].outbound,
                reviews=asked.get(agent.id, 0),
                median=took(medians.get(agent.id)),
                last_ping=ago(agent.last_active_at, at),
                since=lasted(at - agent.status_since) if agent.status_since else "",
            )
        )
    return tuple(lines)


def _rank(agent: AgentSnapshot) -> int:
    return {"error": 0, None: 2}.get(agent.status, 1)


def _by_agent(changes: Sequence[Transition]) -> dict[UUID, list[Transition]]:
    found: dict[UUID, list[Transition]] = {}
    for change in changes:
        found.setdefault(change.agent_id, []).append(change)
    return found

"""Plays the script: people, agents, keys, heartbeats, messages, answers; all through services, each at its own time."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts import selectors as people
from accounts.services import setup, users
from agents import keys
from agents import selectors as known_agents
from agents import services as agents
from inbox.demo import crawler, deploys, invoices, support
from inbox.demo.heartbeats import beats_of, last_beat
from inbox.demo.script import Answer, Ask, Cancelled, Line, Part
from inbox.services import keeping, posting, writing
from inbox.services.arriving import Attachments
from placet.lib.actors import SYSTEM, Actor
from placet.lib.clock import as_of, now
from placet.lib.errors import Conflict, NotFound
from reviews import services as reviews

PARTS = (deploys.PART, invoices.PART, support.PART, crawler.PART)
OWNER = "olga"
NAMES = {"olga": "Olga Owner", "ada": "Ada Lind", "bo": "Bo Marek"}
DOMAIN = "placet.example"
READ_UNTIL = timedelta(hours=5, minutes=15)


class NotEmpty(Conflict):
    code = "not_empty"


@dataclass(frozen=True)
class SignIn:
    """What the operator is told, once: people all have the one password, the key is the first agent's."""

    email: str
    password: str
    key: str


@dataclass(frozen=True)
class Stage:
    """Who acts, and when the curtain rises. No key is needed: services ask who acts, not what was in a header."""

    humans: dict[str, Actor]
    robots: dict[str, Actor]
    now: datetime


#: Scenes of floors above, handed in by them.
Scenes = Callable[[Stage], Iterator[tuple[datetime, Callable[[], object]]]]
_guests: list[Scenes] = []


def also(scenes: Scenes) -> None:
    _guests.append(scenes)


def is_playing() -> bool:
    """Is the demo in this database already?"""
    try:
        people.user_id_of(_email("ada"))
    except NotFound:
        return False
    return True


def open_house(*, force: bool = False, email: str = "", password: str = "") -> SignIn:
    """Fill an empty Placet with the whole demo. One with people in it is refused, unless forced."""
    if people.is_set_up() and not force:
        raise NotEmpty(
            "There are people in this Placet already; --force puts the demo beside them."
        )
    password = password or secrets.token_urlsafe(9)
    with as_of(now() - timedelta(days=8)):
        humans = _invite(password, email)
        robots = {part.name: _hire(part, humans) for part in PARTS}
    stage = Stage(humans=humans, robots=robots, now=now())
    acts = [*_acts(stage, PARTS), *(act for scenes in _guests for act in scenes(stage))]
    for moment, act in sorted(acts, key=lambda item: item[0]):
        with as_of(moment):
            act()
    reviews.expire_due_reviews()
    key = keys.issue_key(
        by=humans[OWNER], agent_id=robots[PARTS[0].name].bound_agent_id, label=PARTS[0].name
    ).key
    return SignIn(email=email or _email(OWNER), password=password, key=key)


def ask_again() -> int:
    """On another day: put the open questions again, so that there is something to decide; how many."""
    robots = {
        agent.name: _robot(agent.name, agent.owner_id, agent.id)
        for agent in known_agents.agents_for(SYSTEM)
    }
    stage = Stage(humans={}, robots=robots, now=now())
    playing = [part for part in PARTS if part.name in robots]
    again = [(part, line) for part in playing for line in part.lines if line.is_open]
    for part, line in again:
        with as_of(stage.now - line.ago):
            _say(stage, part, line)
    for part in playing:
        robot, (_, status, words) = robots[part.name], last_beat(part.name, stage.now)
        agents.ping(by=robot, agent_id=robot.bound_agent_id, status=status, message=words)
    return len(again)


def _invite(password: str, email: str) -> dict[str, Actor]:
    link = setup.setup_link()
    if link:
        token = link.rstrip("/").rpartition("/")[2]
        setup.create_owner(
            token=token,
            email=email or _email(OWNER),
            password=password,
            display_name=NAMES[OWNER],
            workspace_name="Placet demo",
        )
    else:
        _add(OWNER, password, role="owner")
    for name in NAMES.keys() - {OWNER}:
        _add(name, password)
    return {name: _human(name, email) for name in NAMES}


def _add(name: str, password: str, role: str = "member") -> None:
    users.create_user(
        by=SYSTEM,
        email=_email(name),
        password=password,
        display_name=NAMES[name],
        role=role,
        must_change=False,
    )


def _human(name: str, email: str) -> Actor:
    address = email if name == OWNER and email else _email(name)
    user_id = people.user_id_of(address)
    return Actor(kind="human", user_id=user_id, name=NAMES[name], is_owner=name == OWNER)


def hire(stage: Stage, name: str, *, description: str, tag: str) -> Actor:
    """One more agent, for which everybody reviews."""
    part = Part(name=name, description=description, tag=tag, reviewers=("ada", "bo"), lines=())
    return _hire(part, stage.humans)


def _hire(part: Part, humans: dict[str, Actor]) -> Actor:
    owner = humans[OWNER]
    agent = agents.create_agent(
        by=owner, name=part.name, description=part.description, tag=part.tag
    )
    agents.set_reviewers(
        by=owner, agent_id=agent.id, user_ids=[humans[name].person_id for name in part.reviewers]
    )
    return _robot(part.name, owner.person_id, agent.id)


def _robot(name: str, owner_id: UUID, agent_id: UUID) -> Actor:
    scopes = frozenset(keys.SCOPES)
    return Actor(kind="key", user_id=owner_id, name=name, bound_agent_id=agent_id, scopes=scopes)


def _acts(stage: Stage, parts: tuple[Part, ...]) -> Iterator[tuple[datetime, Callable[[], None]]]:
    for part in parts:
        for line in part.lines:
            said: list[UUID] = []
            yield stage.now - line.ago, _saying(stage, part, line, said)
            if line.ask and (ending := _ending(stage, part, line, line.ask, said)):
                yield ending
        for name in (OWNER, *part.reviewers):
            yield stage.now - READ_UNTIL, _reading(stage, part, name)
        for moment, status, words in beats_of(part.name, stage.now):
            yield moment, _pinging(stage, part, status, words, moment)


def _saying(stage: Stage, part: Part, line: Line, said: list[UUID]) -> Callable[[], None]:
    return lambda: said.append(_say(stage, part, line))


def _say(stage: Stage, part: Part, line: Line) -> UUID:
    robot = stage.robots[part.name]
    attachments = Attachments(arrivals=[paper.arrival() for paper in line.files])
    if line.by:
        return writing.write_message(
            by=stage.humans[line.by],
            agent_id=robot.bound_agent_id,
            text=line.text,
            attachments=attachments,
        ).id
    return posting.post_message(
        by=robot,
        text=line.text,
        status=line.status,
        metadata=line.metadata,
        review=_question(line.ask) if line.ask else None,
        attachments=attachments,
        # Once a day: playing again on the same day finds what is there.
        client_id=f"demo:{stage.now:%Y-%m-%d}:{part.lines.index(line)}",
    ).id


def _question(ask: Ask) -> posting.Question:
    seconds = int(ask.lives.total_seconds())
    return posting.Question(type=ask.type, payload=ask.payload, expires_in_seconds=seconds)


def _ending(
    stage: Stage, part: Part, line: Line, ask: Ask, said: list[UUID]
) -> tuple[datetime, Callable[[], None]] | None:
    asked_at = stage.now - line.ago
    match ask.end:
        case Answer(by=by, after=after, response=response, feedback=feedback):
            human = stage.humans[by]
            return asked_at + after, lambda: _respond(human, said[0], response, feedback)
        case Cancelled(after=after):
            robot = stage.robots[part.name]
            return asked_at + after, lambda: _cancel(robot, said[0])
        case None if not line.is_open:
            return asked_at + ask.lives, _expire
    return None


def _respond(human: Actor, review_id: UUID, response: object, feedback: str) -> None:
    reviews.respond(by=human, review_id=review_id, response=response, feedback=feedback)


def _cancel(robot: Actor, review_id: UUID) -> None:
    reviews.cancel_review(by=robot, review_id=review_id)


def _expire() -> None:
    reviews.expire_due_reviews()


def _reading(stage: Stage, part: Part, name: str) -> Callable[[], None]:
    human, agent_id = stage.humans[name], stage.robots[part.name].bound_agent_id
    return lambda: keeping.mark_read(by=human, agent_id=agent_id)


def _pinging(stage: Stage, part: Part, status: str, words: str, at: datetime) -> Callable[[], None]:
    robot = stage.robots[part.name]

    def ping() -> None:
        agents.ping(by=robot, agent_id=robot.bound_agent_id, status=status, message=words, at=at)

    return ping


def _email(name: str) -> str:
    return f"{name}@{DOMAIN}"

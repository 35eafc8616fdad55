"""Who acts in the tests, and what they can do. Everything goes through services, so the data is always legal."""

import itertools
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import Role, User
from agents import keys
from agents import services as agents
from agents.auth import actor_of_key
from agents.snapshots import AgentSnapshot
from files.services import storing
from files.snapshots import FileSnapshot
from inbox.services import posting
from inbox.services.arriving import Attachments
from inbox.snapshots import MessageSnapshot
from placet.lib.actors import Actor
from reviews import services as reviews
from reviews.snapshots import ReviewSnapshot

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)

PAYLOADS: dict[str, Any] = {
    "approval": {
        "options": [
            {"id": "approve", "label": "Approve", "style": "primary"},
            {"id": "reject", "label": "Reject", "style": "danger"},
        ],
        "allowComment": True,
    },
    "selection": {
        "mode": "single",
        "items": [{"id": "a", "label": "Team"}, {"id": "b", "label": "Business"}],
    },
    "form": {
        "fields": [
            {
                "name": "region",
                "type": "select",
                "label": "Region",
                "required": True,
                "options": ["eu", "us"],
            },
            {"name": "count", "type": "number", "label": "Count", "min": 1, "max": 9},
            {"name": "token", "type": "password", "label": "Token"},
        ]
    },
    "text-input": {"minLength": 3, "maxLength": 200},
    "freeform": {"schema": {"ok": "boolean"}},
}
RESPONSES: dict[str, Any] = {
    "approval": {"selectedOption": "approve", "comment": "Looks good"},
    "selection": {"selectedIds": ["b"]},
    "form": {"region": "eu", "count": 3, "token": "hunter2-hunter2"},
    "text-input": {"text": "Because it failed."},
    "freeform": {"ok": True},
}


@dataclass(frozen=True)
class Robot:
    """An agent with its key."""

    agent: AgentSnapshot
    key: str

    @property
    def actor(self) -> Actor:
        return actor_of_key(self.key)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def make_user(name: str, *, role: str = Role.MEMBER, password: str = PASSWORD) -> User:
    email = f"{name.lower()}@example.org"
    user = User(email=email, display_name=name, role=role)
    user.set_password(password)
    user.save()
    return user


def make_robot(owner: User, name: str = "Deploy pilot", *, bound: bool = True) -> Robot:
    agent = agents.create_agent(by=owner.as_actor(), name=name)
    issued = keys.issue_key(by=owner.as_actor(), agent_id=agent.id if bound else None, label=name)
    return Robot(agent=agent, key=issued.key)


def say(robot: Robot, text: str = "Hello", **more: Any) -> MessageSnapshot:
    return posting.post_message(by=robot.actor, channel=robot.agent.id, text=text, **more)


def ask(
    robot: Robot,
    type: str = "approval",
    *,
    payload: Any = None,
    text: str = "",
    attachments: Attachments = Attachments(),  # noqa: B008 - frozen
    **more: Any,
) -> MessageSnapshot:
    question = posting.Question(
        type=type, payload=PAYLOADS.get(type) if payload is None else payload, **more
    )
    text = text or f"Question {next(_numbers)}?"
    return posting.post_message(
        by=robot.actor,
        channel=robot.agent.id,
        text=text,
        review=question,
        attachments=attachments,
    )


def hand_over(
    robot: Robot,
    content: bytes = b"Region,Total\neu,41\n",
    *,
    name: str = "report.csv",
    declared: str = "",
    by: User | None = None,
) -> FileSnapshot:
    """A file the agent stores, or for its channel a person; it belongs to nothing yet."""
    return storing.store_file(
        by=by.as_actor() if by else robot.actor,
        agent_id=robot.agent.id,
        arrival=storing.Arrival(content=ContentFile(content), name=name, declared_type=declared),
    )


def answer(
    human: User, message: MessageSnapshot, response: Any = None, **more: Any
) -> ReviewSnapshot:
    assert message.review
    response = RESPONSES[message.review.type] if response is None else response
    return reviews.respond(by=human.as_actor(), review_id=message.id, response=response, **more)

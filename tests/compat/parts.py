"""What the tests of foreign dialects share: a live server, apps made by its command, a receiver of their webhooks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.processes import OWNER, Human, Server, until
from tests.receiver import Heard, Receiver


@dataclass(frozen=True)
class Installed:
    """What `manage.py create_app` prints."""

    agent: dict[str, Any]
    workspace_slug: str
    client_id: str
    client_secret: str
    app_installation_id: str
    access_token: str
    webhook_secret: str

    @property
    def id(self) -> str:
        return str(self.agent["id"])


@contextmanager
def live_server() -> Iterator[Server]:
    with Server({"PLACET_OUTBOUND_ALLOW": "127.0.0.0/8"}) as server:
        yield server


def installed(server: Server, name: str, *more: str) -> Installed:
    printed = server.manage("create_app", name, "--owner", OWNER.email, *more)
    return Installed(**json.loads(printed.splitlines()[-1]))


def write(human: Human, app: Installed, text: str) -> dict[str, Any]:
    """A person writes to the agent: the message."""
    told = human.post("/api/messages", {"channelId": app.id, "text": text})
    assert told.ok, told.text
    found: dict[str, Any] = told.json()
    return found


def run_of(human: Human, app: Installed) -> dict[str, Any]:
    """The newest run in the agent's conversation."""
    found: dict[str, Any] = human.get("/api/runs", channel=app.id).json()["data"][0]
    return found


def prompted(human: Human, app: Installed, text: str = "What is the weather?") -> dict[str, Any]:
    """A person writes, and that opens a run."""
    write(human, app, text)
    return run_of(human, app)


def heard_of(receiver: Receiver, header: str, value: str, run_id: str) -> Heard:
    """Wait for the delivery with this header that tells of this run: there is to be one."""

    def look() -> list[Heard]:
        named = [one for one in list(receiver.heard) if one.headers.get(header) == value]
        return [one for one in named if run_id.encode() in one.body]

    (found,) = until(look, seconds=20)
    return found

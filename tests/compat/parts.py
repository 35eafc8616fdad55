"""What the tests of foreign dialects share: a live server, apps made by its command, a receiver of their webhooks."""

import json
import re
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


def press(human: Human, client_id: str, button: str = "", **fields: Any) -> str:
    """A button of the app's page under Settings → Apps, or only a look at it: the page that is shown then."""
    page = _page_of(human, client_id)
    if not button:
        return str(human.get(page).text)
    answer = human.request("POST", f"{page}{button}/", data=fields)
    assert answer.ok, answer.text
    return str(answer.text)


def _page_of(human: Human, client_id: str) -> str:
    line = rf'href="(/settings/apps/[^"]+)">\s*<b>[^<]*</b>\s*<span[^>]*><code>{client_id}<'
    found = re.search(line, human.get("/settings/apps/").text)
    assert found, f"{client_id} is not listed"
    return found[1]


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

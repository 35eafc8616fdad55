"""The unmodified @makeplane/plane-node-sdk against a live Placet, and an agent that is built with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import needs
from tests.compat import nodes
from tests.compat.parts import Installed, installed, prompted
from tests.processes import Human, Server, free_port, until

pytestmark = [pytest.mark.processes, needs.node]


@pytest.fixture(scope="module")
def noder(server: Server) -> Installed:
    return installed(server, "Node bot", "--dialect", "plane")


@pytest.fixture(scope="module")
def told(server: Server, person: Human, noder: Installed, other: Installed) -> dict[str, Any]:
    """What the script saw, step by step."""
    run = prompted(person, noder)
    return nodes.told_by(
        "plane.mjs",
        BASE_URL=server.url,
        CLIENT_ID=noder.client_id,
        CLIENT_SECRET=noder.client_secret,
        INSTALLATION=noder.app_installation_id,
        SLUG=noder.workspace_slug,
        RUN=run["id"],
        STRANGER_TOKEN=other.access_token,
    )


def test_a_bot_token_by_basic_and_a_form_and_whose_installation_it_is(
    told: dict[str, Any], noder: Installed
) -> None:
    assert told["token"]["token_type"] == "Bearer"
    assert told["token"]["expires_in"] == 86_400
    (found,) = told["installations"]
    assert found["id"] == noder.app_installation_id
    assert (found["status"], found["app_bot"]) == ("installed", noder.id)
    assert found["workspace_detail"]["slug"] == noder.workspace_slug
    assert told["noInstallation"] == "App installation not found"


def test_it_knows_itself_its_run_and_its_people(told: dict[str, Any], noder: Installed) -> None:
    assert told["me"]["id"] == noder.id
    assert told["run"]["agent_user"] == noder.id
    assert {one["id"] for one in told["members"]} == {noder.id, told["run"]["creator"]}


def test_what_is_wrong_is_refused_with_a_message_and_nothing_is_stored(
    told: dict[str, Any],
) -> None:
    words = {
        "prompt": "only people prompt",
        "parameters": "content.parameters.limit",
        "blank": "content.body",
        "unsafe": "signal_metadata.url",
    }
    for name, word in words.items():
        assert told["refused"][name]["status"] == 400
        assert word in told["refused"][name]["message"]
    assert told["before"] == ["prompt"]


def test_each_activity_makes_of_the_run_what_the_table_says(told: dict[str, Any]) -> None:
    assert told["states"] == [
        "created", "in_progress", "in_progress", "awaiting", "failed", "in_progress", "completed",
    ]  # fmt: skip
    assert told["thought"]["ephemeral"]
    assert told["action"]["content"]["parameters"] == {"location": "Oslo", "result": "Rain"}
    assert told["action"]["content_metadata"] == {"result": {"temp": 4}}
    assert told["elicitation"]["signal"] == "select"
    assert told["response"]["comment"]


def test_pages_of_two_follow_each_other(told: dict[str, Any]) -> None:
    assert told["seen"] == [
        "prompt", "thought", "action", "elicitation", "error", "thought", "response",
    ]  # fmt: skip
    assert told["one"]["id"] == told["response"]["id"]


def test_the_conversation_is_a_work_item_with_comments(
    told: dict[str, Any], noder: Installed
) -> None:
    assert (told["item"]["id"], told["item"]["name"]) == (noder.id, "Node bot")
    assert told["comments"][0]["comment_stripped"] == "Rain."
    assert told["comments"][-1]["comment_stripped"] == "What is the weather?"


def test_another_agent_nobody_and_what_is_not_there(told: dict[str, Any]) -> None:
    assert [one["status"] for one in told["stranger"]] == [404, 404, 404]
    assert told["nobody"]["status"] == 401
    assert told["elsewhere"]["status"] == 404
    assert "docs/compat-plane.md" in told["elsewhere"]["message"]


@pytest.fixture
def agent(server: Server, tmp_path: Path) -> Iterator[Installed]:
    """An agent in a process of its own that hears of prompts by webhook."""
    port = free_port()
    hook = f"http://127.0.0.1:{port}/webhook"
    app = installed(server, "Echo bot", "--webhook", hook, "--dialect", "plane")
    env = {
        "BASE_URL": server.url,
        "PORT": str(port),
        "SECRET": app.webhook_secret,
        "SLUG": app.workspace_slug,
        "TOKEN": app.access_token,
    }
    with nodes.running("plane_agent.mjs", tmp_path / "agent.log", **env):
        yield app


def test_an_agent_of_planes_making_is_prompted_answers_and_stops(
    person: Human, agent: Installed
) -> None:
    run = prompted(person, agent, "Hello over there")
    until(lambda: _status(person, run) == "completed", seconds=20)
    said = person.get("/api/messages", channel=agent.id).json()["data"]
    assert said[0]["text"] == "You said: Hello over there"
    slow = prompted(person, agent, "Now slowly")
    assert slow["id"] != run["id"]
    until(lambda: _status(person, slow) == "in_progress", seconds=20)
    assert person.post(f"/api/runs/{slow['id']}/stop").ok
    until(lambda: _status(person, slow) == "stopped", seconds=20)
    again = prompted(person, agent, "Hello again")
    assert again["id"] not in (run["id"], slow["id"])
    until(lambda: _status(person, again) == "completed", seconds=20)
    said = person.get("/api/messages", channel=agent.id).json()["data"]
    assert said[0]["text"] == "You said: Hello again"


def _status(person: Human, run: dict[str, Any]) -> Any:
    return person.get(f"/api/runs/{run['id']}").json()["status"]

"""What the documents tell people to type works, letter by letter, against a real server with a person at it."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import OWNER, ROOT, Human, Server

pytestmark = pytest.mark.processes

BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# A refusal must end the script, with the body that says why.
STRICT = 'set -euo pipefail\ncurl() { command curl --silent --show-error --fail-with-body "$@"; }\n'
ANSWERS: dict[str, Any] = {
    "approval": {"selectedOption": "approve"},
    "selection": {"selectedIds": ["team"]},
}


class Reviewer(threading.Thread):
    """Somebody who answers whatever waits, like a person with nothing else to do."""

    def __init__(self, human: Human, *, but_not: str) -> None:
        super().__init__(daemon=True)
        self.human, self.but_not, self.leaves = human, but_not, threading.Event()

    def run(self) -> None:
        while not self.leaves.wait(0.3):
            for message in self.human.get("/api/messages/reviews", status="pending").json():
                if message["text"] != self.but_not:
                    self.human.respond(message["id"], ANSWERS[message["review"]["type"]])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def reviewer(server: Server) -> Iterator[Reviewer]:
    reviewer = Reviewer(server.human(), but_not="Restart staging?")
    reviewer.start()
    yield reviewer
    reviewer.leaves.set()
    reviewer.join(5)


def blocks(name: str) -> list[tuple[str, str]]:
    return BLOCK.findall((ROOT / name).read_text())


def run(script: str, folder: Path, **env: str) -> str:
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, "no_proxy": "*", **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_readme(server: Server, tmp_path: Path) -> None:
    robot = server.robot("From the README")
    for _, code in blocks("README.md"):
        ours = code.replace("http://127.0.0.1:8000", server.url)
        answer = run(STRICT + ours.replace("hp_your-key-here", robot.key), tmp_path)
        assert '"senderType":"agent"' in answer


def test_the_first_lines_an_agent_developer_ever_saw(server: Server, tmp_path: Path) -> None:
    """Of the document this product comes from: message, approval, ping; only the address and the names filled in."""
    robot = server.robot("First lines")
    head = '-H "Authorization: Bearer $PLACET_API_KEY" -H "Content-Type: application/json"'
    ping = f"""curl -X POST "$PLACET_URL/api/v1/status/ping" {head} \\
      -d '{{"agentId": "{robot.agent_id}", "status": "active", "message": "Processing 42 tasks"}}'"""
    answer = run(STRICT + ping, tmp_path, PLACET_URL=server.url, PLACET_API_KEY=robot.key)
    assert '"status":"active"' in answer


MAKES_ANOTHER = 'curl -X POST "$PLACET_URL/api/v1/agents"'


@pytest.mark.usefixtures("reviewer")
def test_the_page_for_agent_developers(server: Server, tmp_path: Path) -> None:
    server.robot()
    key = server.manage("issue_key", "--user", OWNER.email).split()[-1]
    follow_the_page(server, tmp_path, key, blocks("docs/agents.md"))


@pytest.mark.usefixtures("reviewer")
def test_the_same_page_with_the_key_that_set_up_shows(server: Server, tmp_path: Path) -> None:
    """It is bound to its agent: all but making another one works with it."""
    lines = [block for block in blocks("docs/agents.md") if MAKES_ANOTHER not in block[1]]
    assert len(lines) == len(blocks("docs/agents.md")) - 1
    follow_the_page(server, tmp_path, server.robot().key, lines)


def follow_the_page(server: Server, folder: Path, key: str, lines: list[tuple[str, str]]) -> None:
    parts = [STRICT]
    for number, (language, code) in enumerate(lines):
        if language == "python":
            script = folder / f"{number}.py"
            script.write_text(code)
            parts.append(f"{sys.executable} {script}\n")
        else:
            parts.append(code)
    said = run("".join(parts), folder, PLACET_URL=server.url, PLACET_API_KEY=key)
    assert '"status":"completed"' in said
    assert "('completed', {'selectedIds': ['team']})" in said
    assert '"acknowledged":true' in said
    assert '"filename":"report.csv"' in said
    assert "Region" in said
    assert '"status":"cancelled"' in said


def test_every_page_links_to_what_is_there() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"

"""What a 201 promised survives `kill -9` of everything."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.processes import Server, until

pytestmark = pytest.mark.processes


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(data_dir=tmp_path) as server:
        yield server


class PatientAgent(threading.Thread):
    """An agent that waits, and asks again when the connection breaks: what any client does."""

    def __init__(self, agent: Any, review_id: str) -> None:
        super().__init__(daemon=True)
        self.agent, self.review_id = agent, review_id
        self.answer: Any = None
        self.broken = 0

    def run(self) -> None:
        while self.answer is None:
            try:
                answer = self.agent.wait(self.review_id, 20_000)
                self.answer = answer if answer["status"] != "timeout" else None
            except (requests.RequestException, AssertionError):
                self.broken += 1
                time.sleep(0.1)


def test_a_response_that_got_its_201_survives_a_kill_and_the_waiting_agent_gets_it(
    server: Server,
) -> None:
    robot, human = server.robot(), server.human()
    lost, kept = robot.ask(), robot.ask()
    waiting = PatientAgent(robot.at(server.url), kept["id"])
    waiting.start()
    time.sleep(0.5)
    answered = human.respond(kept["id"], {"selectedOption": "approve"}, feedback="go")
    server.kill()
    assert answered.status_code == 201
    server.start()
    until(lambda: waiting.answer, seconds=30)
    assert waiting.answer["status"] == "completed"
    assert waiting.answer["message"]["review"]["feedback"] == "go"
    assert robot.wait(lost["id"], 500) == {"status": "timeout"}
    again = server.human().respond(kept["id"], {"selectedOption": "reject"})
    assert (again.status_code, again.json()["extra"]["respondedBy"]) == (403, "Olga")


def test_an_agent_parked_through_the_crash_hears_the_answer_given_after_it(server: Server) -> None:
    robot = server.robot()
    question = robot.ask()
    waiting = PatientAgent(robot.at(server.url), question["id"])
    waiting.start()
    time.sleep(0.5)
    server.kill()
    server.start()
    assert server.human().respond(question["id"], {"selectedOption": "approve"}).status_code == 201
    until(lambda: waiting.answer, seconds=30)
    assert waiting.broken > 0
    assert waiting.answer["message"]["review"]["response"] == {"selectedOption": "approve"}


def test_kills_in_the_middle_of_posting_lose_nothing_that_was_answered(server: Server) -> None:
    robot = server.robot()
    promised: list[str] = []
    stop = threading.Event()

    def post() -> None:
        n, mine = 0, robot.at(server.url)
        while not stop.is_set():
            n += 1
            try:
                answer = mine.post(
                    "/api/v1/messages",
                    {"text": f"{n}", "clientId": f"{threading.get_ident()}-{n}"},
                    timeout=5,
                )
                if answer.status_code == 201:
                    promised.append(answer.json()["id"])
            except requests.RequestException:
                time.sleep(0.05)

    threads = [threading.Thread(target=post, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        time.sleep(1)
        server.kill()
        server.start()
    stop.set()
    for thread in threads:
        thread.join(timeout=10)
    kept: set[str] = set()
    cursor: str | None = ""
    while cursor is not None:
        page = robot.get(
            "/api/v1/messages", limit="100", **({"cursor": cursor} if cursor else {})
        ).json()
        kept |= {message["id"] for message in page["data"]}
        cursor = page["nextCursor"]
    assert len(promised) > 20
    assert set(promised) <= kept


def test_reviews_that_fell_due_while_everything_was_dead_expire_at_the_start(
    server: Server,
) -> None:
    robot = server.robot()
    due = robot.ask(expiresInSeconds=1)
    server.kill()
    time.sleep(1.2)
    server.start()
    assert robot.wait(due["id"], 5000)["status"] == "expired"
    human = server.human()
    until(
        lambda: (
            [one["id"] for one in human.get("/api/messages/reviews", status="expired").json()]
            == [due["id"]]
        )
    )

"""Who is at work is seen beside the names, while it happens: on every page, and by everybody who sees the conversation."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.glance import row, unreloaded
from tests.e2e.stage import PHONE, House, Someone
from tests.e2e.test_runs import Worker, write
from tests.processes import AgentClient, until

Window = Callable[..., Page]


@pytest.fixture
def worker(robot: AgentClient) -> Worker:
    return Worker(robot)


def beside(page: Page, name: str = "Deploy pilot") -> Locator:
    """The mark in the rail."""
    return page.get_by_role("group", name="Agents").get_by_role("link", name=name).locator(".works")


def in_chats(page: Page, name: str = "Deploy pilot") -> Locator:
    chats = page.get_by_role("region", name="Conversations")
    return chats.get_by_role("link", name=name).locator(".works")


def test_marks_come_and_go_on_every_page(window: Window, ada: Someone, worker: Worker) -> None:
    worker.robot.ask(text="Deploy the zebra release?")
    inbox, chats, phone = window(ada), window(ada), window(ada, viewport=PHONE, has_touch=True)
    inbox.goto("/inbox/")
    chats.goto(f"/chats/{worker.robot.agent_id}/")
    phone.goto("/inbox/")
    rows = [row(page, "zebra").locator(".works") for page in (inbox, phone)]
    marks = [beside(inbox), beside(chats), in_chats(chats), *rows]
    with unreloaded(inbox), unreloaded(chats), unreloaded(phone):
        for mark in marks:
            expect(mark).to_have_count(0)
        write(chats, "Why is the build red?")
        worker.take()
        for mark in marks:
            expect(mark).to_have_text("Starting")
        worker.tell("thought", "Looking")
        for mark in marks:
            expect(mark).to_have_text("Working")
        worker.tell("elicitation", "Which branch?")
        for mark in marks:
            expect(mark).to_have_text("Waiting for an answer")
        worker.tell("response", "Never mind.")
        for mark in marks:
            expect(mark).to_have_count(0)


def test_a_thought_more_asks_the_server_for_nothing(page: Page, worker: Worker) -> None:
    page.goto("/status/")
    run = worker.robot.post("/api/v1/runs", {"channelId": worker.robot.agent_id}).json()
    worker.id = run["id"]
    worker.tell("thought", "First")
    expect(beside(page)).to_have_text("Working")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    heard = page.evaluate_handle(
        """() => {
          const heard = [];
          document.addEventListener("placet:event", ({ detail }) => heard.push(detail.type));
          return heard;
        }"""
    )
    for n in range(5):
        worker.tell("thought", f"Thought {n}")
    until(lambda: heard.evaluate("heard => heard.length") >= 5)
    worker.tell("response", "Done.")
    expect(beside(page)).to_have_count(0)
    assert len([url for url in asked if url.endswith("/rail/")]) <= 2


def test_that_an_agent_does_not_show_itself_is_seen_without_an_event(
    page: Page, worker: Worker
) -> None:
    page.goto("/inbox/")
    with unreloaded(page):
        worker.robot.post("/api/v1/runs", {"channelId": worker.robot.agent_id})
        expect(beside(page)).to_have_text("Starting")
        expect(beside(page)).to_have_text("Not responding", timeout=20_000)


@pytest.mark.parametrize("sign", ["thought", "link"])
def test_the_first_sign_of_an_agent_is_seen_after_a_second_prompt_as_well(
    window: Window, ada: Someone, worker: Worker, sign: str
) -> None:
    """Being prompted again makes its run one in progress, and shows nothing of the agent: its first sign changes no state."""
    inbox, runs = window(ada), window(ada)
    say = {"channelId": worker.robot.agent_id, "text": "Deploy it"}
    ada.human.post("/api/messages", say)
    inbox.goto("/inbox/")
    runs.goto(f"/runs/?agent={worker.robot.agent_id}")
    line = runs.get_by_role("main").locator("[data-run-state]")
    with unreloaded(inbox), unreloaded(runs):
        for seen in (beside(inbox), line):
            expect(seen).to_have_text("Not responding", timeout=20_000)
        worker.take()
        with inbox.expect_response("**/rail/"):
            ada.human.post("/api/messages", say)
        if sign == "thought":
            worker.tell("thought", "Looking")
        else:
            worker.plan(links=[{"label": "Build 7", "url": "https://ci.example/7"}])
        for seen in (beside(inbox), line):
            expect(seen).to_have_text("Working")


@pytest.fixture
def reviewer(house: House, ada: Someone) -> Someone:
    """Sees Ada's conversation, and nothing else of hers."""
    return house.invite("Rita")


def see(house: House, agent: AgentClient, person: Someone) -> None:
    code = (
        "from accounts.models import User; from agents import services;"
        "by = User.objects.filter(role='owner').first().as_actor();"
        f"who = User.objects.get(email='{person.email}');"
        f"services.set_reviewers(by=by, agent_id='{agent.agent_id}', user_ids=[who.pk])"
    )
    house.server.manage("shell", "-c", code)


def test_a_guest_is_watched_by_who_sees_the_conversation_alone(
    window: Window, house: House, ada: Someone, robot: AgentClient, reviewer: Someone
) -> None:
    guest = Worker(ada.add_robot("Build doctor"))
    house.admit(robot, guest.robot)
    see(house, robot, reviewer)
    page = window(reviewer)
    page.goto(f"/chats/{robot.agent_id}/")
    panel: Any = page.get_by_role("region", name="Build doctor at work")
    with unreloaded(page):
        expect(beside(page, "Build doctor")).to_have_count(0)
        ada.human.post(f"/chats/{robot.agent_id}/write/", data={"text": "@Build doctor: why red?"})
        guest.take()
        expect(panel).to_contain_text("Starting")
        guest.tell("thought", "Looking at the log")
        expect(panel.locator(".now")).to_have_text("Looking at the log")
        expect(in_chats(page)).to_have_text("Build doctor: Working")
        guest.plan(("Find the error", "inProgress"))
        expect(panel.get_by_text("0 of 1")).to_be_visible()
        guest.tell("response", "A flaky test.")
        expect(panel).to_have_count(0)
        expect(in_chats(page)).to_have_count(0)

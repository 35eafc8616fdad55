"""An agent works while somebody watches, is asked and answered, stopped, lost and found again."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.glance import unreloaded
from tests.e2e.stage import Someone, Watch
from tests.processes import AgentClient, until

Window = Callable[..., Page]
SELECT = {
    "options": [
        {"value": "team", "label": "The team"},
        {"value": "release", "label": "The release"},
    ]
}


class Worker:
    """What an agent does in its newest run, over REST."""

    def __init__(self, robot: AgentClient) -> None:
        self.robot = robot
        assert self._patch(f"/api/v1/agents/{robot.agent_id}", {"takesRuns": True}).ok

    @property
    def run(self) -> Any:
        """The newest run, when there is one."""
        runs = self.robot.get("/api/v1/runs", channel=self.robot.agent_id).json()["data"]
        return runs[0] if runs else None

    def take(self) -> None:
        self.id = until(lambda: self.run)["id"]

    def tell(self, type: str, body: str, **more: Any) -> Any:
        return self._report({"type": type, "content": {"body": body}, **more})

    def act(self, action: str, result: str | None = None, **parameters: str) -> Any:
        content = {"action": action, "parameters": parameters, "result": result}
        return self._report({"type": "action", "content": content})

    def plan(self, *steps: tuple[str, str], **more: Any) -> None:
        plan = [{"content": content, "status": status} for content, status in steps]
        answer = self._patch(f"/api/v1/runs/{self.id}", {"plan": plan, **more})
        assert answer.ok, answer.text

    def prompts(self) -> list[tuple[str, str | None]]:
        found = self.robot.get(f"/api/v1/runs/{self.id}/activities").json()["data"]
        return [(a["content"]["body"], a["signal"]) for a in found if a["type"] == "prompt"]

    def _report(self, body: Any) -> Any:
        answer = self.robot.post(f"/api/v1/runs/{self.id}/activities", body)
        assert answer.ok, answer.text
        return answer.json()

    def _patch(self, path: str, body: Any) -> Any:
        return self.robot.patch(path, body)


@pytest.fixture
def worker(robot: AgentClient) -> Worker:
    return Worker(robot)


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Deploy pilot at work")


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Write to").fill(text)
    page.keyboard.press("Enter")


def test_a_whole_run_by_keyboard(page: Page, worker: Worker) -> None:
    page.goto(f"/chats/{worker.robot.agent_id}/")
    with unreloaded(page):
        write(page, "Why is the build red?")
        worker.take()
        expect(panel(page)).to_contain_text("Starting")

        # Thoughts and actions replace each other, and fold.
        worker.tell("thought", "Looking at the failed build", ephemeral=True)
        now = panel(page).locator(".now")
        expect(now).to_have_text("Looking at the failed build")
        expect(panel(page)).to_contain_text("Working")
        worker.act("Searched the log", "3 **errors**", build="1240")
        expect(now).to_have_text("Searched the log")
        fold = panel(page).locator("[data-fold=steps]")
        expect(fold.locator("summary")).to_have_text("2 steps")
        fold.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(fold.get_by_text("1240")).to_be_visible()
        expect(fold.locator("strong", has_text="errors")).to_be_visible()

        # The plan fills; what was opened stays open, and the focus where it was.
        worker.plan(("Find the error", "inProgress"), ("Mend it", "pending"))
        plan = panel(page).locator(".plan")
        expect(plan.locator("li.is-inProgress")).to_have_text("In progress: Find the error")
        worker.plan(
            ("Find the error", "completed"),
            ("Mend it", "inProgress"),
            links=[{"label": "Build 1240", "url": "https://ci.example/builds/1240"}],
        )
        expect(plan.locator("li.is-completed")).to_have_text("Done: Find the error")
        expect(panel(page).get_by_text("1 of 2")).to_be_visible()
        expect(panel(page).get_by_role("link", name="Build 1240")).to_be_visible()
        expect(fold.get_by_text("1240", exact=True)).to_be_visible()
        expect(fold.locator("summary")).to_be_focused()

        # A question is a card of the conversation, answered with its keys.
        asked = worker.tell(
            "elicitation", "Whose build is it?", signal="select", signalMetadata=SELECT
        )
        bubble = page.locator(f"#m-{asked['messageId']}")
        expect(bubble).to_contain_text("Whose build is it?")
        expect(panel(page)).to_contain_text("Waiting for you")
        bubble.focus()
        page.keyboard.press("2")
        page.keyboard.press("Control+Enter")
        expect(bubble.locator("[data-state=completed]")).to_contain_text("The release")
        assert until(lambda: worker.prompts()[1:]) == [("release", None)]
        expect(panel(page)).to_contain_text("Working")

        # The end: the foot is free again, and the message tells what led to it.
        worker.tell("thought", "Writing it down")
        said = worker.tell("response", "The build is **green** again.")
        expect(panel(page)).to_have_count(0)
        bubble = page.locator(f"#m-{said['messageId']}")
        summary = bubble.locator("summary", has_text="1 step")
        summary.focus()
        page.keyboard.press("Enter")
        expect(bubble.get_by_text("Writing it down")).to_be_visible()
    page.reload()
    expect(page.locator(f"#m-{said['messageId']} summary")).to_have_text("1 step")
    expect(panel(page)).to_have_count(0)


def test_a_result_joins_its_action_while_somebody_reads(page: Page, worker: Worker) -> None:
    page.goto(f"/chats/{worker.robot.agent_id}/")
    write(page, "Why is the build red?")
    worker.take()
    with unreloaded(page):
        worker.act("Searched the log", build="1240")
        worker.tell("thought", "It is long")
        fold = panel(page).locator("[data-fold=steps]")
        expect(fold.locator("summary")).to_have_text("2 steps")
        fold.locator("summary").click()
        worker.act("Searched the log", "3 **errors**", build="1240")
        steps = fold.locator("li.step")
        expect(steps.first.locator("strong", has_text="errors")).to_be_visible()
        expect(steps.first).to_contain_text("1240")
        expect(steps.nth(1)).to_contain_text("It is long")
        expect(steps).to_have_count(2)
        expect(panel(page).locator(".now")).to_have_text("Searched the log")
        said = worker.tell("response", "It is 1240.")
        expect(page.locator(f"#m-{said['messageId']} summary")).to_have_text("2 steps")
    page.goto(f"/runs/{worker.id}/")
    expect(page.locator(".history .fold summary")).to_have_text("2 steps")
    expect(page.locator(".history li.step")).to_have_count(2)


def test_stop_by_keyboard_and_its_confirmation(page: Page, worker: Worker) -> None:
    page.goto(f"/chats/{worker.robot.agent_id}/")
    write(page, "Deploy it")
    worker.take()
    worker.tell("thought", "Deploying")
    expect(panel(page)).to_contain_text("Working")
    with unreloaded(page):
        page.get_by_role("textbox", name="Write to").focus()
        page.keyboard.press("Escape")
        page.keyboard.press("s")
        stop = panel(page).get_by_role("button", name="Stop the run of Deploy pilot")
        expect(stop).to_be_focused()
        assert worker.prompts() == [("Deploy it", None)]
        page.keyboard.press("Enter")
        expect(panel(page)).to_contain_text("Stopping")
        expect(stop).to_have_count(0)
        assert worker.prompts()[1:] == [("Stop", "stop")]
        worker.tell("response", "I have stopped.")
        expect(panel(page)).to_have_count(0)
        expect(page.get_by_role("log")).to_contain_text("I have stopped.")
    page.goto(f"/runs/{worker.id}/")
    expect(page.get_by_role("main")).to_contain_text("Stopped")


def test_a_run_that_begins_without_a_sign_is_marked(page: Page, worker: Worker) -> None:
    """No event says so: the page looks by itself when ten seconds are over."""
    page.goto(f"/chats/{worker.robot.agent_id}/")
    with unreloaded(page):
        write(page, "Anybody?")
        worker.take()
        expect(panel(page)).to_contain_text("Starting")
        expect(panel(page)).to_contain_text("Not responding", timeout=20_000)
        worker.tell("thought", "Here I am")
        expect(panel(page)).to_contain_text("Working")


def test_the_page_of_a_run_is_live_and_deep(page: Page, worker: Worker) -> None:
    page.goto(f"/chats/{worker.robot.agent_id}/")
    write(page, "Deploy it")
    worker.take()
    worker.tell("thought", "Reading the notes")
    panel(page).get_by_role("link", name="Open").click()
    page.wait_for_url(f"**/runs/{worker.id}/")
    history = page.get_by_role("region", name="History")
    with unreloaded(page):
        expect(history).to_contain_text("Reading the notes")
        worker.act("Built it", "ok", version="2.1")
        expect(history.locator("summary")).to_have_text("2 steps")
        expect(history.get_by_text("2.1")).to_be_visible()
        worker.tell("error", "The disk is full")
        expect(page.get_by_role("main")).to_contain_text("Failed")
        page.keyboard.press("j")
        expect(history.locator(".turn").first).to_be_focused()
    page.keyboard.press("u")
    page.wait_for_url(f"**/chats/{worker.robot.agent_id}/**")


def test_what_was_missed_is_made_good_on_reconnection(
    window: Window, ada: Someone, worker: Worker, watches: list[Watch]
) -> None:
    page = window(ada)
    watches[0].expect("ERR_INTERNET_DISCONNECTED", "WebSocket connection")
    page.goto(f"/chats/{worker.robot.agent_id}/")
    write(page, "Deploy it")
    worker.take()
    worker.tell("thought", "First")
    expect(panel(page).locator(".now")).to_have_text("First")
    with unreloaded(page):
        page.context.set_offline(True)
        worker.tell("thought", "Second")
        worker.tell("thought", "Third")
        page.context.set_offline(False)
        expect(panel(page).locator(".now")).to_have_text("Third", timeout=40_000)
        expect(panel(page).locator("[data-fold=steps] > summary")).to_have_text("3 steps")

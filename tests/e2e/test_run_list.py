"""The runs of an agent: found from its conversation, walked by keyboard, live, and still under the hand."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.glance import unreloaded
from tests.e2e.test_runs import Worker, panel, write
from tests.processes import AgentClient


@pytest.fixture
def worker(robot: AgentClient) -> Worker:
    return Worker(robot)


def lines(page: Page) -> Locator:
    return page.get_by_role("list", name="Runs, newest first").get_by_role("link")


def begin(worker: Worker) -> None:
    made = worker.robot.post("/api/v1/runs", {"channelId": worker.robot.agent_id})
    assert made.ok
    worker.id = made.json()["id"]


def test_by_keyboard_from_the_conversation_to_a_run_and_back(page: Page, worker: Worker) -> None:
    for text in ("First", "Second"):
        begin(worker)
        worker.tell("thought", text)
        worker.tell("response", "Done.")
    begin(worker)
    worker.tell("thought", "Third")
    page.goto(f"/chats/{worker.robot.agent_id}/")
    every = page.get_by_role("link", name="All runs")
    every.focus()
    worker.tell("thought", "Third, and a half")
    expect(panel(page).locator(".now")).to_have_text("Third, and a half")
    expect(every).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/?agent=*")
    expect(lines(page)).to_have_count(3)
    page.keyboard.press("j")
    expect(lines(page).nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(lines(page).nth(1)).to_be_focused()
    expect(lines(page).nth(1)).to_contain_text("Second")
    page.keyboard.press("o")
    page.wait_for_url("**/runs/*-*/")
    expect(page.get_by_role("region", name="History")).to_contain_text("Second")
    page.get_by_role("link", name="All runs").click()
    page.wait_for_url("**/runs/?agent=*")
    page.keyboard.press("u")
    page.wait_for_url(f"**/chats/{worker.robot.agent_id}/")
    expect(panel(page)).to_be_visible()


def test_it_is_live_and_nothing_moves(page: Page, worker: Worker) -> None:
    begin(worker)
    worker.tell("thought", "First")
    page.goto(f"/runs/?agent={worker.robot.agent_id}")
    with unreloaded(page):
        expect(lines(page)).to_contain_text(["Working"])
        page.keyboard.press("j")
        worker.plan(("Find it", "inProgress"), summary="Mending the build")
        expect(lines(page)).to_contain_text(["Mending the build"])
        worker.tell("response", "Done.")
        expect(lines(page)).to_contain_text(["Done"])
        expect(lines(page).first).to_be_focused()
        begin(worker)
        fresh = page.get_by_role("button", name="1 new")
        expect(fresh).to_be_visible()
        expect(lines(page)).to_have_count(1)
        page.keyboard.press(".")
        expect(lines(page)).to_have_count(2)
        expect(lines(page).first).to_be_focused()
        expect(fresh).to_be_hidden()
        expect(lines(page).first).to_contain_text("Starting")
        expect(lines(page).first).to_contain_text("Not responding", timeout=20_000)


def test_the_first_run_appears_by_itself(page: Page, worker: Worker) -> None:
    page.goto(f"/chats/{worker.robot.agent_id}/")
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(page.get_by_text("No run yet")).to_be_visible()
    with unreloaded(page):
        begin(worker)
        expect(lines(page)).to_have_count(1)
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/chats/{worker.robot.agent_id}/")
    write(page, "Hello")
    expect(panel(page)).to_be_visible()

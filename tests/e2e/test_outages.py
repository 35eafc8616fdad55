"""When the server goes away, and when an agent does. A server of its own, to be killed."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LOOSE
from tests.e2e.glance import card, detail, rail_count, row, rows, unreloaded, waits_for
from tests.e2e.stage import House, Someone, Watch
from tests.processes import Server, until

Window = Callable[..., Page]
GONE = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_EMPTY_RESPONSE",
    "ERR_INTERNET_DISCONNECTED",
    # Killed in the middle of an answer.
    "ERR_CONTENT_LENGTH_MISMATCH",
    "WebSocket connection",
)


@pytest.fixture(scope="module")
def frail() -> Iterator[House]:
    with Server({**LOOSE, "PLACET_OFFLINE_AFTER_SECONDS": "2"}) as server:
        yield House(server)


@pytest.fixture(scope="module")
def _eve(frail: House) -> Someone:
    return frail.invite("Eve")


@pytest.fixture
def eve(_eve: Someone) -> Iterator[Someone]:
    _eve.add_robot("Deploy pilot")
    yield _eve
    _eve.forget_robots()


@pytest.fixture
def page(eve: Someone, window: Window, frail: House, watches: list[Watch]) -> Page:
    """After `eve`, so that it is closed before her agents go."""
    opened = window(eve, url=frail.url)
    watches[0].expect(*GONE)
    return opened


def test_after_a_restart_the_page_catches_up_by_itself(
    page: Page, eve: Someone, frail: House
) -> None:
    first = eve.robot.ask(text="First question?", expiresInSeconds=600)
    page.goto("/inbox/")
    waits_for(page, "First question?")
    page.wait_for_load_state("networkidle")
    with unreloaded(page):
        frail.server.kill()
        expect(page.get_by_text("Reconnecting…")).to_be_visible()
        frail.server.start()
        # Asked and answered before the page is back: it hears of both.
        eve.robot.ask(text="Asked meanwhile?", expiresInSeconds=1200)
        assert eve.human.respond(first["id"], {"selectedOption": "approve"}).status_code == 201
        expect(page.get_by_text("Reconnecting…")).to_be_hidden(timeout=30_000)
        expect(row(page, "First question?").or_(card(page)).first).to_contain_text("Approve")
        expect(rail_count(page, "Inbox")).to_contain_text("1")
        page.keyboard.press(".")
        expect(row(page, "Asked meanwhile?")).to_be_visible()
        eve.robot.ask(text="Asked later?", expiresInSeconds=1800)
        expect(page.get_by_role("button", name="1 new")).to_be_visible()


def test_an_answer_given_while_the_server_is_away_is_kept(
    page: Page, eve: Someone, frail: House
) -> None:
    asked = eve.robot.ask("text-input", {}, text="Why?")
    page.goto("/inbox/")
    waits_for(page, "Why?")
    with unreloaded(page):
        frail.server.kill()
        card(page).get_by_label("Your response").fill("Because.")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("status").filter(has_text="Not sent")).to_be_visible()
        expect(card(page).get_by_label("Your response")).to_have_value("Because.")
        frail.server.start()
        page.keyboard.press("Control+Enter")
        expect(detail(page)).to_contain_text("Nothing waits for you")
    response = eve.robot.wait(asked["id"])["message"]["review"]["response"]
    assert response == {"text": "Because."}


def test_a_message_not_sent_can_be_resent_and_is_said_once(
    page: Page, eve: Someone, frail: House
) -> None:
    page.goto(f"/chats/{eve.robot.agent_id}/")
    talk = page.get_by_role("log", name="Messages")
    with unreloaded(page):
        frail.server.kill()
        page.get_by_role("textbox", name="Write to").fill("Are you there?")
        page.keyboard.press("Enter")
        expect(talk).to_contain_text("Not sent")
        talk.get_by_role("button", name="Resend").click()
        expect(talk.get_by_role("button", name="Resend")).to_be_visible()
        frail.server.start()
        talk.get_by_role("button", name="Resend").click()
        expect(talk).not_to_contain_text("Not sent")
        expect(talk.get_by_role("article")).to_have_count(1)
    said = eve.robot.get("/api/v1/messages").json()["data"]
    assert [message["text"] for message in said] == ["Are you there?"]


def test_a_message_not_sent_survives_a_reload(page: Page, eve: Someone) -> None:
    page.route("**/write/", lambda route: route.abort("connectionrefused"))
    page.goto(f"/chats/{eve.robot.agent_id}/")
    talk = page.get_by_role("log", name="Messages")
    page.get_by_role("textbox", name="Write to").fill("Do not forget me")
    page.keyboard.press("Enter")
    expect(talk).to_contain_text("Not sent")
    page.unroute("**/write/")
    page.reload()
    # It is sent as soon as the page is back, under the same clientId.
    expect(talk.get_by_text("Do not forget me")).to_be_visible()
    until(lambda: len(eve.robot.get("/api/v1/messages").json()["data"]) == 1)
    expect(talk).not_to_contain_text("Not sent")


def test_an_agent_that_falls_silent_goes_offline_live(page: Page, eve: Someone) -> None:
    robot = eve.robot
    page.goto(f"/chats/{robot.agent_id}/")
    rail = page.get_by_role("navigation", name="Main", exact=True)
    mine = rail.get_by_role("link", name="Deploy pilot")
    expect(mine).not_to_contain_text("offline")
    with unreloaded(page):
        ping = {"agentId": robot.agent_id, "status": "busy", "message": "compiling"}
        assert robot.post("/api/v1/status/ping", ping).status_code == 201
        expect(mine).to_contain_text("busy")
        expect(detail(page)).to_contain_text("compiling")
        expect(mine).to_contain_text("offline")
    page.goto("/status/")
    expect(page.get_by_role("main")).to_contain_text(re.compile("offline", re.IGNORECASE))
    with unreloaded(page):
        robot.post("/api/v1/status/ping", {"agentId": robot.agent_id, "status": "active"})
        expect(page.get_by_role("main")).to_contain_text(re.compile("active", re.IGNORECASE))


def test_a_computer_that_slept_catches_up(page: Page, eve: Someone) -> None:
    page.goto("/inbox/")
    page.wait_for_load_state("networkidle")
    with unreloaded(page):
        page.context.set_offline(True)
        expect(page.get_by_text("Reconnecting…")).to_be_visible()
        eve.robot.ask(text="While you slept?")
        page.context.set_offline(False)
        expect(rows(page).filter(has_text="While you slept?")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("Reconnecting…")).to_be_hidden()

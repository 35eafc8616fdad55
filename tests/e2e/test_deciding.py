"""Deciding: what comes next, who was first, what runs out, and what is never lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.glance import card, detail, row, rows, selected, unreloaded, waits_for
from tests.e2e.stage import PHONE, House, Someone, Watch
from tests.processes import AgentClient

Window = Callable[..., Page]
COMMENTED = {
    "options": [
        {"id": "yes", "label": "Ship it", "style": "primary"},
        {"id": "no", "label": "Stop", "style": "danger"},
    ],
    "allowComment": True,
}
SECRET = {
    "fields": [
        {"name": "reason", "type": "textarea", "label": "Reason"},
        {"name": "urgent", "type": "checkbox", "label": "Urgent"},
        {"name": "token", "type": "password", "label": "Token"},
    ]
}


def state(robot: AgentClient, asked: Any) -> str:
    return str(robot.get(f"/api/v1/reviews/{asked['id']}").json()["review"]["status"])


@pytest.fixture
def three(robot: AgentClient) -> list[Any]:
    """In the order of the inbox: most urgent first."""
    return [
        robot.ask(text=f"Question {n}?", expiresInSeconds=3600 * n, payload=COMMENTED)
        for n in (1, 2, 3)
    ]


def test_after_a_decision_the_next_open_item_is_there(
    page: Page, robot: AgentClient, three: list[Any]
) -> None:
    page.goto("/inbox/")
    with unreloaded(page):
        waits_for(page, "Question 1?")
        page.keyboard.press("a")
        waits_for(page, "Question 2?")
        expect(selected(page)).to_contain_text("Question 2?")
        expect(row(page, "Question 1?")).to_contain_text("Ship it")
        expect(page.get_by_role("status").filter(has_text="Sent: Ship it")).to_be_visible()
        page.wait_for_timeout(400)
        page.keyboard.press("r")
        waits_for(page, "Question 3?")
    assert [state(robot, asked) for asked in three] == ["completed", "completed", "pending"]


def test_a_held_key_decides_once(page: Page, robot: AgentClient, three: list[Any]) -> None:
    page.goto("/inbox/")
    waits_for(page, "Question 1?")
    for _ in range(25):
        # Without an up in between, every further one says that it is a repetition.
        page.keyboard.down("a")
        page.wait_for_timeout(40)
    page.keyboard.up("a")
    waits_for(page, "Question 2?")
    assert [state(robot, asked) for asked in three] == ["completed", "pending", "pending"]


def test_a_doubled_key_decides_once(page: Page, robot: AgentClient, three: list[Any]) -> None:
    page.goto("/inbox/")
    waits_for(page, "Question 1?")
    for _ in range(3):
        page.keyboard.press("a")
    waits_for(page, "Question 2?")
    assert [state(robot, asked) for asked in three] == ["completed", "pending", "pending"]


def test_a_doubled_click_decides_once(page: Page, robot: AgentClient, three: list[Any]) -> None:
    page.goto("/inbox/")
    waits_for(page, "Question 1?")
    card(page).get_by_role("button", name="Ship it").dblclick()
    waits_for(page, "Question 2?")
    assert [state(robot, asked) for asked in three] == ["completed", "pending", "pending"]


def test_deciding_keys_are_letters_in_a_text_field(
    page: Page, robot: AgentClient, three: list[Any]
) -> None:
    page.goto("/inbox/")
    waits_for(page, "Question 1?")
    page.keyboard.press("c")
    page.keyboard.type("arjk123/?.gi")
    expect(card(page).get_by_label("Comment")).to_have_value("arjk123/?.gi")
    page.keyboard.press("Escape")
    expect(card(page).get_by_label("Comment")).to_have_value("arjk123/?.gi")
    assert [state(robot, asked) for asked in three] == ["pending"] * 3


def test_comment_and_feedback_reach_the_agent(page: Page, robot: AgentClient) -> None:
    asked = robot.ask(payload=COMMENTED)
    waiting = robot.park(asked["id"])
    page.goto(f"/inbox/{asked['id']}/")
    card(page).get_by_label("Comment").fill("Not on a Friday.\nNever.")
    card(page).get_by_text("Add feedback").click()
    card(page).get_by_label("Feedback for").fill("Ask before noon.\nOr call.")
    card(page).get_by_role("button", name="Stop").click()
    review = waiting.result(20)[0].json()["message"]["review"]
    assert review["response"] == {"selectedOption": "no", "comment": "Not on a Friday.\nNever."}
    assert review["feedback"] == "Ask before noon.\nOr call."
    page.goto(f"/inbox/{asked['id']}/")
    for words in ("Stop", "Not on a Friday.", "Ask before noon.", "Ada"):
        expect(card(page)).to_contain_text(words)


def test_a_refused_response_keeps_what_was_typed_and_says_why(
    page: Page, robot: AgentClient, watch: Watch
) -> None:
    watch.expect("status of 400")
    asked = robot.ask("freeform", {})
    page.goto(f"/inbox/{asked['id']}/")
    page.get_by_label("Response", exact=False).last.fill('{"half": ')
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Not sent yet")
    field = card(page).get_by_role("textbox", name=re.compile("Response"))
    expect(field).to_be_focused()
    expect(field).to_have_value('{"half": ')
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill('{"half": 1}')
    page.keyboard.press("Control+Enter")
    expect(detail(page)).to_contain_text("Nothing waits for you")


def colleague(house: House, of: Someone, name: str) -> Someone:
    """Somebody else who may decide for the same agent."""
    person = house.invite(name)
    ids = {known["email"]: known["id"] for known in house.owner.get("/api/users").json()}
    path = f"/settings/agents/{of.robot.agent_id}/reviewers/"
    answer = of.human.request("POST", path, data={"reviewers": ids[person.email]})
    assert answer.ok, answer.text
    return person


def test_two_people_one_answer(house: House, window: Window, ada: Someone) -> None:
    """The second sees who decided and when, at once, and can still copy what was being written."""
    bob = colleague(house, ada, "Bob")
    asked = ada.robot.ask(payload=COMMENTED)
    slow, quick = window(bob), window(ada)
    slow.goto(f"/inbox/{asked['id']}/")
    with unreloaded(slow):
        card(slow).get_by_label("Comment").fill("I was about to say no")
        quick.goto("/inbox/")
        waits_for(quick, "Deploy v2.1")
        quick.keyboard.press("a")
        expect(card(slow)).to_have_attribute("data-state", "completed")
        expect(card(slow)).to_contain_text("Ship it")
        expect(card(slow)).to_contain_text("Ada")
        expect(card(slow).get_by_role("time").or_(card(slow).locator("time"))).to_have_count(1)
        expect(card(slow)).to_contain_text("Your draft was not sent")
        expect(card(slow)).to_contain_text("I was about to say no")
        card(slow).get_by_role("button", name="Discard the draft").click()
        expect(card(slow)).not_to_contain_text("I was about to say no")


def test_the_loser_of_a_race_keeps_the_draft(
    house: House, window: Window, ada: Someone, watches: list[Watch]
) -> None:
    """The news had not arrived yet when the second pressed the button."""
    bob = colleague(house, ada, "Bob")
    asked = ada.robot.ask(payload=COMMENTED)
    page = window(bob)
    watches[0].expect("status of 403")
    page.route_web_socket("**/ws/inbox/", lambda socket: None)
    page.goto(f"/inbox/{asked['id']}/")
    card(page).get_by_label("Comment").fill("I say no")
    assert ada.human.respond(asked["id"], {"selectedOption": "yes"}).status_code == 201
    card(page).get_by_role("button", name="Stop").click()
    expect(card(page).get_by_role("alert")).to_contain_text("Ada was faster")
    spoken = page.locator("#live")
    expect(spoken).to_contain_text("Ada was faster")
    expect(spoken).not_to_contain_text("..")
    expect(card(page)).to_contain_text("I say no")
    assert ada.robot.wait(asked["id"])["message"]["review"]["response"] == {"selectedOption": "yes"}


def test_expiry_greys_the_card_live(page: Page, robot: AgentClient) -> None:
    asked = robot.ask(text="Quick now?", expiresInSeconds=4, payload=COMMENTED)
    page.goto("/inbox/")
    with unreloaded(page):
        waits_for(page, "Quick now?")
        card(page).get_by_label("Comment").fill("Half a thought")
        expect(card(page)).to_have_attribute("data-state", "expired")
        expect(card(page)).to_contain_text("Expired")
        expect(card(page)).to_contain_text("Half a thought")
        expect(card(page).get_by_role("button", name="Ship it")).to_have_count(0)
        expect(row(page, "Quick now?")).to_contain_text("Expired")
        page.keyboard.press("Escape")
        page.keyboard.press("a")
    assert state(robot, asked) == "expired"


def test_a_question_taken_back_says_so_live(page: Page, robot: AgentClient) -> None:
    asked = robot.ask(text="Deploy now?")
    page.goto("/inbox/")
    with unreloaded(page):
        waits_for(page, "Deploy now?")
        assert robot.post(f"/api/v1/reviews/{asked['id']}/cancel").ok
        expect(card(page)).to_contain_text("Taken back")


def test_drafts_survive_a_reload_but_secrets_are_not_kept(page: Page, robot: AgentClient) -> None:
    asked = robot.ask("form", SECRET)
    page.goto(f"/inbox/{asked['id']}/")
    card(page).get_by_label("Reason").fill("Because of the outage")
    card(page).get_by_label("Urgent").check()
    card(page).get_by_label("Token").fill("hunter2-hunter2")
    card(page).get_by_text("Add feedback").click()
    card(page).get_by_label("Feedback for").fill("Next time earlier")
    page.reload()
    expect(card(page).get_by_label("Reason")).to_have_value("Because of the outage")
    expect(card(page).get_by_label("Urgent")).to_be_checked()
    expect(card(page).get_by_label("Feedback for")).to_be_visible()
    expect(card(page).get_by_label("Feedback for")).to_have_value("Next time earlier")
    expect(card(page).get_by_label("Token")).to_have_value("")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Because of the outage" in kept
    assert "hunter2" not in kept
    # What was sent needs no keeping.
    card(page).get_by_label("Token").fill("hunter2-hunter2")
    page.keyboard.press("Control+Enter")
    expect(detail(page)).to_contain_text("Nothing waits for you")
    assert "Because of the outage" not in page.evaluate("JSON.stringify({...localStorage})")


def test_moving_on_and_back_keeps_what_was_typed(page: Page, three: list[Any]) -> None:
    page.goto("/inbox/")
    waits_for(page, "Question 1?")
    card(page).get_by_label("Comment").fill("To be continued")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    waits_for(page, "Question 2?")
    expect(card(page).get_by_label("Comment")).to_have_value("")
    page.keyboard.press("k")
    waits_for(page, "Question 1?")
    expect(card(page).get_by_label("Comment")).to_have_value("To be continued")
    expect(rows(page)).to_have_count(3)


def bottom(of: Locator) -> float:
    box = of.bounding_box()
    assert box
    return box["y"] + box["height"]


def top(of: Locator) -> float:
    box = of.bounding_box()
    assert box
    return box["y"]


def test_what_comes_next_stands_in_the_list_and_is_selected(page: Page, robot: AgentClient) -> None:
    """It was only announced when the one before it was decided."""
    robot.ask(text="Was here first?", expiresInSeconds=50, payload=COMMENTED)
    page.goto("/inbox/")
    with unreloaded(page):
        waits_for(page, "Was here first?")
        robot.ask(text="Came later?", payload=COMMENTED)
        robot.ask(text="Came last?", payload=COMMENTED, expiresInSeconds=7000)
        pill = page.get_by_role("button", name="2 new")
        pill.wait_for()
        assert bottom(pill) <= top(selected(page))
        page.keyboard.press("a")
        waits_for(page, "Came last?")
        expect(selected(page)).to_contain_text("Came last?")
        expect(row(page, "Came later?")).to_be_visible()
        expect(page.get_by_role("button", name="new", exact=False)).to_have_count(0)


PATIENCE_MS = 10_000


class Held:
    """A response on its way: it arrives when the test says so.

    Made before the page is opened: a page that is already there may send its next request past a new route.
    """

    def __init__(self, page: Page) -> None:
        self.routes: list[Route] = []
        page.route("**/respond/", lambda route: self.routes.append(route))

    def arrives(self, page: Page) -> None:
        for _ in range(PATIENCE_MS // 20):
            if self.routes:
                break
            page.wait_for_timeout(20)
        assert self.routes, "No response was sent."
        with page.expect_response("**/respond/"):
            self.routes.pop().continue_()


def test_who_has_gone_on_meanwhile_is_not_fetched_back(page: Page, three: list[Any]) -> None:
    held = Held(page)
    page.goto("/inbox/")
    waits_for(page, "Question 1?")
    page.keyboard.press("a")
    page.keyboard.press("j")
    page.keyboard.press("j")
    waits_for(page, "Question 3?")
    held.arrives(page)
    expect(row(page, "Question 1?")).to_contain_text("Ship it")
    expect(page.get_by_role("status").filter(has_text="Sent: Ship it")).to_be_visible()
    expect(selected(page)).to_contain_text("Question 3?")
    waits_for(page, "Question 3?")


def test_a_loser_who_has_gone_on_reads_who_was_faster(
    page: Page, ada: Someone, three: list[Any], watch: Watch
) -> None:
    watch.expect("status of 403")
    page.route_web_socket("**/ws/inbox/", lambda socket: None)
    held = Held(page)
    page.goto("/inbox/")
    waits_for(page, "Question 1?")
    card(page).get_by_label("Comment").fill("Not yet")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("j")
    waits_for(page, "Question 2?")
    assert ada.human.respond(three[0]["id"], {"selectedOption": "yes"}).status_code == 201
    held.arrives(page)
    told = page.locator("#toasts")
    expect(told).to_contain_text("Ada was faster: your response was not sent")
    waits_for(page, "Question 2?")
    told.get_by_role("link", name="View").click()
    expect(detail(page)).to_contain_text("Your draft was not sent")
    expect(detail(page)).to_contain_text("Not yet")


def test_what_was_sent_is_told_on_a_phone_beside_what_is_read_and_decided(
    window: Window, ada: Someone
) -> None:
    label = "An option with a label that is rather long for a phone"
    options = {"options": [{"id": "x", "label": label, "style": "primary"}]}
    first = ada.robot.ask(text="First?", payload=options, expiresInSeconds=50)
    ada.robot.ask(text="Second?", payload=options)
    page = window(ada, viewport=PHONE)
    page.goto(f"/inbox/{first['id']}/")
    card(page).get_by_role("button", name=label).click()
    waits_for(page, "Second?")
    told = page.locator("#toasts .toast")
    box = told.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert bottom(card(page).get_by_role("button", name=label)) <= box["y"]
    expect(told.get_by_role("link", name="View")).to_be_in_viewport(ratio=1)

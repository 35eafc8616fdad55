"""A conversation: written by both, counted until read, remembered to its beginning."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.glance import rail_count, unreloaded
from tests.e2e.stage import House, Someone, Watch
from tests.processes import AgentClient, until

Window = Callable[..., Page]


def talk(page: Page) -> Any:
    return page.get_by_role("log", name="Messages")


def texts(robot: AgentClient) -> list[tuple[str, str]]:
    page = robot.get("/api/v1/messages").json()["data"]
    return [(message["senderType"], message["text"]) for message in page]


def test_a_human_writes_and_the_agent_reads(page: Page, robot: AgentClient) -> None:
    robot.say("Hello **there**")
    page.goto(f"/chats/{robot.agent_id}/")
    with unreloaded(page):
        expect(talk(page).locator("strong", has_text="there")).to_be_visible()
        field = page.get_by_role("textbox", name="Write to Deploy pilot")
        field.click()
        page.keyboard.type("First line")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("*second* line")
        page.keyboard.press("Enter")
        expect(talk(page).locator("em", has_text="second")).to_be_visible()
        expect(field).to_have_value("")
        until(lambda: ("user", "First line\n*second* line") in texts(robot))
        robot.say("And `back`")
        expect(talk(page).locator("code", has_text="back")).to_be_visible()
        expect(talk(page).get_by_role("article")).to_have_count(3)


def test_both_windows_of_a_person_show_the_same(window: Window, ada: Someone) -> None:
    here, there = window(ada), window(ada)
    for page in (here, there):
        page.goto(f"/chats/{ada.robot.agent_id}/")
    here.get_by_role("textbox", name="Write to").fill("Seen everywhere")
    here.keyboard.press("Enter")
    for page in (here, there):
        expect(talk(page).get_by_text("Seen everywhere")).to_be_visible()
        expect(talk(page).get_by_role("article")).to_have_count(1)


def test_a_question_in_the_conversation_is_decided_there(page: Page, robot: AgentClient) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    with unreloaded(page):
        asked = robot.ask(text="Deploy now?")
        waiting = robot.park(asked["id"])
        bar = page.get_by_role("navigation", name="Waiting for you")
        expect(bar).to_contain_text("Deploy now?")
        talk(page).get_by_role("button", name="Approve").click()
        expect(talk(page).locator("[data-state=completed]")).to_contain_text("Approve")
        expect(bar).to_have_count(0)
    body = waiting.result(20)[0].json()
    assert body["message"]["review"]["response"] == {"selectedOption": "approve"}


def test_unread_counts_rise_and_fall_live(page: Page, ada: Someone) -> None:
    pilot, reader = ada.robot, ada.add_robot("Invoice reader")
    page.goto("/inbox/")
    with unreloaded(page):
        for n in range(3):
            reader.say(f"Note {n}")
        expect(rail_count(page, "Chats")).to_have_text(re.compile(r"Chats\s*3"))
    page.goto(f"/chats/{pilot.agent_id}/")
    line = page.get_by_role("region", name="Conversations").get_by_role(
        "link", name="Invoice reader"
    )
    with unreloaded(page):
        expect(line).to_contain_text("3 unread")
        reader.say("Note 3")
        expect(line).to_contain_text("4 unread")
        expect(line).to_contain_text("Note 3")
    line.click()
    # Seen to its end: read, everywhere.
    expect(rail_count(page, "Chats")).to_have_text(re.compile(r"Chats\s*$"))
    page.goto("/chats/")
    expect(line).not_to_contain_text("unread")


def test_older_messages_come_on_scroll_and_nothing_jumps(page: Page, robot: AgentClient) -> None:
    for n in range(130):
        robot.say(f"Message number {n}")
    page.goto(f"/chats/{robot.agent_id}/")
    expect(talk(page).get_by_text("Message number 129", exact=True)).to_be_in_viewport()
    shown = talk(page).get_by_role("article")
    before = shown.count()
    assert before < 130
    first = shown.first.get_attribute("data-id")
    top = f"document.querySelector('[data-id=\"{first}\"]').getBoundingClientRect().top"
    page.get_by_role("link", name="Earlier messages").scroll_into_view_if_needed()
    page.wait_for_function(
        f"() => document.querySelectorAll('[role=log] article').length > {before}"
    )
    place = page.evaluate(top)
    assert 0 <= place <= 900, f"What was at the top of the eye is at {place} px now."
    for _ in range(8):
        page.mouse.move(1000, 400)
        page.mouse.wheel(0, -20_000)
        page.wait_for_timeout(150)
    expect(talk(page).get_by_text("Message number 0", exact=True)).to_be_visible()
    expect(shown).to_have_count(130)
    ids = page.evaluate(
        "[...document.querySelectorAll('[role=log] article')].map(m => m.dataset.id)"
    )
    assert ids == sorted(ids)
    assert len(set(ids)) == 130


def test_one_who_reads_the_past_is_not_pulled_to_the_end(
    page: Page, ada: Someone, robot: AgentClient
) -> None:
    for n in range(40):
        robot.say(f"Message number {n}\n\nwith a second paragraph")
    assert ada.human.post(f"/api/agents/{robot.agent_id}/read", {}).ok
    page.goto(f"/chats/{robot.agent_id}/")
    expect(talk(page).get_by_text("Message number 39", exact=True)).to_be_in_viewport()
    talk(page).get_by_text("Message number 5", exact=True).scroll_into_view_if_needed()
    place = "document.getElementById('talk').scrollTop"
    was = page.evaluate(place)
    robot.say("Something new")
    pill = page.get_by_role("button", name="New messages")
    pill.wait_for()
    place_of_pill, composer = pill.bounding_box(), page.locator(".composer").bounding_box()
    assert place_of_pill
    assert composer
    assert place_of_pill["y"] + place_of_pill["height"] <= composer["y"]
    assert abs(page.evaluate(place) - was) < 2
    page.get_by_role("button", name="New messages").click()
    expect(talk(page).get_by_text("Something new")).to_be_in_viewport()


def test_the_composer_keeps_its_draft(page: Page, ada: Someone) -> None:
    reader = ada.add_robot("Invoice reader")
    page.goto(f"/chats/{ada.robot.agent_id}/")
    field = page.get_by_role("textbox", name="Write to")
    field.fill("Half a sentence")
    page.goto(f"/chats/{reader.agent_id}/")
    expect(field).to_have_value("")
    page.goto(f"/chats/{ada.robot.agent_id}/")
    expect(field).to_have_value("Half a sentence")


def test_a_link_from_the_inbox_leads_to_the_place_in_the_conversation(
    page: Page, robot: AgentClient
) -> None:
    asked = robot.ask(text="The old question?")
    for n in range(70):
        robot.say(f"Message number {n}")
    page.goto(f"/inbox/{asked['id']}/")
    page.get_by_role("link", name="Open chat").click()
    expect(talk(page).get_by_text("The old question?")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Latest messages")).to_be_visible()
    page.get_by_role("link", name="Newer messages").click()
    expect(talk(page).get_by_text("Message number 69", exact=True)).to_be_in_viewport()


def become(page: Page, someone: Someone) -> None:
    """Another person at the same browser: what it stored is still there."""
    page.context.clear_cookies()
    cookies = someone.human.session.cookies
    page.context.add_cookies(
        [{"name": c.name, "value": c.value or "", "url": someone.human.url} for c in cookies]
    )


@pytest.mark.parametrize("leaves", ["signs out", "is signed out"])
def test_what_one_wrote_is_never_sent_by_the_next_at_the_same_browser(
    window: Window, house: House, watches: list[Watch], leaves: str
) -> None:
    eve = house.invite("Eve", robot="Deploy pilot")
    page, chat = window(eve), f"/chats/{eve.robot.agent_id}/"
    watches[0].expect("ERR_FAILED", "Failed to fetch", "status of 401", "uncaught signed out")
    page.route("**/write/", lambda route: route.abort())
    page.goto(chat)
    field = page.get_by_role("textbox", name="Write to")
    field.fill("Eve's own words")
    page.keyboard.press("Enter")
    expect(talk(page)).to_contain_text("Not sent")
    field.fill("Eve's unfinished words")
    kept = "Object.entries({...localStorage}).flat().join()"
    assert "Eve's own words" in page.evaluate(kept)
    if leaves == "signs out":
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/login/**")
        assert "Eve's" not in page.evaluate(kept)
    page.unroute("**/write/")
    become(page, Someone("Olga", house.owner))
    page.goto(chat)
    field.fill("I am Olga")
    page.keyboard.press("Enter")
    until(lambda: texts(eve.robot) == [("user", "I am Olga")])
    expect(talk(page).get_by_role("article")).to_have_count(1)


def test_without_an_open_conversation_the_keys_walk_the_list(page: Page, ada: Someone) -> None:
    ada.robot.say("First")
    ada.add_robot("Invoice reader").say("Second")
    page.goto("/chats/")
    lines = page.get_by_role("region", name="Conversations").get_by_role("link")
    expect(lines).to_have_count(2)
    page.keyboard.press("j")
    expect(lines.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(lines.nth(1)).to_be_focused()
    page.keyboard.press("j")
    expect(lines.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/chats/{ada.robots[1].agent_id}/")

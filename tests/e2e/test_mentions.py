"""The composer offers whom a message can call, by keyboard, by mouse and by finger, and is in nobody's way."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.stage import PHONE, House, Someone
from tests.processes import AgentClient, until

Window = Callable[..., Page]


@pytest.fixture
def guests(house: House, ada: Someone) -> list[AgentClient]:
    """Two who were let in, and one who was not."""
    named = [ada.add_robot(name) for name in ("Build doctor", "Build", "Release notes", "Stranger")]
    for guest in named:
        assert guest.patch(f"/api/v1/agents/{guest.agent_id}", {"takesRuns": True}).ok
    house.admit(ada.robot, *named[:3])
    return named


@pytest.fixture
def here(page: Page, robot: AgentClient, guests: list[AgentClient]) -> Page:
    page.goto(f"/chats/{robot.agent_id}/")
    field(page).click()
    return page


def field(page: Page) -> Locator:
    return page.locator("[data-composer] textarea")


def offer(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Agents to mention")


def offered(page: Page) -> Locator:
    return offer(page).get_by_role("option")


def names(page: Page) -> Locator:
    return offered(page).locator("strong")


def chosen(page: Page) -> Locator:
    return offer(page).get_by_role("option", selected=True).locator("strong")


def said(robot: AgentClient) -> list[str]:
    found = robot.get("/api/v1/messages").json()["data"]
    return [message["text"] for message in found if message["senderType"] == "user"]


def prompted(guest: AgentClient) -> Any:
    return guest.get("/api/v1/runs", channel=guest.agent_id).json()["data"]


def test_a_call_by_keyboard_reaches_the_agent(
    here: Page, robot: AgentClient, guests: list[AgentClient]
) -> None:
    expect(offer(here)).to_be_hidden()
    here.keyboard.type("Please @")
    expect(names(here)).to_have_text(["Build", "Build doctor", "Release notes"])
    box = here.get_by_role("combobox", name="Write to Deploy pilot")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).to_have_attribute("aria-controls", "mentions")
    active = f"mention-{guests[1].agent_id}"
    expect(box).to_have_attribute("aria-activedescendant", active)
    here.keyboard.press("ArrowDown")
    expect(chosen(here)).to_have_text("Build doctor")
    here.keyboard.press("ArrowDown")
    here.keyboard.press("ArrowDown")
    expect(chosen(here)).to_have_text("Build")
    here.keyboard.press("ArrowUp")
    expect(chosen(here)).to_have_text("Release notes")
    here.keyboard.type("doc")
    expect(names(here)).to_have_text(["Build doctor"])
    here.keyboard.press("Enter")
    expect(field(here)).to_have_value("Please @Build doctor ")
    expect(offer(here)).to_be_hidden()
    expect(here.get_by_role("textbox", name="Write to Deploy pilot")).to_be_focused()
    here.keyboard.type("look")
    here.keyboard.press("Enter")
    expect(field(here)).to_have_value("")
    assert [run["trigger"] for run in until(lambda: prompted(guests[0]))] == ["mention"]
    assert said(robot) == ["Please @Build doctor look"]
    assert prompted(guests[1]) == []


def test_tab_takes_and_esc_puts_away(here: Page, robot: AgentClient) -> None:
    here.keyboard.type("@rel")
    expect(chosen(here)).to_have_text("Release notes")
    here.keyboard.press("Tab")
    expect(field(here)).to_have_value("@Release notes ")
    expect(field(here)).to_be_focused()
    here.keyboard.type("@b")
    expect(offered(here)).to_have_count(2)
    here.keyboard.press("Escape")
    expect(offer(here)).to_be_hidden()
    expect(field(here)).to_be_focused()
    here.keyboard.type("u")
    expect(offer(here)).to_be_hidden()
    # What was put away is no longer in the way of sending; a new message begins anew.
    here.keyboard.press("Enter")
    expect(field(here)).to_have_value("")
    assert until(lambda: said(robot)) == ["@Release notes @bu"]
    here.keyboard.type("@")
    expect(offered(here)).to_have_count(3)


def test_the_shorter_of_two_names_stays_as_it_was_taken(here: Page, robot: AgentClient) -> None:
    here.keyboard.type("@bu")
    expect(chosen(here)).to_have_text("Build")
    here.keyboard.press("Enter")
    expect(field(here)).to_have_value("@Build ")
    expect(offer(here)).to_be_hidden()
    here.keyboard.press("Enter")
    assert until(lambda: said(robot)) == ["@Build"]


def test_it_is_not_in_the_way(here: Page, robot: AgentClient) -> None:
    """Addresses, other names, what is written out, a new line, and the keys that send at once."""
    for text in ("me@build", "@@build", "see you @ 5", "@nobody", "@build doctor"):
        field(here).fill("")
        here.keyboard.type(text)
        expect(offer(here)).to_be_hidden()
    here.keyboard.press("Enter")
    assert until(lambda: said(robot)) == ["@build doctor"]
    here.keyboard.type("@b")
    expect(offered(here)).to_have_count(2)
    here.keyboard.press("Shift+Enter")
    expect(field(here)).to_have_value("@b\n")
    expect(offer(here)).to_be_hidden()
    here.keyboard.type("@b")
    expect(offered(here)).to_have_count(2)
    here.keyboard.press("Control+Enter")
    expect(field(here)).to_have_value("")
    expect(offer(here)).to_be_hidden()
    assert until(lambda: said(robot)[:1] == ["@b\n@b"])


def test_what_was_taken_is_kept_as_a_draft_and_can_be_undone(here: Page) -> None:
    here.keyboard.type("@rel")
    expect(offered(here)).to_have_count(1)
    here.keyboard.press("Enter")
    expect(field(here)).to_have_value("@Release notes ")
    here.reload()
    expect(field(here)).to_have_value("@Release notes ")
    expect(offer(here)).to_be_hidden()
    field(here).click()
    field(here).fill("")
    here.keyboard.type("@rel")
    expect(offered(here)).to_have_count(1)
    here.keyboard.press("Enter")
    here.keyboard.press("Control+z")
    expect(field(here)).to_have_value("@rel")


def test_nothing_happens_while_an_input_method_composes(here: Page) -> None:
    ime = here.context.new_cdp_session(here)
    here.keyboard.type("@")
    expect(offered(here)).to_have_count(3)
    ime.send("Input.imeSetComposition", {"text": "rel", "selectionStart": 3, "selectionEnd": 3})
    expect(offered(here)).to_have_count(3)
    # The keys of the input method are its own: 229 says so.
    for key in ("Enter", "ArrowDown", "Escape"):
        field(here).dispatch_event("keydown", {"key": key, "isComposing": True, "bubbles": True})
    expect(chosen(here)).to_have_text("Build")
    ime.send("Input.insertText", {"text": "rel"})
    expect(names(here)).to_have_text(["Release notes"])


def test_leaving_the_call_or_the_field_closes_it(here: Page) -> None:
    here.keyboard.type("hi @bu")
    expect(offered(here)).to_have_count(2)
    here.keyboard.press("Home")
    expect(offer(here)).to_be_hidden()
    here.keyboard.press("End")
    here.keyboard.type("i")
    expect(offered(here)).to_have_count(2)
    here.get_by_role("button", name="Send").focus()
    expect(offer(here)).to_be_hidden()


def test_by_mouse(here: Page) -> None:
    here.keyboard.type("@")
    offered(here).filter(has_text="Release notes").click()
    expect(field(here)).to_have_value("@Release notes ")
    expect(field(here)).to_be_focused()


def test_on_a_phone_by_finger(
    window: Window, ada: Someone, robot: AgentClient, guests: list[AgentClient]
) -> None:
    page = window(ada, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(f"/chats/{robot.agent_id}/")
    field(page).tap()
    page.keyboard.type("@doc")
    expect(names(page)).to_have_text(["Build doctor"])
    box = offered(page).bounding_box()
    assert box
    assert box["height"] >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    offered(page).tap()
    expect(field(page)).to_have_value("@Build doctor ")
    expect(field(page)).to_be_focused()

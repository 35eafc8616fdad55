"""Getting around: search, filters, links, keys, the palette."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.glance import card, detail, row, rows, selected, unreloaded, waits_for
from tests.e2e.stage import PHONE, House, Someone, Watch

Window = Callable[..., Page]


@pytest.fixture
def busy(ada: Someone) -> dict[str, Any]:
    """Two agents, five questions: four open, one done."""
    pilot, reader = ada.robot, ada.add_robot("Invoice reader")
    items = {"items": [{"id": "a", "label": "Team"}]}
    asked = {
        "deploy": pilot.ask(text="Deploy the zebra release?", expiresInSeconds=600),
        "plan": pilot.ask("selection", items, text="Which plan?", expiresInSeconds=1200),
        "pay": reader.ask(text="Pay the invoice of Zebra Ltd?", expiresInSeconds=1800),
        "note": reader.ask("text-input", {}, text="What is this about?", expiresInSeconds=2400),
        "done": reader.ask(text="Already decided?"),
    }
    answer = ada.human.respond(asked["done"]["id"], {"selectedOption": "reject"})
    assert answer.status_code == 201
    return asked


def test_search(page: Page, busy: dict[str, Any]) -> None:
    page.goto("/inbox/")
    expect(rows(page)).to_have_count(4)
    with unreloaded(page):
        page.keyboard.press("/")
        search = page.get_by_role("searchbox", name="Search reviews")
        expect(search).to_be_focused()
        page.keyboard.type("zebra")
        expect(rows(page)).to_have_count(2)
        expect(page).to_have_url(re.compile(r"q=zebra"))
        # By the name of the agent, too.
        search.fill("invoice reader")
        expect(rows(page)).to_have_count(2)
        search.fill("nothing like this")
        expect(page.get_by_text("No match")).to_be_visible()
        page.keyboard.press("Escape")
        expect(search).not_to_be_focused()


def test_filters_and_tabs(page: Page, busy: dict[str, Any]) -> None:
    page.goto("/inbox/")
    with unreloaded(page):
        page.get_by_role("combobox", name="Agent").select_option("Invoice reader")
        expect(rows(page)).to_have_count(2)
        page.get_by_role("combobox", name="Type").select_option("Approval")
        expect(rows(page)).to_have_count(1)
        expect(row(page, "Pay the invoice")).to_be_visible()
        page.get_by_role("combobox", name="Type").select_option("All types")
        tabs = page.get_by_role("navigation", name="Which reviews")
        tabs.get_by_role("link", name="Done").click()
        expect(rows(page)).to_have_count(1)
        expect(row(page, "Already decided?")).to_contain_text("Reject")
        tabs.get_by_role("link", name="All", exact=True).click()
        expect(tabs.get_by_role("link", name="All", exact=True)).to_have_attribute(
            "aria-current", "page"
        )
        # The agent was chosen for all tabs.
        expect(rows(page)).to_have_count(3)
    page.reload()
    expect(rows(page)).to_have_count(3)
    page.go_back()
    expect(rows(page)).to_have_count(1)


def test_links_to_one_review(page: Page, busy: dict[str, Any], watch: Watch) -> None:
    watch.expect("status of 404")
    page.goto(f"/inbox/{busy['pay']['id']}/")
    waits_for(page, "Pay the invoice of Zebra Ltd?")
    expect(selected(page)).to_contain_text("Pay the invoice")
    page.goto(f"/inbox/{busy['done']['id']}/")
    expect(card(page)).to_contain_text("Reject")
    page.goto("/inbox/00000000-0000-7000-8000-000000000000/")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    page.get_by_role("link", name="To the inbox").click()
    # The tab of one's choice travels in the address.
    page.goto(f"/inbox/{busy['done']['id']}/?status=completed")
    expect(rows(page)).to_have_count(1)


def test_moving_with_keys(page: Page, busy: dict[str, Any]) -> None:
    page.goto("/inbox/")
    waits_for(page, "Deploy the zebra release?")
    with unreloaded(page):
        page.keyboard.press("j")
        waits_for(page, "Which plan?")
        page.keyboard.press("ArrowDown")
        waits_for(page, "Pay the invoice")
        for _ in range(5):
            page.keyboard.press("j")
        waits_for(page, "What is this about?")
        page.keyboard.press("k")
        waits_for(page, "Pay the invoice")
        page.keyboard.press("ArrowUp")
        waits_for(page, "Which plan?")
        page.keyboard.press("Enter")
        expect(card(page)).to_be_focused()
        page.keyboard.press("Tab")
        expect(card(page).get_by_role("radio", name="Team")).to_be_focused()
        page.keyboard.press("u")
        expect(page.get_by_role("listbox", name="Reviews")).to_be_focused()
    page.keyboard.press("t")
    expect(page).to_have_url(re.compile("/chats/"))


@pytest.mark.parametrize(
    ("keys", "place"),
    [("gi", "/inbox/"), ("gc", "/chats/"), ("gs", "/status/"), ("g,", "/settings/")],
)
def test_going_places(page: Page, busy: dict[str, Any], keys: str, place: str) -> None:
    page.goto("/chats/" if place == "/inbox/" else "/inbox/")
    for key in keys:
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(re.escape(place)))


def test_the_palette_knows_everything_by_name(page: Page, busy: dict[str, Any]) -> None:
    page.goto("/inbox/")
    waits_for(page, "Deploy the zebra release?")
    palette = page.get_by_role("dialog", name="Commands")
    page.keyboard.press("Control+k")
    expect(palette.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("invoice rea")
    expect(palette.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(detail(page)).to_have_attribute("aria-label", "Conversation with Invoice reader")
    page.goto("/inbox/")
    waits_for(page, "Deploy the zebra release?")
    # What the opened item offers is there as well, with its key.
    page.keyboard.press("Control+k")
    expect(palette.get_by_role("option", name="Approve")).to_be_visible()
    page.keyboard.type("reject")
    page.keyboard.press("Enter")
    waits_for(page, "Which plan?")
    page.keyboard.press("Control+k")
    page.keyboard.type("no such thing")
    expect(palette.get_by_text("Nothing by that name")).to_be_visible()
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    expect(detail(page)).to_contain_text("Which plan?")


def test_the_sheet_of_keys(page: Page, busy: dict[str, Any]) -> None:
    page.goto("/inbox/")
    waits_for(page, "Deploy the zebra release?")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    for action in ("Approve", "Comment", "Search", "Chats"):
        expect(sheet).to_contain_text(action)
    # A dialog is a place of its own: nothing is decided behind it.
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    waits_for(page, "Deploy the zebra release?")


def test_single_keys_can_be_switched_off(house: House, window: Window) -> None:
    dora = house.invite("Dora", robot="Deploy pilot")
    asked = dora.robot.ask()
    page = window(dora)
    page.goto("/settings/appearance/")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Single-key shortcuts")).not_to_be_checked()
    page.goto("/inbox/")
    waits_for(page, "Deploy v2.1")
    for key in ("a", "r", "1", "?", "/", "g", "c"):
        page.keyboard.press(key)
    waits_for(page, "Deploy v2.1")
    assert page.url.endswith("/inbox/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    # With a modifier they stay.
    page.keyboard.press("Control+k")
    page.keyboard.type("reject")
    page.keyboard.press("Enter")
    expect(detail(page)).to_contain_text("Nothing waits for you")
    response = dora.robot.wait(asked["id"])["message"]["review"]["response"]
    assert response == {"selectedOption": "reject"}


def test_arrows_work_on_without_single_keys(house: House, window: Window) -> None:
    """Nobody says an arrow by accident."""
    dora = house.invite("Dora", robot="Deploy pilot")
    assert dora.human.patch("/api/preferences", {"shortcuts": False}).ok
    for text in ("Deploy v2.1?", "And v2.2?"):
        dora.robot.ask(text=text)
    page = window(dora)
    page.goto("/inbox/")
    waits_for(page, "Deploy v2.1")
    page.keyboard.press("ArrowDown")
    waits_for(page, "And v2.2?")
    page.keyboard.press("k")
    page.keyboard.press("ArrowDown")
    waits_for(page, "And v2.2?")
    page.keyboard.press("ArrowUp")
    waits_for(page, "Deploy v2.1")
    page.keyboard.press("Enter")
    expect(card(page)).to_be_focused()


def test_on_a_phone_one_column_at_a_time(
    window: Window, ada: Someone, busy: dict[str, Any]
) -> None:
    page = window(ada, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto("/inbox/")
    expect(detail(page)).to_be_hidden()
    row(page, "Pay the invoice").tap()
    waits_for(page, "Pay the invoice")
    expect(rows(page).first).to_be_hidden()
    page.get_by_role("link", name="Back to the list").tap()
    expect(rows(page)).to_have_count(4)
    row(page, "Pay the invoice").tap()
    page.go_back()
    expect(rows(page).first).to_be_visible()
    row(page, "Deploy the zebra").tap()
    card(page).get_by_role("button", name="Approve").tap()
    waits_for(page, "Which plan?")

"""Every type of review, answered by mouse and by keyboard alone; the parked agent gets the JSON its contract promises."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.glance import card, detail, waits_for
from tests.processes import AgentClient

FIELDS: list[dict[str, Any]] = [
    {"name": "title", "type": "text", "label": "Title", "required": True},
    {"name": "count", "type": "number", "label": "Count", "min": 1, "max": 9, "required": True},
    {"name": "ratio", "type": "number", "label": "Ratio", "step": 0.25},
    {"name": "mail", "type": "email", "label": "Mail"},
    {"name": "link", "type": "url", "label": "Link"},
    {"name": "why", "type": "textarea", "label": "Why"},
    {
        "name": "region",
        "type": "select",
        "label": "Region",
        "required": True,
        "options": ["eu", {"value": "us", "label": "United States"}],
    },
    {"name": "sure", "type": "checkbox", "label": "I am sure"},
    {"name": "day", "type": "date", "label": "Day"},
    {"name": "hour", "type": "time", "label": "Hour"},
    {"name": "moment", "type": "datetime", "label": "Moment"},
    {"name": "share", "type": "range", "label": "Share", "min": 0, "max": 10, "step": 1},
    {"name": "token", "type": "password", "label": "Token"},
]
FILLED = {
    "title": "Release 2.1",
    "count": 3,
    "ratio": 0.75,
    "mail": "ada@example.org",
    "link": "https://example.org/x",
    "why": "Because.\nReally.",
    "region": "us",
    "sure": True,
    "day": "2026-05-05",
    "hour": "09:30",
    "moment": "2026-05-05T09:30",
    "share": 7,
    "token": "hunter2-hunter2",
}
ITEMS = [{"id": "a", "label": "Team"}, {"id": "b", "label": "Business", "description": "For many"}]
ITEMS += [{"id": "c", "label": "Enterprise"}]


def into_the_form(page: Page) -> None:
    """Enter opens the item, N leads to the first field that must be answered."""
    page.keyboard.press("Enter")
    page.keyboard.press("n")


def approve(page: Page, form: Locator) -> None:
    form.get_by_label("Comment").click()
    page.keyboard.type("Looks good")
    form.get_by_role("button", name="Ship it").click()


def approve_by_keys(page: Page) -> None:
    page.keyboard.press("c")
    page.keyboard.type("Looks good")
    page.keyboard.press("Escape")
    page.keyboard.press("a")


def choose_one(page: Page, form: Locator) -> None:
    form.get_by_role("radio", name="Team").click()
    form.get_by_role("radio", name="Business").click()
    form.get_by_role("button", name="Choose").click()


def choose_one_by_keys(page: Page) -> None:
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("Control+Enter")


def choose_some(page: Page, form: Locator) -> None:
    form.get_by_role("checkbox", name="Enterprise").click()
    form.get_by_role("checkbox", name="Team").click()
    form.get_by_role("button", name="Take these").click()


def choose_some_by_keys(page: Page) -> None:
    for key in ("1", "2", "3", "2", "Control+Enter"):
        page.keyboard.press(key)


def fill(page: Page, form: Locator) -> None:
    for label in (
        "Title",
        "Count",
        "Ratio",
        "Mail",
        "Link",
        "Why",
        "Day",
        "Hour",
        "Moment",
        "Token",
    ):
        name = next(field["name"] for field in FIELDS if field["label"] == label)
        form.get_by_label(label).fill(str(FILLED[name]))
    form.get_by_label("Region").select_option("United States")
    form.get_by_label("I am sure").check()
    form.get_by_label("Share").fill("7")
    form.get_by_role("button", name="Submit").click()


def fill_by_keys(page: Page) -> None:
    keys = page.keyboard
    into_the_form(page)
    for text in ("Release 2.1", "3", "0.75", "ada@example.org", "https://example.org/x"):
        keys.type(text)
        keys.press("Tab")
    keys.type("Because.")
    keys.press("Enter")
    keys.type("Really.")
    keys.press("Tab")
    keys.type("United")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    # Day and month alike: the order is the browser's own affair. "A" is a.m. where hours end at twelve.
    keys.type("05052026")
    _leave(page, "date")
    keys.type("0930A")
    _leave(page, "time")
    keys.type("05052026")
    keys.press("ArrowRight")
    keys.type("0930A")
    _leave(page, "datetime-local")
    for _ in range(2):
        keys.press("ArrowRight")
    keys.press("Tab")
    keys.type("hunter2-hunter2")
    keys.press("Control+Enter")


def _leave(page: Page, kind: str) -> None:
    """A date is several stops of the Tab key; how many is the browser's own affair too."""
    for _ in range(8):
        if page.evaluate("document.activeElement.type") != kind:
            return
        page.keyboard.press("Tab")


def write(page: Page, form: Locator) -> None:
    form.get_by_label("Your response").click()
    page.keyboard.type("Because it *failed*.")
    form.get_by_role("button", name="Reply").click()


def write_by_keys(page: Page) -> None:
    into_the_form(page)
    page.keyboard.type("Because it *failed*.")
    page.keyboard.press("Control+Enter")


def write_json(page: Page, form: Locator) -> None:
    form.get_by_label("Response").fill('{"ok": true, "n": 1.5, "tags": ["x"]}')
    form.get_by_role("button", name="Send").click()


def write_json_by_keys(page: Page) -> None:
    into_the_form(page)
    page.keyboard.type('{"ok": true, "n": 1.5, "tags": ["x"]}')
    page.keyboard.press("Control+Enter")


def say_neither(page: Page, form: Locator) -> None:
    form.get_by_label("In your own words").fill("Neither, thanks")
    form.get_by_role("button", name="Send").click()


def say_neither_by_keys(page: Page) -> None:
    page.keyboard.press("Enter")
    # No field must be answered, so N leads nowhere; Tab does.
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "text":
            break
    page.keyboard.type("Neither, thanks")
    page.keyboard.press("Control+Enter")


def visit(page: Page, form: Locator) -> None:
    link = form.get_by_role("link", name="Connect GitHub")
    expect(link).to_have_attribute("href", "https://bot.example/auth")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    form.get_by_role("button", name="Done").click()


def visit_by_keys(page: Page) -> None:
    into_the_form(page)
    page.keyboard.press("Control+Enter")


@dataclass(frozen=True)
class Case:
    type: str
    payload: Any
    by_mouse: Callable[[Page, Locator], None]
    by_keys: Callable[[Page], None]
    response: Any


CASES = {
    "approval": Case(
        "approval",
        {
            "options": [
                {"id": "ship", "label": "Ship it", "style": "primary"},
                {"id": "stop", "label": "Stop", "style": "danger"},
                {"id": "later", "label": "Later"},
            ],
            "allowComment": True,
        },
        approve,
        approve_by_keys,
        {"selectedOption": "ship", "comment": "Looks good"},
    ),
    "selection, one": Case(
        "selection",
        {"mode": "single", "items": ITEMS},
        choose_one,
        choose_one_by_keys,
        {"selectedIds": ["b"]},
    ),
    "selection, some": Case(
        "selection",
        {"mode": "multi", "items": ITEMS, "submitLabel": "Take these"},
        choose_some,
        choose_some_by_keys,
        {"selectedIds": ["a", "c"]},
    ),
    "selection, in one's own words": Case(
        "selection",
        {"mode": "single", "items": ITEMS, "allowText": True},
        say_neither,
        say_neither_by_keys,
        {"selectedIds": [], "text": "Neither, thanks"},
    ),
    "link": Case(
        "link",
        {"url": "https://bot.example/auth", "provider": "GitHub"},
        visit,
        visit_by_keys,
        {"done": True},
    ),
    "form": Case("form", {"fields": FIELDS}, fill, fill_by_keys, FILLED),
    "text-input": Case(
        "text-input",
        {"markdown": True, "minLength": 5, "maxLength": 60, "submitLabel": "Reply"},
        write,
        write_by_keys,
        {"text": "Because it *failed*."},
    ),
    "freeform": Case(
        "freeform",
        {"schema": {"ok": "boolean"}},
        write_json,
        write_json_by_keys,
        {"ok": True, "n": 1.5, "tags": ["x"]},
    ),
    "a type nobody registered": Case(
        "x-ray",
        {"image": 7},
        write_json,
        write_json_by_keys,
        {"ok": True, "n": 1.5, "tags": ["x"]},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_by_mouse(page: Page, robot: AgentClient, name: str) -> None:
    case = CASES[name]
    asked = robot.ask(case.type, case.payload, text="Which one?")
    waiting = robot.park(asked["id"])
    page.goto(f"/inbox/{asked['id']}/")
    case.by_mouse(page, card(page))
    settled(page)
    received(waiting, case)


@pytest.mark.parametrize("name", CASES)
def test_by_keyboard_alone(page: Page, robot: AgentClient, name: str) -> None:
    case = CASES[name]
    asked = robot.ask(case.type, case.payload, text="Which one?")
    waiting = robot.park(asked["id"])
    page.goto("/inbox/")
    waits_for(page, "Which one?")
    case.by_keys(page)
    settled(page)
    received(waiting, case)


def settled(page: Page) -> None:
    """It was the only question: the inbox is empty now, and says so as a reward."""
    expect(detail(page)).to_contain_text("Nothing waits for you")


def received(waiting: Any, case: Case) -> None:
    answer, _ = waiting.result(20)
    body = answer.json()
    assert body["status"] == "completed"
    response = body["message"]["review"]["response"]
    assert response == case.response
    # 3 is neither "3" nor 3.0, and true is not 1.
    assert {k: type(v) for k, v in response.items()} == {
        k: type(v) for k, v in case.response.items()
    }

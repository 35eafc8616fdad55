"""How the tests find things on a page: by role, label and text, as a person with a screen reader would."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

OPENED = re.compile(r"/inbox/[0-9a-f-]{36}/")


def rows(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Reviews").get_by_role("option")


def row(page: Page, text: str) -> Locator:
    return rows(page).filter(has_text=text)


def selected(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Reviews").get_by_role("option", selected=True)


def detail(page: Page) -> Locator:
    return page.get_by_role("main")


def card(page: Page) -> Locator:
    """The card of the opened item, open or settled."""
    return detail(page).locator("[data-card]").first


def waits_for(page: Page, text: str) -> None:
    """The item with this text is opened and can be decided."""
    expect(detail(page)).to_contain_text(text)
    expect(card(page)).to_have_attribute("data-state", "pending")


def rail_count(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name=name)


@contextmanager
def unreloaded(page: Page) -> Iterator[None]:
    """What happens in here happens to the page as it stands."""
    page.evaluate("window.stillHere = true")
    yield
    assert page.evaluate("window.stillHere === true"), "The page was loaded anew."

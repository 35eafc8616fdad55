"""One server and one browser for all; people, agents and windows are new in every test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import needs
from tests.processes import AgentClient, Server

pytest.importorskip("playwright", reason="Playwright is not installed (make setup)")

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.stage import House, Someone, Watch, enter

LOOSE = {
    "PLACET_RATE_PER_KEY": "1000000/minute",
    "PLACET_RATE_PER_ADDRESS": "1000000/minute",
    "PLACET_LOG_LEVEL": "WARNING",
    # Small, so that a test reaches them: of one file, and of all of one agent.
    "PLACET_FILE_MAX_BYTES": str(8 * 1024 * 1024),
    "PLACET_FILES_QUOTA_BYTES": str(20 * 1024 * 1024),
    # Where the receivers of the tests are.
    "PLACET_OUTBOUND_ALLOW": "127.0.0.1",
}
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(needs.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        # As root, and in containers, Chromium's own sandbox cannot start.
        browser = playwright.chromium.launch(
            executable_path=needs.chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with Server(LOOSE) as server:
        yield House(server)


@pytest.fixture(scope="session")
def _ada(house: House) -> Someone:
    return house.invite("Ada")


@pytest.fixture
def ada(_ada: Someone) -> Iterator[Someone]:
    """Always the same person, for a password takes its time; her agents live for one test, and all they said with them."""
    _ada.add_robot("Deploy pilot")
    yield _ada
    _ada.forget_robots()


@pytest.fixture
def robot(ada: Someone) -> AgentClient:
    return ada.robot


Window = Callable[..., Page]


@pytest.fixture
def watches() -> Iterator[list[Watch]]:
    """Of every window of the test. Whoever complained fails it."""
    kept: list[Watch] = []
    yield kept
    surprises = [text for watch in kept for text in watch.surprises]
    assert not surprises, "The browser complained:\n" + "\n".join(surprises)


@pytest.fixture
def window(chromium: Browser, house: House, watches: list[Watch], ada: Someone) -> Iterator[Window]:
    """`window(someone)`: a page in a browser context of its own, watched.

    After `ada`, so that the windows are closed before her agents go: an open page would ask for what is no longer there.
    """
    contexts = []

    def open_one(someone: Someone | None = None, *, url: str = "", **more: Any) -> Page:
        context, watch = enter(chromium, someone, url or house.url, **more)
        contexts.append(context)
        watches.append(watch)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def page(window: Window, ada: Someone) -> Page:
    """Ada's browser, signed in."""
    return window(ada)


@pytest.fixture
def watch(page: Page, watches: list[Watch]) -> Watch:
    """What Ada's browser complains about; `watch.expect(…)` for what a test brings about on purpose."""
    return watches[0]

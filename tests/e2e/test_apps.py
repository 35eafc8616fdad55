"""A person installs an app that came from elsewhere, and takes it away again."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stage import Someone, Watch

Window = Callable[..., Page]


class Callback(BaseHTTPRequestHandler):
    """The bot's own page, where the browser is sent back to."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>Bot</title>Thank you")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def callback() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Callback) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/callback"
        server.shutdown()


def test_an_app_is_registered_consented_to_with_the_keyboard_and_revoked(
    window: Window, ada: Someone, watches: list[Watch], callback: str
) -> None:
    page = window(ada)
    watches[-1].expect(
        f"(asked another host|went to).*{callback}", f"asked another host: {callback}"
    )
    page.goto("/settings/apps/new/")
    page.get_by_label("Name").fill("Weather bot")
    page.get_by_label("Where people are sent back to").fill(callback)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The client secret")).to_be_visible()
    expect(
        page.get_by_text("Not installed: it can do nothing, and is told nothing.")
    ).to_be_visible()
    client_id = page.locator("#client-id").inner_text()
    here = page.url

    asked = {
        "client_id": client_id,
        "redirect_uri": callback,
        "response_type": "code",
        "scope": "read write",
        "state": "mine",
    }
    page.goto(f"/auth/o/authorize-app/?{urlencode(asked)}")
    expect(page.get_by_role("heading", name="Install Weather bot?")).to_be_visible()
    page.get_by_role("button", name="Install", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{callback}**")
    query = parse_qs(urlsplit(page.url).query)
    assert query.keys() >= {"code", "app_installation_id"}
    assert query["state"] == ["mine"]

    page.goto(here)
    expect(page.get_by_text(query["app_installation_id"][0])).to_be_visible()
    page.get_by_text("Revoke app").click()
    page.get_by_role("button", name="Revoke now").click()
    expect(page.get_by_text("is revoked")).to_be_visible()
    expect(
        page.get_by_text("Not installed: it can do nothing, and is told nothing.")
    ).to_be_visible()

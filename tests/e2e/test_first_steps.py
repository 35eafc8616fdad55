"""The first minutes, and the way in and out."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LOOSE
from tests.e2e.glance import card, detail, rail_count, row, unreloaded, waits_for
from tests.e2e.stage import House, Someone, Watch, credentials
from tests.processes import AgentClient, Server, plain_session

Window = Callable[..., Page]


@pytest.fixture
def empty_server() -> Iterator[Server]:
    with Server(LOOSE, owner=None) as server:
        yield server


def test_from_the_printed_link_to_the_first_answer(empty_server: Server, window: Window) -> None:
    printed = re.search(r"http://\S+/setup/\S+", empty_server.log)
    assert printed, empty_server.log
    page = window(url=empty_server.url)
    page.goto(printed[0])
    page.get_by_label("Your name").fill("Olga Owner")
    page.get_by_label("E-mail").fill("olga@example.org")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_label("Workspace").fill("Analytical Engines")
    page.get_by_label("First agent").fill("Deploy pilot")
    page.get_by_role("button", name="Create workspace").click()
    expect(page.get_by_text("Deploy pilot can speak now")).to_be_visible()
    with unreloaded(page):
        expect(page.get_by_text("Waiting for your first message")).to_be_visible()
        run(page.get_by_label("First message with curl").inner_text())
        expect(page.get_by_text("It arrived.")).to_be_visible()
        run(page.get_by_label("A question with curl").inner_text())
    page.get_by_role("link", name="Open the inbox").click()
    waits_for(page, "Deploy v2.1 to production?")
    card(page).get_by_role("button", name="Approve").click()
    expect(detail(page)).to_contain_text("Nothing waits for you")
    # The link has done its work, and the key is shown once.
    page.goto("/welcome/")
    expect(page.get_by_role("main")).not_to_contain_text("Bearer")
    assert "Already set up" in plain_session().get(printed[0], timeout=10).text


def run(curl: str) -> None:
    """The very line that is shown, letter by letter, by the shell it is meant for."""
    assert "Bearer hp_" in curl
    if not shutil.which("curl"):
        pytest.skip("no curl is installed")
    line = curl.replace("curl ", "curl --silent --fail --noproxy '*' ", 1)
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def test_signing_in_leads_to_where_one_was_going(
    window: Window, ada: Someone, watches: list[Watch]
) -> None:
    asked = ada.robot.ask(text="Deploy now?")
    page = window()
    watches[0].expect("status of 401")
    page.goto(f"/inbox/{asked['id']}/")
    expect(page).to_have_title(re.compile("Sign in"))
    page.get_by_label("E-mail").fill(ada.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(credentials(ada).password)
    page.keyboard.press("Enter")
    waits_for(page, "Deploy now?")
    assert page.url.endswith(f"/inbox/{asked['id']}/")


def test_signing_out_ends_every_tab_at_once(house: House, window: Window) -> None:
    cyd = house.invite("Cyd")
    here = window(cyd)
    there = here.context.new_page()
    for page in (here, there):
        page.goto("/inbox/")
    there.wait_for_load_state("networkidle")
    here.get_by_role("button", name="Sign out").first.click()
    expect(here).to_have_title(re.compile("Sign in"))
    # Its socket was closed by the server, with the reason; nobody touched that tab.
    expect(there).to_have_title(re.compile("Sign in"))


def test_a_message_appears_without_reload(page: Page, robot: AgentClient) -> None:
    page.goto("/inbox/")
    expect(detail(page)).to_contain_text("Nothing waits for you")
    with unreloaded(page):
        robot.ask(text="The first question?")
        expect(row(page, "The first question?")).to_be_visible()
        expect(rail_count(page, "Inbox")).to_contain_text("1")
        expect(page).to_have_title(re.compile(r"^\(1\) "))
        waits_for(page, "The first question?")
        # A second one does not push the first away from under the hand: it is announced, and comes when asked for.
        robot.ask(text="The second question?")
        expect(page.get_by_role("button", name="1 new")).to_be_visible()
        expect(row(page, "The second question?")).to_have_count(0)
        page.keyboard.press(".")
        expect(row(page, "The second question?")).to_be_visible()
        expect(page.get_by_role("button", name="1 new")).to_be_hidden()


def test_what_was_there_before_is_not_news(page: Page, robot: AgentClient) -> None:
    """The socket replays from a little before the page: with more open questions than the page shows, too."""
    for n in range(70):
        robot.ask(text=f"Question {n}?", expiresInSeconds=3600 + 60 * n)
    page.goto("/inbox/")
    # Whatever is replayed is heard before this.
    robot.ask(text="The new one?", expiresInSeconds=7200)
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    expect(page.locator("#live")).to_have_text("New question from Deploy pilot")


def test_everything_essential_works_without_scripts(window: Window, ada: Someone) -> None:
    first = ada.robot.ask(text="Deploy now?", expiresInSeconds=600)
    second = ada.robot.ask(
        "selection", {"items": [{"id": "a", "label": "Team"}]}, text="Which plan?"
    )
    page = window(ada, java_script_enabled=False)
    page.goto("/inbox/")
    row(page, "Deploy now?").click()
    card(page).get_by_role("button", name="Reject").click()
    # The next open question is what the server answers with.
    expect(detail(page)).to_contain_text("Which plan?")
    card(page).get_by_role("radio", name="Team").check()
    card(page).get_by_role("button", name="Choose").click()
    expect(detail(page)).to_contain_text("Nothing waits for you")
    assert ada.robot.wait(first["id"])["message"]["review"]["response"] == {
        "selectedOption": "reject"
    }
    assert ada.robot.wait(second["id"])["message"]["review"]["response"] == {"selectedIds": ["a"]}
    page.goto(f"/chats/{ada.robot.agent_id}/")
    page.get_by_label("Write to Deploy pilot").fill("Thank you")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log")).to_contain_text("Thank you")


PAGES = (
    "/inbox/",
    "/inbox/?status=all",
    "/chats/",
    "/status/",
    "/settings/profile/",
    "/settings/appearance/",
    "/settings/sessions/",
    "/settings/agents/",
    "/settings/agents/new/",
    "/settings/keys/",
    "/settings/users/",
    "/settings/users/new/",
    "/welcome/",
    "/api/docs",
    "/admin/",
)


def test_no_page_needs_anything_from_anywhere_else(
    house: House, window: Window, watches: list[Watch]
) -> None:
    """With the network cable pulled: any request that would leave fails the test, and there were requests."""
    boss = house.invite("Boss", role="owner", robot="Deploy pilot")
    asked = boss.robot.ask(
        text="A picture ![x](https://pictures.example/x.png) and https://links.example/"
    )
    page = window(boss)
    for path in (*PAGES, f"/inbox/{asked['id']}/", f"/chats/{boss.robot.agent_id}/"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok, path
    asked_for = watches[0].requests
    assert any(url.endswith(".css") for url in asked_for)
    assert any(url.startswith("ws:") for url in asked_for)
    assert all(url.startswith((house.url, house.url.replace("http", "ws"))) for url in asked_for)

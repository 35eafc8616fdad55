"""Stored, reflected and live: nothing that anybody may word becomes more than words, under the policy that ships.

The watch of every test adds: no policy violation (so nothing even tried), no dialog, no foreign request, no console error.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LOOSE
from tests.e2e.glance import rows
from tests.e2e.poison import CORPUS, Poisoned, harmless, one_line, poison
from tests.e2e.stage import House, Someone, Watch
from tests.processes import Server, until
from tests.receiver import receiver

Window = Callable[..., Page]


@pytest.fixture(scope="module")
def poisoned() -> Iterator[Poisoned]:
    with Server(LOOSE) as server:
        yield poison(House(server))


@pytest.fixture
def page(window: Window, poisoned: Poisoned) -> Page:
    """The browser of the one with the one agent."""
    return window(poisoned.mel, url=poisoned.house.url)


@pytest.fixture
def all_seeing(window: Window, poisoned: Poisoned) -> Page:
    """The browser of the owner, with every agent and person there is."""
    return window(poisoned.boss, url=poisoned.house.url)


def visit(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.ok, f"{path}: {answer.status}"
    harmless(page)


def test_the_corpus_was_taken_in(poisoned: Poisoned) -> None:
    assert len(CORPUS) >= 80
    assert len(poisoned.open) >= len(CORPUS)
    assert len(poisoned.settled) >= len(CORPUS)


@pytest.mark.parametrize("status", ["pending", "completed", "all"])
def test_the_inbox_to_its_end(page: Page, status: str) -> None:
    visit(page, f"/inbox/?status={status}")
    more = page.get_by_role("listbox", name="Reviews").locator("a", has_text="More…")
    for _ in range(20):
        if not more.count():
            break
        page.evaluate("document.querySelector('#rows > a:last-child').scrollIntoView()")
        page.wait_for_timeout(100)
    assert not more.count()
    assert rows(page).count() > 150
    harmless(page)


@pytest.mark.parametrize("which", ["open", "settled"])
def test_every_question_opened(page: Page, poisoned: Poisoned, which: str) -> None:
    """Swapped in one after the other, as the J key does."""
    ids = poisoned.open if which == "open" else poisoned.settled
    visit(page, f"/inbox/{ids[0]}/?status=all")
    opens = "id => import('/static/js/inbox.js').then((inbox) => inbox.open(id, {focus: true}))"
    for id in ids:
        page.evaluate(opens, id)
        assert page.get_by_role("main").get_attribute("data-id") == id
        harmless(page, within="#detail", where=f"/inbox/{id}/")
    harmless(page)
    # And loaded as whole pages, some of them.
    for id in ids[::40]:
        visit(page, f"/inbox/{id}/")


def test_the_conversation_to_its_beginning(page: Page, poisoned: Poisoned) -> None:
    visit(page, f"/chats/{poisoned.mel.robot.agent_id}/")
    older = page.get_by_role("link", name="Earlier messages", exact=True)
    for _ in range(40):
        if not older.count():
            break
        page.evaluate("document.querySelector('#talk').scrollTop = 0")
        page.wait_for_timeout(80)
    assert not older.count()
    assert page.get_by_role("article").count() > 2.5 * len(CORPUS)
    harmless(page)


@pytest.mark.parametrize("path", ["/chats/", "/status/", "/welcome/"])
def test_pages_that_name_every_agent(all_seeing: Page, path: str) -> None:
    visit(all_seeing, path)


def test_the_palette_names_every_agent_and_every_option(
    all_seeing: Page, poisoned: Poisoned
) -> None:
    visit(all_seeing, f"/inbox/{poisoned.open[0]}/")
    all_seeing.keyboard.press("Escape")
    all_seeing.keyboard.press("Control+k")
    expect(all_seeing.get_by_role("dialog", name="Commands")).to_be_visible()
    assert all_seeing.get_by_role("dialog", name="Commands").get_by_role("option").count() > 150
    for text in ("<", '"', "'", "&"):
        all_seeing.get_by_role("combobox", name="Find a page").fill(text)
        harmless(all_seeing)


SETTINGS = ("profile", "appearance", "sessions", "agents", "keys", "users")


@pytest.mark.parametrize("section", SETTINGS)
def test_settings(all_seeing: Page, section: str) -> None:
    visit(all_seeing, f"/settings/{section}/")


def test_settings_of_agents_and_people(all_seeing: Page) -> None:
    for section, most in (("agents", 9), ("users", 6)):
        all_seeing.goto(f"/settings/{section}/")
        found = all_seeing.locator(f"main a[href^='/settings/{section}/']")
        links = {link.get_attribute("href") for link in found.all()}
        for link in sorted(str(link) for link in links if len(str(link)) > 40)[:most]:
            visit(all_seeing, link)


def test_a_refused_form_shows_what_was_typed_as_words(page: Page, watches: list[Watch]) -> None:
    watches[0].expect("status of 400")
    for payload in CORPUS[2::40]:
        page.goto("/settings/agents/new/")
        page.get_by_label("Name", exact=True).fill("Refused")
        page.get_by_label("Description").fill(payload)
        page.get_by_label("Picture address").fill(f"javascript:{payload}")
        page.locator("main form").evaluate("form => { form.noValidate = true; }")
        page.get_by_role("button", name="Create agent").click()
        expect(page.get_by_label("Picture address")).to_have_attribute("aria-invalid", "true")
        harmless(page)


def test_the_admin(all_seeing: Page) -> None:
    visit(all_seeing, "/admin/")
    lists = {
        link.get_attribute("href")
        for link in all_seeing.locator("main a[href^='/admin/'], #content a[href^='/admin/']").all()
    }
    for path in sorted(str(path) for path in lists if str(path).count("/") == 4):
        visit(all_seeing, path)
        visit(all_seeing, f"{path}?q=%3Cimg+src%3Dx+onerror%3Dwindow.__xss%3D1%3E")
        all_seeing.goto(path)
        rows_of = all_seeing.locator("#result_list a[href*='/change/']")
        for link in [row.get_attribute("href") for row in rows_of.all()[:3]]:
            visit(all_seeing, str(link))


REFLECTING = (
    "/inbox/?q={}",
    "/inbox/?agent={}",
    "/inbox/?type={}",
    "/inbox/?status={}",
    "/inbox/?cursor={}",
    "/login/?next={}",
    "/settings/keys/?agent={}",
    "/deliveries/?agent={}",
    "/deliveries/?event={}",
    "/deliveries/?cursor={}",
    "/{}",
    "/setup/{}",
)


@pytest.mark.parametrize("path", REFLECTING)
def test_what_an_address_says_is_only_words(
    window: Window, ada: Someone, watches: list[Watch], path: str
) -> None:
    page = window(ada)
    watches[0].expect("status of 40")
    for payload in CORPUS[4::20]:
        page.goto(path.format(quote(payload, safe="")))
        harmless(page)


def test_the_preview_of_what_one_types(page: Page, poisoned: Poisoned) -> None:
    visit(page, f"/inbox/{poisoned.open[0]}/")
    field = page.get_by_role("main").get_by_role("textbox", name="Your response")
    for payload in CORPUS[::6]:
        field.fill(payload)
        with page.expect_response("**/preview/"):
            page.get_by_role("button", name="Preview").click()
        expect(page.get_by_role("button", name="Edit")).to_be_visible()
        harmless(page)
        page.get_by_role("button", name="Edit").click()


def test_live_in_the_conversation(page: Page, poisoned: Poisoned) -> None:
    """Fetched and swapped in when the socket says so; and what is being sent, drawn by our own script."""
    robot = poisoned.mel.add_robot("Live one")
    visit(page, f"/chats/{robot.agent_id}/")
    page.wait_for_load_state("networkidle")
    for payload in CORPUS[::2]:
        robot.say(payload)
    messages = page.get_by_role("log").get_by_role("article")
    expect(messages).to_have_count(len(CORPUS[::2]), timeout=30_000)
    harmless(page)
    for n, payload in enumerate(CORPUS[1::8], start=len(CORPUS[::2]) + 1):
        page.get_by_role("textbox", name="Write to").fill(payload)
        page.keyboard.press("Enter")
        expect(messages).to_have_count(n)
    expect(page.get_by_role("textbox", name="Write to")).to_have_value("")
    harmless(page)


def test_live_in_the_inbox(window: Window, poisoned: Poisoned) -> None:
    """Rows, cards, toasts and what is announced.

    To somebody of their own: a socket repeats the last half minute, and what was asked then is not what is counted here.
    """
    lea = poisoned.house.invite("Lea", robot='<img src=x onerror=window.__xss=1>"')
    robot, page = lea.robot, window(lea, url=poisoned.house.url)
    robot.ask(text="Was here before?")
    visit(page, "/inbox/")
    page.wait_for_load_state("networkidle")
    asked: list[Any] = []
    for n, payload in enumerate(CORPUS[::12]):
        line = one_line(payload, 200)
        option = {"id": line, "label": line, "style": "primary"}
        review = {"options": [option], "allowComment": True}
        asked.append(robot.ask("approval", review, text=payload, expiresInSeconds=60 + n))
    expect(page.get_by_role("button", name="new")).to_contain_text(f"{len(asked)} new")
    harmless(page)
    page.keyboard.press(".")
    expect(page.locator(f"#row-{asked[-1]['id']}")).to_be_visible()
    harmless(page)
    page.goto(f"/inbox/{asked[0]['id']}/")
    for this, following in pairwise(asked):
        expect(page.get_by_role("main")).to_have_attribute("data-id", this["id"])
        page.get_by_role("main").get_by_label("Comment").fill(one_line(this["text"], 200))
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)
        page.keyboard.press("a")
        expect(page.get_by_role("main")).to_have_attribute("data-id", following["id"])
        harmless(page)


def test_deliveries(page: Page, poisoned: Poisoned) -> None:
    """What people write and what a receiver answers, swapped in one after the other."""
    robot = poisoned.mel.add_robot("<img src=x onerror=window.__xss=1>")
    with receiver() as there:
        there.says = lambda heard: str(heard.json["message"]["text"]).encode()
        assert robot.post("/api/v1/agents/setWebhook", {"url": there.url}).ok
        some = [payload for payload in CORPUS[::4] if payload.strip()]
        for payload in some:
            written = {"channelId": robot.agent_id, "text": payload}
            assert poisoned.mel.human.post("/api/messages", written).ok
        until(lambda: len(there.heard) == len(some))
        visit(page, f"/deliveries/?agent={robot.agent_id}")
        lines = page.get_by_role("listbox", name="Deliveries").get_by_role("option")
        expect(lines).to_have_count(len(some))
        for line in lines.all():
            line.click()
            expect(page.get_by_role("main")).to_have_attribute(
                "data-id", str(line.get_attribute("data-id"))
            )
            page.get_by_text("What it answered").first.click()
            harmless(page)


def test_endpoints_and_what_is_told_of_them(all_seeing: Page, poisoned: Poisoned) -> None:
    boss = poisoned.boss.human
    with receiver() as there:
        there.answer = lambda heard: (410, {}, 0.0)
        made = [
            boss.post("/api/webhooks", {"name": one_line(payload, 100), "url": there.url}).json()
            for payload in CORPUS[1::30]
        ]
        for endpoint in made:
            assert boss.post(f"/api/webhooks/{endpoint['id']}/test").ok
        until(lambda: len(there.heard) >= len(made))
        until(lambda: not any(one["enabled"] for one in boss.get("/api/webhooks").json()))
        for path in ("/settings/webhooks/", "/settings/webhooks/new/", "/deliveries/"):
            visit(all_seeing, path)
            expect(
                all_seeing.get_by_role("complementary", name="Webhooks that were switched off")
            ).to_contain_text("webhooks are off")
            harmless(all_seeing)
        for endpoint in made:
            visit(all_seeing, f"/settings/webhooks/{endpoint['id']}/")
            boss.delete(f"/api/webhooks/{endpoint['id']}")


def test_a_hostile_draft_is_shown_as_words(page: Page, poisoned: Poisoned) -> None:
    robot = poisoned.mel.add_robot("Drafted")
    asked = robot.ask(payload={"options": [{"id": "y", "label": "Yes"}], "allowComment": True})
    visit(page, f"/inbox/{asked['id']}/")
    page.get_by_role("main").get_by_label("Comment").fill("<img src=x onerror=window.__xss=1>")
    assert robot.post(f"/api/v1/reviews/{asked['id']}/cancel").ok
    expect(page.get_by_role("main")).to_contain_text("Your draft was not sent")
    expect(page.get_by_role("main")).to_contain_text("<img src=x onerror=window.__xss=1>")
    harmless(page)

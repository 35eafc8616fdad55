"""Webhooks as people see them: set, heard, not heard, looked at and sent again; live, by keyboard, and without scripts."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from standardwebhooks import Webhook

from tests.e2e.glance import detail, unreloaded
from tests.e2e.stage import PHONE, House, Someone, Watch
from tests.processes import until
from tests.receiver import OK, Receiver, receiver

Window = Callable[..., Page]
SECONDS_20 = 20_000


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as kept:
        yield kept


@pytest.fixture
def hooked(ada: Someone, there: Receiver) -> Someone:
    """Ada, whose robot has its webhook there."""
    made = ada.robot.post("/api/v1/agents/setWebhook", {"url": there.url})
    assert made.ok, made.text
    return ada


@pytest.fixture
def boss(house: House) -> Iterator[Someone]:
    """Another owner of the workspace, who leaves no endpoint behind."""
    boss = house.invite("Boss", role="owner", robot="Deploy pilot")
    yield boss
    for endpoint in boss.human.get("/api/webhooks").json():
        boss.human.delete(f"/api/webhooks/{endpoint['id']}")
    boss.forget_robots()


def ticks(page: Page) -> Locator:
    return page.locator("[data-ticks]").last


def lines(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Deliveries").get_by_role("option")


def told(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Webhooks that were switched off")


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Write to").fill(text)
    page.keyboard.press("Enter")


def test_a_webhook_is_set_in_the_settings_and_hears_a_signed_response(
    page: Page, ada: Someone, there: Receiver
) -> None:
    there.answer = lambda heard: (200, {}, 1.0)
    page.goto(f"/settings/agents/{ada.robot.agent_id}/")
    section = page.locator("#webhook")
    section.get_by_label("Address", exact=True).fill(there.url)
    section.get_by_label("Name of a header").fill("X-Token")
    section.get_by_label("Value of the header").fill("swordfish")
    section.get_by_role("button", name="Add a header").click()
    expect(section.get_by_label("Name of a header").last).to_be_focused()
    section.get_by_role("button", name="Set webhook").click()
    secret = page.locator("#fresh-secret").text_content() or ""
    assert secret.startswith("whsec_")
    page.reload()
    expect(page.get_by_text("On", exact=True)).to_be_visible()
    expect(page.locator("#fresh-secret")).to_have_count(0)
    asked = ada.robot.ask(text="Deploy now?")
    page.goto(f"/chats/{ada.robot.agent_id}/")
    with unreloaded(page):
        page.get_by_role("log").get_by_role("button", name="Approve").click()
        expect(ticks(page)).to_have_text(re.compile(r"^\s*sent\s*$"))
        expect(ticks(page)).to_have_text(re.compile(r"^\s*delivered\s*$"))
    (heard,) = there.heard
    assert Webhook(secret).verify(heard.body, heard.headers) == heard.json
    assert heard.headers["x-token"] == "swordfish"
    assert heard.json["message_id"] == asked["id"]


def test_what_is_not_heard_is_looked_at_and_sent_again_by_keyboard(
    page: Page, hooked: Someone, there: Receiver
) -> None:
    there.answer = lambda heard: (500, {}, 0.0)
    page.goto(f"/chats/{hooked.robot.agent_id}/")
    with unreloaded(page):
        write(page, "Stop the rollout")
        expect(ticks(page)).to_contain_text("not delivered")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/deliveries/")
    expect(lines(page)).to_have_count(1)
    expect(lines(page).first).to_contain_text("message:created")
    expect(lines(page).first).to_contain_text("Pending, 1 try")
    expect(page.get_by_role("listbox", name="Deliveries")).to_be_focused()
    page.keyboard.press("Enter")
    expect(detail(page)).to_be_focused()
    page.wait_for_url(re.compile(r"/deliveries/[0-9a-f-]{36}/"))
    expect(detail(page)).to_contain_text("500 Internal Server Error")
    expect(detail(page)).to_contain_text('"text": "Stop the rollout"')
    with unreloaded(page):
        there.answer = lambda heard: OK
        page.keyboard.press("r")
        expect(detail(page).locator(".how")).to_contain_text("Delivered")
        expect(detail(page)).to_contain_text("200 OK")
        expect(lines(page).first).to_contain_text("Delivered")
        expect(page.get_by_role("button", name="Replay")).to_be_visible()
    assert len({heard.event_id for heard in there.heard}) == 1
    page.goto(f"/chats/{hooked.robot.agent_id}/")
    expect(ticks(page)).to_contain_text("delivered")


@pytest.mark.parametrize("where", ["chat", "inbox"])
def test_a_message_is_tried_again_where_it_stands(
    page: Page, hooked: Someone, there: Receiver, where: str
) -> None:
    there.answer = lambda heard: (500, {}, 0.0)
    asked = hooked.robot.ask(text="Deploy now?")
    hooked.human.respond(asked["id"], {"selectedOption": "approve"})
    chat = f"/chats/{hooked.robot.agent_id}/"
    page.goto(chat if where == "chat" else f"/inbox/{asked['id']}/?status=completed")
    expect(ticks(page)).to_contain_text("not delivered")
    with unreloaded(page):
        there.answers(503)
        ticks(page).get_by_role("button", name="Retry").click()
        until(lambda: len(there.heard) >= 2)
        expect(ticks(page)).to_contain_text("not delivered")
        there.answer = lambda heard: OK
        ticks(page).get_by_role("button", name="Retry").click()
        expect(ticks(page)).to_have_text(re.compile(r"^\s*delivered\s*$"))
        assert page.evaluate("document.activeElement !== document.body"), "The focus was lost."


def test_details_lead_from_a_message_to_its_delivery(
    page: Page, hooked: Someone, there: Receiver
) -> None:
    there.answer = lambda heard: (500, {}, 0.0)
    page.goto(f"/chats/{hooked.robot.agent_id}/")
    write(page, "Lost")
    ticks(page).get_by_role("link", name="Details").click()
    page.wait_for_url(re.compile(r"/deliveries/[0-9a-f-]{36}/"))
    expect(detail(page)).to_contain_text("500 Internal Server Error")
    detail(page).get_by_role("link", name="its message").click()
    expect(page.get_by_role("log").get_by_text("Lost")).to_be_visible()


def test_a_webhook_that_was_given_up_is_told_until_somebody_answers(
    page: Page, hooked: Someone, there: Receiver
) -> None:
    there.answers(410, 410)
    page.goto("/inbox/")
    page.wait_for_load_state("networkidle")
    expect(told(page)).to_be_hidden()
    with unreloaded(page):
        channel = hooked.robot.agent_id
        hooked.human.post("/api/messages", {"channelId": channel, "text": "Hello?"})
        expect(told(page)).to_contain_text("A webhook is off: Deploy pilot (it answered 410 Gone)")
    page.goto("/status/")
    expect(told(page)).to_be_visible()
    told(page).get_by_role("link", name="Deploy pilot").click()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("Switched on.")).to_be_visible()
    expect(told(page)).to_be_hidden()
    page.goto("/deliveries/?status=failed")
    expect(lines(page)).to_have_count(1)
    page.get_by_text("Replay all").click()
    expect(page.get_by_text("One failed delivery goes out again")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("One failed delivery goes out again")).to_be_hidden()
    page.get_by_text("Replay all").click()
    there.answer = lambda heard: OK
    page.get_by_role("button", name="Replay it").click()
    expect(page.get_by_text("1 delivery goes out again.")).to_be_visible()
    with unreloaded(page):
        expect(lines(page).first).to_contain_text("Delivered")


def test_nothing_is_asked_while_nothing_has_happened(
    page: Page, watch: Watch, hooked: Someone
) -> None:
    def asked() -> int:
        return sum(url.endswith("/told/") for url in watch.requests)

    # A page hears again of what came in the two seconds before the last event, which may have been committed late.
    page.wait_for_timeout(2_500)
    hooked.robot.say("This is the last that happens")
    page.goto("/status/")
    page.wait_for_function("Object.keys(sessionStorage).some((key) => /told/.test(key))")
    assert asked() == 1
    page.goto("/settings/profile/")
    page.wait_for_load_state("networkidle")
    assert asked() == 1
    hooked.robot.say("Something happens")
    page.goto("/settings/agents/")
    page.wait_for_load_state("networkidle")
    assert asked() == 2


def test_what_fails_comes_into_the_list_of_what_failed(
    page: Page, hooked: Someone, there: Receiver
) -> None:
    """Queued long before, and news all the same."""
    there.answer = lambda heard: (200 if "fine" in heard.json["message"]["text"] else 410, {}, 1.0)
    channel = hooked.robot.agent_id
    hooked.human.post("/api/messages", {"channelId": channel, "text": "Lost"})
    until(lambda: there.heard)
    page.goto("/deliveries/?status=failed")
    with unreloaded(page):
        expect(lines(page)).to_have_count(1)
        expect(lines(page).first).to_contain_text("Failed")


def test_the_list_is_live_and_never_moves_under_the_hand(
    page: Page, hooked: Someone, there: Receiver
) -> None:
    channel = hooked.robot.agent_id

    def tell(text: str) -> None:
        assert hooked.human.post("/api/messages", {"channelId": channel, "text": text}).ok

    page.goto("/deliveries/")
    expect(page.get_by_text("No delivery yet")).to_be_visible()
    with unreloaded(page):
        tell("One")
        expect(lines(page)).to_have_count(1)
        expect(detail(page)).to_contain_text('"text": "One"')
        expect(lines(page).first).to_contain_text("Delivered")
        first = lines(page).first.get_attribute("id")
        tell("Two")
        expect(page.get_by_role("button", name="1 new")).to_be_visible()
        expect(lines(page)).to_have_count(1)
        page.keyboard.press(".")
        expect(lines(page)).to_have_count(2)
        expect(page.get_by_role("button", name="1 new")).to_be_hidden()
        page.keyboard.press("j")
        expect(page.locator(f"#{first}")).to_have_attribute("aria-selected", "true")
        page.keyboard.press("k")
        expect(detail(page)).to_contain_text('"text": "Two"')
        expect(lines(page).first).to_have_attribute("aria-posinset", "1")


def test_arrows_walk_the_list_without_single_keys(
    page: Page, hooked: Someone, there: Receiver
) -> None:
    for text in ("One", "Two"):
        body = {"channelId": hooked.robot.agent_id, "text": text}
        assert hooked.human.post("/api/messages", body).ok
    until(lambda: len(there.heard) == 2)
    assert hooked.human.patch("/api/preferences", {"shortcuts": False}).ok
    try:
        page.goto("/deliveries/")
        expect(detail(page)).to_contain_text('"text": "Two"')
        page.keyboard.press("j")
        page.keyboard.press("ArrowDown")
        expect(detail(page)).to_contain_text('"text": "One"')
        page.keyboard.press("ArrowUp")
        expect(detail(page)).to_contain_text('"text": "Two"')
    finally:
        hooked.human.patch("/api/preferences", {"shortcuts": True})


def test_the_list_is_narrowed_and_the_address_says_so(
    page: Page, hooked: Someone, there: Receiver
) -> None:
    asked = hooked.robot.ask(text="Deploy now?")
    hooked.human.respond(asked["id"], {"selectedOption": "approve"})
    hooked.human.post("/api/messages", {"channelId": hooked.robot.agent_id, "text": "Hello"})
    until(lambda: len(there.heard) == 2)
    page.goto("/deliveries/")
    expect(lines(page)).to_have_count(2)
    page.get_by_label("Event").select_option("review:responded")
    expect(lines(page)).to_have_count(1)
    page.wait_for_url("**/deliveries/?**event=review%3Aresponded**")
    page.get_by_role("link", name="Failed").click()
    expect(page.get_by_text("No match")).to_be_visible()
    page.get_by_role("link", name="Clear the filters").click()
    expect(page.get_by_text("Nothing has failed")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Failed")).to_have_attribute("aria-current", "page")


def test_a_list_that_was_asked_for_earlier_comes_too_late(
    page: Page, hooked: Someone, there: Receiver
) -> None:
    """Renewed at the moment in which the hand asks for another one: what the hand wants stays."""
    channel = hooked.robot.agent_id
    hooked.human.post("/api/messages", {"channelId": channel, "text": "One"})
    until(lambda: there.heard)
    held: list[Route] = []
    page.route(re.compile(r"/deliveries/\?&limit="), lambda route: held.append(route))
    page.goto("/deliveries/")
    expect(lines(page)).to_have_count(1)
    hooked.human.post("/api/messages", {"channelId": channel, "text": "Two"})
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(100)
    assert held
    page.get_by_label("Event").select_option("review:responded")
    expect(page.get_by_text("No match")).to_be_visible()
    with unreloaded(page):
        for route in held:
            route.continue_()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        expect(page.get_by_text("No match")).to_be_visible()
        expect(lines(page)).to_have_count(0)


def test_on_a_phone_one_pane_at_a_time(window: Window, hooked: Someone, there: Receiver) -> None:
    hooked.human.post("/api/messages", {"channelId": hooked.robot.agent_id, "text": "Hello"})
    until(lambda: there.heard)
    page = window(hooked, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto("/deliveries/")
    expect(lines(page).first).to_be_visible()
    expect(detail(page)).to_be_hidden()
    lines(page).first.tap()
    expect(detail(page)).to_be_visible()
    expect(lines(page).first).to_be_hidden()
    page.get_by_role("link", name="Back to the list").tap()
    expect(lines(page).first).to_be_visible()
    page.go_forward()
    expect(detail(page)).to_be_visible()


def test_an_owner_adds_an_endpoint_and_sends_it_a_test(
    window: Window, boss: Someone, there: Receiver
) -> None:
    page = window(boss)
    page.goto("/settings/webhooks/")
    page.get_by_role("link", name="New endpoint").click()
    page.get_by_label("Name", exact=True).fill("Audit log")
    page.get_by_label("Address").fill(there.url)
    page.get_by_label("A human responded to a review").check()
    page.get_by_role("button", name="Add endpoint").click()
    secret = page.locator("#fresh-secret").text_content() or ""
    there.answer = lambda heard: (200, {}, 1.0)
    page.get_by_role("button", name="Send a test event").click()
    page.wait_for_url(re.compile(r"/deliveries/[0-9a-f-]{36}/"))
    with unreloaded(page):
        # No event tells of what goes to the workspace: the page looks again while something waits.
        expect(detail(page).locator(".how")).to_contain_text("Delivered", timeout=SECONDS_20)
        expect(lines(page).first).to_contain_text("Delivered", timeout=SECONDS_20)
    (heard,) = there.heard
    Webhook(secret).verify(heard.body, heard.headers)
    detail(page).get_by_role("link", name="Audit log").click()
    page.get_by_text("Rotate secret").click()
    page.get_by_role("button", name="Rotate now").click()
    expect(page.locator("#fresh-secret")).not_to_have_text(secret)
    expect(page.get_by_text("Two secrets sign until")).to_be_visible()
    page.get_by_text("Delete endpoint").click()
    page.get_by_role("button", name="Delete now").click()
    expect(page.get_by_text("No endpoint yet")).to_be_visible()


def test_all_of_it_works_without_scripts(window: Window, ada: Someone, there: Receiver) -> None:
    page = window(ada, java_script_enabled=False)
    page.goto(f"/settings/agents/{ada.robot.agent_id}/")
    page.get_by_role("link", name="its webhook").click()
    page.get_by_label("Address").fill(there.url)
    expect(page.get_by_role("button", name="Add a header")).to_be_hidden()
    page.get_by_role("button", name="Set webhook").click()
    expect(page.locator("#fresh-secret")).to_contain_text("whsec_")
    there.answers(500)
    ada.human.post("/api/messages", {"channelId": ada.robot.agent_id, "text": "Hello"})
    until(lambda: there.heard)
    page.goto(f"/chats/{ada.robot.agent_id}/")
    until(lambda: page.reload() and "not delivered" in page.content())
    page.get_by_role("button", name="Retry").click()
    page.wait_for_url("**/chats/**")
    until(lambda: len(there.heard) == 2)
    page.goto("/deliveries/")
    lines(page).first.click()
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("It goes out again.")).to_be_visible()
    until(lambda: len(there.heard) == 3)


def test_the_palette_knows_the_way(page: Page, hooked: Someone) -> None:
    page.goto("/inbox/")
    page.keyboard.press("Control+k")
    page.keyboard.type("deliv")
    page.keyboard.press("Enter")
    page.wait_for_url("**/deliveries/")

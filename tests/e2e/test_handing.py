"""A conversation is handed over, and a run is written to, by keyboard alone, by finger and without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.glance import unreloaded
from tests.e2e.stage import PHONE, House, Someone, Watch
from tests.e2e.test_accessibility import LONG, faults
from tests.e2e.test_runs import SELECT, Worker
from tests.processes import AgentClient, until

Window = Callable[..., Page]
LOOKS = ("structure", "names", "contrast", "sideways")


@pytest.fixture
def guests(house: House, ada: Someone) -> list[Worker]:
    """Two who were let in; the agent at home takes no runs."""
    named = [Worker(ada.add_robot(name)) for name in ("Build doctor", "Release notes")]
    house.admit(ada.robot, *(guest.robot for guest in named))
    return named


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Hand this conversation over")


def words(page: Page) -> Locator:
    return dialog(page).get_by_role("textbox", name="What it should do")


def handing(page: Page) -> Locator:
    return page.get_by_role("link", name="Hand over…")


def writer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Write to")


def prompts(worker: Worker) -> list[str]:
    return [body for body, _ in worker.prompts()]


def begun(worker: Worker) -> Any:
    return until(lambda: worker.run)


# --- handing over


def test_a_conversation_is_handed_over_by_keyboard(
    page: Page, robot: AgentClient, guests: list[Worker]
) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    with unreloaded(page):
        page.keyboard.press("h")
        expect(dialog(page).get_by_role("radio", name="Build doctor")).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(dialog(page).get_by_role("radio", name="Release notes")).to_be_checked()
        page.keyboard.press("Tab")
        expect(words(page)).to_be_focused()
        page.keyboard.type("Write them")
        page.keyboard.press("Enter")
        page.keyboard.type("by noon")
        page.keyboard.press("Control+Enter")
        expect(dialog(page)).to_be_hidden()
        expect(page.get_by_role("log")).to_contain_text("Write them")
        panel = page.get_by_role("region", name="Release notes at work")
        expect(panel).to_contain_text("Starting")
        expect(page.locator("#live")).to_contain_text("Handed over to Release notes")
        assert page.evaluate("document.activeElement !== document.body"), "The focus was lost."
        assert begun(guests[1])["trigger"] == "delegation"
        guests[1].take()
        assert prompts(guests[1]) == ["Write them\nby noon"]
        assert guests[0].run is None
        # What was sent is no draft any more; what was not sent is one.
        page.keyboard.press("h")
        expect(words(page)).to_have_value("")
        words(page).fill("Half a th")
        page.keyboard.press("Escape")
        expect(dialog(page)).to_be_hidden()
        page.keyboard.press("h")
        expect(words(page)).to_have_value("Half a th")
    page.reload()
    page.keyboard.press("h")
    expect(words(page)).to_have_value("Half a th")


def test_the_palette_leads_there_and_enter_on_a_name_hands_it_over(
    page: Page, robot: AgentClient, guests: list[Worker]
) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    page.keyboard.press("Control+k")
    page.keyboard.type("hand over")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("radio", name="Build doctor")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()
    expect(page.get_by_role("log")).to_contain_text("Please take over this conversation.")
    begun(guests[0])


def test_nothing_is_offered_where_nobody_can_be_handed_it(page: Page, robot: AgentClient) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    expect(writer(page)).to_be_visible()
    expect(handing(page)).to_have_count(0)
    page.keyboard.press("h")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type("hand over")
    expect(page.get_by_role("option", name="Hand over")).to_have_count(0)


def test_who_was_shown_out_while_it_was_open_is_refused_in_it(
    page: Page, watch: Watch, ada: Someone, robot: AgentClient, guests: list[Worker]
) -> None:
    watch.expect("status of 400")
    page.goto(f"/chats/{robot.agent_id}/")
    handing(page).click()
    words(page).fill("Mend it")
    quiet = guests[0].robot
    assert quiet.patch(f"/api/v1/agents/{quiet.agent_id}", {"takesRuns": False}).ok
    page.keyboard.press("Control+Enter")
    expect(dialog(page).get_by_role("alert")).to_contain_text("Not handed over")
    expect(words(page)).to_have_value("Mend it")
    expect(dialog(page).get_by_role("radio")).to_have_count(1)
    dialog(page).get_by_role("radio", name="Release notes").check()
    dialog(page).get_by_role("button", name="Hand over").click()
    expect(dialog(page)).to_be_hidden()
    guests[1].id = begun(guests[1])["id"]
    assert prompts(guests[1]) == ["Mend it"]


def test_it_is_sent_once_and_kept_while_there_is_no_connection(
    page: Page, watch: Watch, robot: AgentClient, guests: list[Worker]
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED", "WebSocket connection")
    page.goto(f"/chats/{robot.agent_id}/")
    handing(page).click()
    words(page).fill("Mend it")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Not handed over")
    expect(dialog(page)).to_be_visible()
    page.context.set_offline(False)
    page.keyboard.press("Control+Enter")
    expect(dialog(page)).to_be_hidden()
    guests[0].id = begun(guests[0])["id"]
    assert prompts(guests[0]) == ["Mend it"]


def test_without_scripts_it_is_a_page(
    window: Window, ada: Someone, robot: AgentClient, guests: list[Worker]
) -> None:
    page = window(ada, java_script_enabled=False)
    page.goto(f"/chats/{robot.agent_id}/")
    handing(page).click()
    page.get_by_label("Release notes").check()
    page.get_by_label("What it should do").fill("Write them")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("log")).to_contain_text("Write them")
    expect(page.get_by_role("region", name="Release notes at work")).to_be_visible()


def test_what_was_handed_over_on_its_page_is_no_draft_and_whom_never_is(
    page: Page, robot: AgentClient, guests: list[Worker]
) -> None:
    door = f"/chats/{robot.agent_id}/hand-over/"
    field = page.get_by_label("What it should do")
    page.goto(door)
    page.get_by_label("Release notes").check()
    field.fill("Write them")
    page.goto(door)
    expect(field).to_have_value("Write them")
    expect(page.get_by_label("Build doctor")).to_be_checked()
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("log")).to_contain_text("Write them")
    page.goto(door)
    expect(field).to_have_value("")
    page.goto(f"/chats/{robot.agent_id}/")
    handing(page).click()
    expect(words(page)).to_have_value("")


def test_a_hand_over_whose_answer_was_lost_is_none_more(
    page: Page, watch: Watch, robot: AgentClient, guests: list[Worker]
) -> None:
    watch.expect("ERR_FAILED")
    page.goto(f"/chats/{robot.agent_id}/")
    handing(page).click()
    words(page).fill("Mend it")

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/hand-over/", lose_the_answer, times=1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Not handed over")
    page.keyboard.press("Control+Enter")
    expect(dialog(page)).to_be_hidden()
    guests[0].id = begun(guests[0])["id"]
    assert prompts(guests[0]) == ["Mend it"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialog_can_be_used_by_all(
    window: Window, house: House, ada: Someone, guests: list[Worker], scheme: str
) -> None:
    house.admit(ada.robot, ada.add_robot(f"{LONG} & Co", takesRuns=True))
    ada.human.post("/api/messages", {"channelId": ada.robot.agent_id, "text": "@Build doctor why?"})
    for more in ({}, {"viewport": PHONE, "has_touch": True, "is_mobile": True}):
        page = window(ada, color_scheme=scheme, **more)
        page.goto(f"/chats/{ada.robot.agent_id}/hand-over/")
        found = [fault for look in LOOKS for fault in faults(page, look)]
        page.goto(f"/chats/{ada.robot.agent_id}/")
        handing(page).click()
        expect(words(page)).to_be_visible()
        found += [fault for look in LOOKS for fault in faults(page, look)]
        found += faults(page, "small") if more else []
        for _ in range(8):
            page.keyboard.press("Tab")
            found += faults(page, "focus")
        assert not found, "\n".join(dict.fromkeys(found))


# --- writing to a run


def test_a_run_is_written_to_on_its_page_by_keyboard(page: Page, ada: Someone) -> None:
    worker = Worker(ada.robot)
    ada.human.post("/api/messages", {"channelId": ada.robot.agent_id, "text": "Deploy it"})
    worker.take()
    worker.tell("thought", "Reading the notes")
    page.goto(f"/runs/{worker.id}/")
    history = page.get_by_role("region", name="History")
    with unreloaded(page):
        page.keyboard.press("c")
        expect(writer(page)).to_be_focused()
        page.keyboard.type("To staging")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("first")
        page.keyboard.press("Enter")
        expect(history).to_contain_text("To staging")
        expect(writer(page)).to_have_value("")
        expect(writer(page)).to_be_focused()
        assert prompts(worker)[1:] == ["To staging\nfirst"]

        # A question is led to, and what is written answers it; who writes is not disturbed by what happens.
        page.keyboard.type("The ")
        asked = worker.tell("elicitation", "Whose?", signal="select", signalMetadata=SELECT)
        leads = page.get_by_role("link", name="Answer it in the conversation")
        expect(leads).to_have_attribute("href", f"/chats/{ada.robot.agent_id}/?at={asked['messageId']}#m-{asked['messageId']}")  # fmt: skip
        expect(page.get_by_text("What you write answers its question.")).to_be_visible()
        page.keyboard.type("board's")
        page.keyboard.press("Control+Enter")
        expect(leads).to_have_count(0)
        assert prompts(worker)[2:] == ["The board's"]

        # The end is no end.
        worker.tell("response", "Done.")
        expect(page.get_by_text("What you write opens it again.")).to_be_visible()
        page.keyboard.type("And now production")
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_contain_text("Working")
        assert prompts(worker)[3:] == ["And now production"]
        page.keyboard.press("Escape")
        expect(page.get_by_role("main")).to_be_focused()
        page.keyboard.press("c")
        page.keyboard.type("Half a th")
    page.reload()
    expect(writer(page)).to_have_value("Half a th")


def test_while_another_run_is_open_its_page_leads_to_that_one(page: Page, ada: Someone) -> None:
    worker = Worker(ada.robot)
    say = {"channelId": ada.robot.agent_id, "text": "Deploy it"}
    ada.human.post("/api/messages", say)
    worker.take()
    worker.tell("response", "Done.")
    first = worker.id
    page.goto(f"/runs/{first}/")
    with unreloaded(page):
        writer(page).fill("And now?")
        ada.human.post("/api/messages", say)
        # What it still says in the first one is kept there, and the page looks again.
        worker.tell("thought", "By the way")
        other = page.get_by_role("link", name="Write to that one")
        expect(other).to_be_visible()
        expect(writer(page)).to_have_count(0)
        expect(page.get_by_role("main")).to_be_focused()
    other.click()
    worker.take()
    page.wait_for_url(f"**/runs/{worker.id}/")
    expect(writer(page)).to_have_value("And now?")
    page.goto(f"/runs/{first}/")
    expect(other).to_be_visible()


def test_a_refusal_is_told_and_the_words_stay(page: Page, watch: Watch, ada: Someone) -> None:
    watch.expect("status of 409")
    worker = Worker(ada.robot)
    ada.human.post("/api/messages", {"channelId": ada.robot.agent_id, "text": "Deploy it"})
    worker.take()
    page.goto(f"/runs/{worker.id}/")
    page.route("**/prompt/", lambda route: route.fulfill(status=409, body="It has ended."))
    writer(page).fill("And now?")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("It has ended.")
    expect(writer(page)).to_have_value("And now?")
    assert prompts(worker) == ["Deploy it"]


def test_who_writes_to_a_guest_that_was_shown_out_is_told_and_may_copy_the_words(
    page: Page, watch: Watch, house: House, ada: Someone, guests: list[Worker]
) -> None:
    watch.expect("status of 409")
    guest = guests[0]
    say = {"channelId": ada.robot.agent_id, "text": "@Build doctor why?"}
    ada.human.post("/api/messages", say)
    guest.take()
    guest.tell("response", "A flaky test.")
    page.goto(f"/runs/{guest.id}/")
    # It ended before, so nothing tells the page.
    house.dismiss(ada.robot, guest.robot)
    with unreloaded(page):
        writer(page).fill("And now?")
        page.keyboard.press("Enter")
        expect(page.locator("#toasts")).to_contain_text(
            "may not speak in this conversation any more"
        )
        expect(writer(page)).to_have_count(0)
        kept = page.get_by_text("And now?")
        expect(page.get_by_role("main")).to_contain_text("Your draft was not sent")
        expect(kept).to_be_visible()
        # Also when the page looks again.
        page.evaluate("document.getElementById('run').dataset.before = ''")
        page.evaluate("document.dispatchEvent(new Event('placet:stale'))")
        expect(page.locator("#run:not([data-before])")).to_be_visible()
        expect(kept).to_be_visible()


def test_a_run_that_is_not_there_any_more_is_not_tried_for_ever(
    page: Page, watch: Watch, ada: Someone
) -> None:
    watch.expect("status of 404")
    worker = Worker(ada.robot)
    ada.human.post("/api/messages", {"channelId": ada.robot.agent_id, "text": "Deploy it"})
    worker.take()
    page.goto(f"/runs/{worker.id}/")
    page.route("**/prompt/", lambda route: route.fulfill(status=404, body="<html>"))
    writer(page).fill("And now?")
    with page.expect_response(f"**/runs/{worker.id}/"):
        page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("cannot be written to any more")
    expect(writer(page)).to_have_value("And now?")


def test_what_could_not_be_sent_is_kept_and_said_once(
    page: Page, watch: Watch, ada: Someone
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED", "WebSocket connection", "ERR_FAILED")
    worker = Worker(ada.robot)
    ada.human.post("/api/messages", {"channelId": ada.robot.agent_id, "text": "Deploy it"})
    worker.take()
    page.goto(f"/runs/{worker.id}/")

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/prompt/", lose_the_answer, times=1)
    writer(page).fill("Once")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Not sent")
    expect(writer(page)).to_have_value("Once")
    page.keyboard.press("Enter")
    expect(writer(page)).to_have_value("")
    assert prompts(worker) == ["Deploy it", "Once"]


def test_without_scripts_a_refusal_comes_back_with_the_words(
    window: Window, watches: list[Watch], ada: Someone
) -> None:
    worker = Worker(ada.robot)
    say = {"channelId": ada.robot.agent_id, "text": "Deploy it"}
    ada.human.post("/api/messages", say)
    worker.take()
    worker.tell("response", "Done.")
    page = window(ada, java_script_enabled=False)
    watches[0].expect("status of 409")
    page.goto(f"/runs/{worker.id}/")
    ada.human.post("/api/messages", say)
    writer(page).fill("And now?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Another run is open in this conversation.")
    expect(page.get_by_text("And now?")).to_be_visible()
    expect(page.get_by_role("link", name="Write to that one")).to_be_visible()


def test_without_scripts_a_run_is_written_to(window: Window, ada: Someone) -> None:
    worker = Worker(ada.robot)
    ada.human.post("/api/messages", {"channelId": ada.robot.agent_id, "text": "Deploy it"})
    worker.take()
    page = window(ada, java_script_enabled=False)
    page.goto(f"/runs/{worker.id}/")
    writer(page).fill("Slowly")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("region", name="History")).to_contain_text("Slowly")

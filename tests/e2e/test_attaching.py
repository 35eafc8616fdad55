"""Files on their way into a message: picked, dropped, pasted; with real bytes, a slow line and a lost one."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.glance import unreloaded
from tests.e2e.handing import (
    CSV,
    MEGABYTE,
    bring,
    bytes_of,
    chip,
    chips,
    heard,
    pick,
    picture,
    stored,
    talk,
    writer,
)
from tests.e2e.stage import Someone, Watch
from tests.processes import AgentClient, until

Window = Callable[..., Page]


def test_files_are_picked_and_go_with_the_words(page: Page, robot: AgentClient) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    with unreloaded(page):
        pick(page, ("report.csv", CSV), ("chart.png", picture("teal")))
        stored(page, "report.csv", "chart.png")
        expect(writer(page)).to_be_focused()
        page.keyboard.type("Both of them")
        page.keyboard.press("Enter")
        expect(chips(page)).to_have_count(0)
        sent = talk(page).get_by_role("article")
        expect(sent.get_by_role("link", name="report.csv")).to_contain_text("CSV table")
        expect(sent.get_by_role("img", name="chart.png")).to_be_visible()
        expect(sent).to_have_count(1)
    until(lambda: heard(robot) == [("Both of them", ["report.csv", "chart.png"])])
    assert bytes_of(robot) == CSV


def test_files_are_dropped_on_the_conversation(page: Page, robot: AgentClient) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    sign = page.get_by_text("Drop to attach")
    bring(page, "dragover", "#talk", ("a.csv", CSV, "text/csv"))
    expect(sign).to_be_visible()
    bring(page, "drop", "#talk", ("a.csv", CSV, "text/csv"), ("b.csv", CSV, "text/csv"))
    expect(sign).to_be_hidden()
    stored(page, "a.csv", "b.csv")
    # A message of files alone.
    page.keyboard.press("Enter")
    until(lambda: heard(robot) == [(None, ["a.csv", "b.csv"])])
    expect(talk(page)).not_to_contain_text("(no text)")


def test_files_that_miss_the_conversation_do_not_lead_away(page: Page, robot: AgentClient) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    with unreloaded(page):
        bring(page, "dragover drop", ".rail", ("a.csv", CSV, "text/csv"))
        expect(chips(page)).to_have_count(0)


def test_a_picture_is_pasted(page: Page, robot: AgentClient) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    writer(page).fill("Look:")
    bring(page, "paste", "[data-composer] textarea", ("image.png", picture("red"), "image/png"))
    stored(page, "image.png")
    page.keyboard.press("Enter")
    until(lambda: heard(robot) == [("Look:", ["image.png"])])
    assert bytes_of(robot) == picture("red")


def slowed(page: Page, bytes_per_second: int) -> None:
    session = page.context.new_cdp_session(page)
    rates = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
    session.send("Network.emulateNetworkConditions", {"offline": False, **rates})


def test_one_sees_how_far_it_is_and_the_message_waits_for_it(
    page: Page, robot: AgentClient
) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    slowed(page, MEGABYTE)
    pick(page, ("large.bin", b"\0\1" * MEGABYTE))
    bar = chip(page, "large.bin").get_by_role("progressbar", name="Upload of large.bin")
    seen = "node => node.value / node.max > 0.2 && node.value / node.max < 1"
    until(lambda: bar.evaluate(seen))
    writer(page).fill("With the large one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Sent as soon as")).to_be_visible()
    assert heard(robot) == []
    until(lambda: heard(robot) == [("With the large one", ["large.bin"])], seconds=20)
    expect(writer(page)).to_have_value("")


def test_an_upload_is_cancelled(page: Page, robot: AgentClient) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    slowed(page, MEGABYTE // 4)
    pick(page, ("large.bin", b"\0\1" * MEGABYTE), ("small.txt", b"x"))
    stored(page, "small.txt")
    page.get_by_role("button", name="Remove large.bin").click()
    expect(chips(page)).to_have_count(1)
    writer(page).press("Enter")
    until(lambda: heard(robot) == [(None, ["small.txt"])])


def test_without_a_connection_it_is_told_and_tried_again(
    page: Page, watch: Watch, robot: AgentClient
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED", "WebSocket")
    page.goto(f"/chats/{robot.agent_id}/")
    page.context.set_offline(True)
    pick(page, ("report.csv", CSV))
    failed = chip(page, "report.csv")
    expect(failed).to_contain_text("No connection")
    writer(page).fill("Here it is")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("retry or remove what was not uploaded")
    expect(writer(page)).to_have_value("Here it is")
    page.context.set_offline(False)
    page.get_by_role("button", name="Retry report.csv").click()
    stored(page, "report.csv")
    writer(page).press("Enter")
    until(lambda: heard(robot) == [("Here it is", ["report.csv"])])


def test_what_is_too_much_is_refused_in_a_sentence(
    page: Page, watch: Watch, robot: AgentClient
) -> None:
    """One file has a longest size; all files of an agent together another, which only the server knows."""
    watch.expect("status of 413")
    page.goto(f"/chats/{robot.agent_id}/")
    pick(page, ("huge.bin", b"\0" * (8 * MEGABYTE + 1)))
    expect(chip(page, "huge.bin")).to_contain_text("Too large: at most 8.0 MB")
    expect(page.get_by_role("button", name="Retry huge.bin")).to_be_hidden()
    page.get_by_role("button", name="Remove huge.bin").click()
    for n in range(3):
        pick(page, (f"{n}.bin", b"\0" * (7 * MEGABYTE)))
        expect(chip(page, f"{n}.bin")).to_have_attribute("data-state", re.compile("stored|failed"))
    expect(chip(page, "2.bin")).to_contain_text("this agent's files are full")
    page.get_by_role("button", name="Remove 0.bin").click()
    expect(chip(page, "0.bin")).to_have_count(0)


def test_chips_are_reached_and_removed_by_keyboard(
    page: Page, ada: Someone, robot: AgentClient
) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    pick(page, ("a.csv", CSV), ("b.csv", CSV), ("c.csv", CSV))
    stored(page, "a.csv", "b.csv", "c.csv")
    drafts = ada.human.get("/api/files").json()["data"]
    ids = {file["filename"]: file["id"] for file in drafts}
    page.keyboard.press("Backspace")
    expect(chip(page, "c.csv")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(chip(page, "b.csv")).to_be_focused()
    page.keyboard.press("Delete")
    expect(chip(page, "c.csv")).to_be_focused()
    page.keyboard.press("Backspace")
    expect(chip(page, "a.csv")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Remove a.csv")).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_count(0)
    expect(writer(page)).to_be_focused()
    # What had been stored is gone at once, and not only from here.
    until(lambda: ada.human.get(f"/api/files/{ids['c.csv']}").status_code == 404)


def test_more_than_a_message_takes_are_not_taken(page: Page, robot: AgentClient) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    pick(page, *((f"{n}.txt", b"x") for n in range(21)))
    expect(page.locator("#toasts")).to_contain_text("At most 20 files")
    expect(chips(page)).to_have_count(20)
    expect(chips(page).last).to_have_attribute("data-state", "stored")


def test_a_draft_with_files_survives_a_reload(page: Page, robot: AgentClient) -> None:
    page.goto(f"/chats/{robot.agent_id}/")
    pick(page, ("report.csv", CSV), ("night.log", b"all is well"))
    stored(page, "report.csv", "night.log")
    writer(page).fill("Half a sentence")
    page.reload()
    stored(page, "report.csv", "night.log")
    expect(writer(page)).to_have_value("Half a sentence")
    writer(page).press("Enter")
    until(lambda: heard(robot) == [("Half a sentence", ["report.csv", "night.log"])])
    page.reload()
    expect(talk(page).get_by_role("article")).to_have_count(1)
    expect(chips(page)).to_have_count(0)


def test_a_draft_forgets_what_was_sent_from_another_window(
    page: Page, window: Window, ada: Someone
) -> None:
    chat = f"/chats/{ada.robot.agent_id}/"
    page.goto(chat)
    pick(page, ("report.csv", CSV))
    stored(page, "report.csv")
    (file,) = ada.human.get("/api/files").json()["data"]
    body = {"channelId": ada.robot.agent_id, "attachmentIds": [file["id"]]}
    assert ada.human.post("/api/messages", body).status_code == 201
    page.goto(chat)
    expect(talk(page).get_by_role("link", name="report.csv")).to_be_visible()
    expect(chips(page)).to_have_count(0)


def test_a_message_with_files_that_could_not_be_sent_is_kept_and_sent_later(
    page: Page, watch: Watch, robot: AgentClient
) -> None:
    watch.expect("ERR_FAILED", "Failed to fetch")
    page.route("**/write/", lambda route: route.abort())
    page.goto(f"/chats/{robot.agent_id}/")
    pick(page, ("report.csv", CSV))
    stored(page, "report.csv")
    writer(page).fill("Later, then")
    page.keyboard.press("Enter")
    expect(talk(page)).to_contain_text("Not sent")
    expect(talk(page)).to_contain_text("report.csv")
    page.unroute("**/write/")
    page.reload()
    until(lambda: heard(robot) == [("Later, then", ["report.csv"])])
    expect(talk(page).get_by_role("link", name="report.csv")).to_be_visible()


def test_without_scripts_a_form_brings_the_file(
    window: Window, ada: Someone, tmp_path: Path
) -> None:
    page = window(ada, java_script_enabled=False)
    page.goto(f"/chats/{ada.robot.agent_id}/")
    pick(page, ("report.csv", CSV))
    page.get_by_role("button", name="Send").click()
    expect(talk(page).get_by_role("link", name="report.csv")).to_be_visible()
    assert heard(ada.robot) == [(None, ["report.csv"])]

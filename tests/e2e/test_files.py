"""Files: attached by hand, shown where they were sent, found on a page of their own. With real bytes all the way."""

import io
import re
import zipfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.glance import unreloaded
from tests.e2e.stage import House, Someone, Watch
from tests.e2e.test_chat import become
from tests.files import hostile, pieces
from tests.processes import AgentClient, plain_session, until

Window = Callable[..., Page]
MEGABYTE = 1024 * 1024
CSV = b"Region,Total\neu,41\n"
#: Every shift of the layout, whatever caused it, from the first moment on.
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    // A letter that is drawn a pixel further is no jump; a row that moves is a hundred times as much.
    if (entry.value < 0.0005) continue;
    window.shifts.push(`${entry.value}: ${entry.sources.map((s) => s.node?.outerHTML?.slice(0, 120)).join(" | ")}`);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


def picture(colour: str, size: tuple[int, int] = (320, 200), kind: str = "PNG") -> bytes:
    return pieces.written(lambda out: Image.new("RGB", size, colour).save(out, kind))


def talk(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def chips(page: Page) -> Locator:
    return page.get_by_role("list", name="Files to be sent").get_by_role("listitem")


def chip(page: Page, name: str) -> Locator:
    return chips(page).filter(has_text=name)


def writer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Write to")


def pick(page: Page, *files: tuple[str, bytes]) -> None:
    given = [FilePayload(name=name, mimeType="", buffer=content) for name, content in files]
    page.get_by_label("Attach files").set_input_files(given)


def stored(page: Page, *names: str) -> None:
    """All of them are up."""
    for name in names:
        expect(chip(page, name)).to_have_attribute("data-state", "stored")


def bring(page: Page, how: str, target: str, *files: tuple[str, bytes, str]) -> None:
    """What a browser tells a page when files are dropped on it or pasted."""
    given = [[name, b64encode(content).decode(), kind] for name, content, kind in files]
    page.evaluate(
        """([how, target, given]) => {
          const transfer = new DataTransfer();
          for (const [name, content, type] of given) {
            const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
            transfer.items.add(new File([bytes], name, { type }));
          }
          const node = document.querySelector(target);
          const more = { bubbles: true, cancelable: true };
          if (how === "paste") return node.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, ...more }));
          for (const type of how.split(" ")) node.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, ...more }));
        }""",
        [how, target, given],
    )


def heard(robot: AgentClient) -> list[tuple[str | None, list[str]]]:
    """What the human has sent: text, and names of files."""
    page = robot.get("/api/v1/messages").json()["data"]
    return [
        (message["text"], [one["filename"] for one in message["attachments"]])
        for message in page
        if message["senderType"] == "user"
    ]


def bytes_of(robot: AgentClient, n: int = 0) -> bytes:
    """Of the latest message that the human has sent."""
    page = robot.get("/api/v1/messages").json()["data"]
    file = next(m for m in page if m["senderType"] == "user")["attachments"][n]
    return robot.get(f"/api/v1/files/{file['id']}/download").content


# --- into a message


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


# --- in a message


def test_a_file_of_an_agent_arrives_live_and_then_its_picture_and_nothing_moves(
    page: Page, robot: AgentClient
) -> None:
    page.add_init_script(WATCH_SHIFTS)
    page.goto(f"/chats/{robot.agent_id}/")
    with unreloaded(page):
        robot.send((picture("teal", (1600, 900)), "chart.png"), text="The chart")
        robot.say("And some words below it")
        link = talk(page).get_by_role("link", name="chart.png")
        expect(link).to_be_visible()
        expect(link).to_have_attribute("href", re.compile(r"^/files/[0-9a-f-]{36}$"))
        expect(link).to_have_attribute("data-state", "ready")
        image = talk(page).get_by_role("img", name="chart.png")
        until(lambda: image.evaluate("node => node.complete && node.naturalWidth === 640"))
        box = image.bounding_box()
        assert box
        assert (round(box["width"]), round(box["height"])) == (400, 225)
        assert page.evaluate("window.shifts") == []


def test_a_question_in_the_inbox_shows_its_files_live_too(page: Page, robot: AgentClient) -> None:
    page.goto("/inbox/")
    ids = [robot.store(picture("teal"), "chart.png"), robot.store(CSV, "report.csv")]
    asked = robot.say("Ship it?", attachmentIds=ids, review={"type": "approval", "payload": {}})
    page.goto(f"/inbox/{asked['id']}/")
    detail = page.get_by_role("main")
    expect(detail.get_by_role("img", name="chart.png")).to_be_visible()
    expect(detail.get_by_role("link", name="report.csv")).to_have_attribute("data-state", "ready")


def test_a_drawing_is_shown_as_a_picture_and_nothing_in_it_runs(
    page: Page, robot: AgentClient
) -> None:
    robot.send((hostile.svg_with_script(), "drawing.svg"))
    for path in (f"/chats/{robot.agent_id}/", "/files/"):
        page.goto(path)
        page.wait_for_function("() => document.querySelector('[data-view] img')?.naturalWidth > 0")
        assert page.evaluate("window.canary") is None


def test_what_cannot_be_shown_says_so_and_what_is_deleted_is_marked(
    page: Page, ada: Someone
) -> None:
    robot = ada.robot
    page.add_init_script(WATCH_SHIFTS)
    page.goto(f"/chats/{robot.agent_id}/")
    with unreloaded(page):
        robot.send((picture("red")[:60], "damaged.png"), (CSV, "report.csv"))
        link = talk(page).get_by_role("link", name="damaged.png")
        expect(link).to_contain_text("The picture is damaged")
        csv = talk(page).get_by_role("link", name="report.csv")
        file_id = str(csv.get_attribute("data-file"))
        assert ada.human.delete(f"/api/files/{file_id}").ok
        expect(csv).to_have_class(re.compile("gone"))
        assert page.evaluate("window.shifts") == []


HOSTILE = [
    '"><img src=x onerror=document.title="canary">.png',
    "‮gnp.exe",
    "<script src=x>.csv",
    "מסמך סופי (1).csv",
    "a" * 240 + ".csv",
]


def test_names_mean_no_harm_wherever_they_are_shown(page: Page, ada: Someone) -> None:
    robot = ada.robot
    robot.send(*((CSV, name) for name in HOSTILE))
    for path in (f"/chats/{robot.agent_id}/", "/files/", "/files/?as=list"):
        page.goto(path)
        links = page.locator("[data-view] bdi:not(.from bdi)")
        expect(links).to_have_count(len(HOSTILE))
        shown = "".join(links.all_text_contents())
        assert "<script src=x>.csv" in shown
        assert "‮" not in shown
        assert page.title() != "canary"
        assert page.locator("img[src='x']").count() == 0
        wide = "document.scrollingElement.scrollWidth > innerWidth"
        assert not page.evaluate(wide)


@pytest.fixture
def gallery(ada: Someone) -> list[AgentClient]:
    """Twenty conversations with twenty-five pictures of many sizes in each."""
    sizes = [(320, 200), (200, 320), (640, 120), (40, 40), (500, 500)]
    pictures = [picture(f"hsl({n * 14}, 50%, 50%)", sizes[n % 5], "JPEG") for n in range(25)]
    robots = [ada.add_robot(f"Painter {n}") for n in range(20)]
    for robot in robots:
        for n in range(10):
            robot.say(f"Some words between the pictures, number {n}.\n\n" * (n % 3 + 1))
            if n % 2:
                robot.send(*((pictures[n * 2 + m], f"{n}-{m}.jpg") for m in range(4)))
            else:
                robot.send((pictures[n], f"{n}.jpg"))
    return robots


def test_five_hundred_pictures_in_twenty_conversations_scroll_without_a_jump(
    page: Page, watch: Watch, gallery: list[AgentClient]
) -> None:
    page.add_init_script(WATCH_SHIFTS)
    for n, robot in enumerate(gallery):
        watch.requests.clear()
        page.goto(f"/chats/{robot.agent_id}/")
        images = talk(page).locator("[data-view]")
        expect(images).to_have_count(25)
        page.mouse.move(1000, 400)
        for _ in range(12):
            page.mouse.wheel(0, -700)
            page.wait_for_timeout(60)
        assert page.evaluate("window.shifts") == [], f"conversation {n}"
        asked = {url for url in watch.requests if "/preview/" in url}
        assert len(asked) <= 25


def test_pictures_far_away_are_not_fetched(
    page: Page, watch: Watch, ada: Someone, robot: AgentClient
) -> None:
    for n in range(12):
        robot.send((picture("teal", (400, 300)), f"{n}.png"), text="line\n\n" * 12)
    until(lambda: all_ready(ada, robot), seconds=30)
    page.goto(f"/chats/{robot.agent_id}/")
    # Unread from the first on: there the conversation opens.
    first = talk(page).get_by_role("img").first
    until(lambda: first.evaluate("node => node.complete && node.naturalWidth > 0"))
    assert 0 < len([url for url in watch.requests if "/preview/" in url]) < 12


def all_ready(ada: Someone, robot: AgentClient) -> bool:
    files = ada.human.get("/api/files", agent=robot.agent_id, limit=100).json()["data"]
    states = [ada.human.get(f"/api/files/{one['id']}/preview").json()["state"] for one in files]
    return bool(states) and "pending" not in states


# --- all of them


def wall(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Files").get_by_role("option")


def here(page: Page) -> Locator:
    """Where the keys are."""
    listbox = page.get_by_role("listbox", name="Files")
    return page.locator(f"#{listbox.get_attribute('aria-activedescendant')}")


def test_the_page_of_files_is_worked_by_keyboard_alone(
    page: Page, watch: Watch, ada: Someone
) -> None:
    names = ["a.csv", "b.png", "c.txt", "d.txt", "e.txt"]
    contents = [CSV, picture("teal"), b"c", b"d", b"e"]
    ada.robot.send(*zip(contents, names, strict=True))
    page.goto("/inbox/")
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url("**/files/")
    expect(wall(page)).to_have_count(5)
    expect(page.get_by_role("listbox", name="Files")).to_be_focused()
    expect(here(page)).to_contain_text("e.txt")
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("j")
    expect(here(page)).to_contain_text("c.txt")
    page.keyboard.press("k")
    expect(here(page)).to_contain_text("d.txt")
    page.keyboard.press("x")
    expect(page.get_by_role("group", name="Selected files")).to_contain_text("2 selected")
    expect(wall(page).and_(page.locator("[aria-selected=true]"))).to_have_count(2)
    with page.expect_download() as download:
        page.keyboard.press("d")
    archive = zipfile.ZipFile(download.value.path())
    assert sorted(archive.namelist()) == ["d.txt", "e.txt"]
    assert archive.read("d.txt") == b"d"
    page.keyboard.press("Delete")
    sure = page.get_by_role("dialog", name="Delete 2 files?")
    page.keyboard.press("Escape")
    expect(sure).to_be_hidden()
    expect(wall(page)).to_have_count(5)
    page.keyboard.press("Delete")
    expect(sure.get_by_role("button", name="Delete")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Deleted 2 files")
    left = [file["filename"] for file in ada.human.get("/api/files").json()["data"]]
    assert left == ["c.txt", "b.png", "a.csv"]
    expect(page.get_by_role("group", name="Selected files")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("b.p")
    expect(wall(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="Files")).to_be_focused()
    expect(here(page)).to_contain_text("b.png")
    address = str(here(page).get_attribute("href"))
    # What it looks like there, on a page or over this one, is another story.
    watch.expect("status of 404")
    page.keyboard.press("Enter")
    opened = "address => location.pathname === address || document.querySelector('dialog[open]')"
    page.wait_for_function(opened, arg=address)
    page.wait_for_load_state()


def test_who_switched_single_keys_off_works_it_with_the_others(page: Page, house: House) -> None:
    """Arrows, Space, Enter and Delete are no letters that somebody could speak by accident."""
    eve = house.invite("Eve", robot="Deploy pilot")
    assert eve.human.patch("/api/preferences", {"shortcuts": False}).ok
    eve.robot.send(*((b"x", f"{n}.txt") for n in range(8)))
    page.context.clear_cookies()
    become(page, eve)
    page.goto("/files/?as=grid")
    expect(here(page)).to_contain_text("7.txt")
    page.keyboard.press("x")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("[aria-selected=true]")).to_contain_text("6.txt")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("[aria-selected=true]")).to_have_count(2)
    page.keyboard.press("End")
    expect(here(page)).to_contain_text("0.txt")
    page.keyboard.press("ControlOrMeta+a")
    expect(page.locator("[aria-selected=true]")).to_have_count(8)
    page.keyboard.press("Delete")
    expect(page.get_by_role("dialog", name="Delete 8 files?")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No files yet")).to_be_visible()


def test_filters_narrow_it_and_the_address_remembers_them(page: Page, ada: Someone) -> None:
    reader = ada.add_robot("Invoice reader")
    ada.robot.send((CSV, "a.csv"), (picture("teal"), "b.png"))
    reader.send((picture("red"), "c.png"))
    page.goto("/files/")
    expect(wall(page)).to_have_count(3)
    page.get_by_label("Type").select_option("Images")
    expect(wall(page)).to_have_count(2)
    page.get_by_label("Agent", exact=True).select_option("Invoice reader")
    expect(wall(page)).to_have_count(1)
    expect(page).to_have_url(re.compile("type=image"))
    page.reload()
    expect(wall(page)).to_have_count(1)
    page.get_by_role("link", name="As a list").click()
    expect(page).to_have_url(re.compile("type=image.*as=list"))
    expect(wall(page)).to_contain_text("c.png")
    page.get_by_role("searchbox").fill("nothing like it")
    expect(page.get_by_text("No such file")).to_be_visible()


def test_the_page_of_files_is_live(page: Page, ada: Someone) -> None:
    page.goto("/files/")
    expect(page.get_by_text("No files yet")).to_be_visible()
    with unreloaded(page):
        ada.robot.send((picture("teal"), "first.png"))
        expect(wall(page)).to_have_count(1)
        until(lambda: wall(page).locator("img").evaluate_all("all => all.every(i => i.complete)"))
        expect(wall(page).locator("img")).to_have_count(1)
        ada.robot.send((CSV, "second.csv"))
        # The wall does not move under the hand: what is new is counted, and comes when it is asked for.
        expect(page.get_by_role("button", name="1 new")).to_be_visible()
        expect(wall(page)).to_have_count(1)
        page.keyboard.press(".")
        expect(wall(page)).to_have_count(2)
        expect(wall(page).first).to_contain_text("second.csv")
        (second, _) = ada.human.get("/api/files").json()["data"]
        assert ada.human.delete(f"/api/files/{second['id']}").ok
        expect(wall(page).first).to_have_class(re.compile("gone"))
        expect(wall(page).last).not_to_have_class(re.compile("gone"))
        assert ada.robot.request(
            "DELETE",
            f"/api/v1/messages/{ada.robot.get('/api/v1/messages').json()['data'][1]['id']}",
        ).ok
        # Nothing is left to keep still for.
        expect(page.get_by_text("No files yet")).to_be_visible()


def test_the_wall_goes_on_as_one_scrolls(page: Page, ada: Someone) -> None:
    for _ in range(4):
        ada.robot.send(*((b"x", f"{n}.txt") for n in range(20)))
    page.add_init_script(WATCH_SHIFTS)
    page.goto("/files/")
    page.mouse.move(900, 500)
    for shown in (60, 80):
        expect(wall(page)).to_have_count(shown)
        page.mouse.wheel(0, 20_000)
    ids = wall(page).evaluate_all("all => all.map(each => each.dataset.id)")
    assert ids == sorted(ids, reverse=True)
    assert page.evaluate("window.shifts") == []


def test_a_link_is_shared_with_whoever_has_it_and_revoked(page: Page, ada: Someone) -> None:
    ada.robot.send((CSV, "report.csv"))
    page.goto("/files/")
    expect(here(page)).to_contain_text("report.csv")
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog", name="Share report.csv")
    expect(dialog.get_by_role("button", name="Copy")).to_be_focused()
    url = dialog.locator("#share-url").text_content()
    assert url
    path = re.sub(r"^https?://[^/]+", ada.human.url, url)
    anybody = plain_session()
    assert anybody.get(path).content == CSV
    dialog.get_by_role("button", name="Revoke all links").click()
    expect(dialog.get_by_text("There is no link to this file any more")).to_be_visible()
    assert anybody.get(path).status_code == 404
    dialog.get_by_role("button", name="Make a new link").click()
    expect(dialog.locator("#share-url")).to_be_visible()
    assert dialog.locator("#share-url").text_content() != url
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="Files")).to_be_focused()


def test_files_are_selected_by_hand_too(page: Page, ada: Someone) -> None:
    ada.robot.send(*((b"x", f"{n}.txt") for n in range(4)))
    page.goto("/files/")
    with unreloaded(page):
        wall(page).first.hover()
        wall(page).first.locator("[data-pick]").click()
        wall(page).nth(2).click(modifiers=["Shift"])
        bar = page.get_by_role("group", name="Selected files")
        expect(bar).to_contain_text("3 selected")
        wall(page).nth(1).click(modifiers=["ControlOrMeta"])
        expect(bar).to_contain_text("2 selected")
        expect(bar.get_by_role("button", name="Share")).to_be_hidden()
        with page.expect_download() as download:
            bar.get_by_role("button", name="Download").click()
        assert (
            len(zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())).namelist())
            == 2
        )
        page.keyboard.press("Escape")
        expect(bar).to_be_hidden()


def test_what_is_not_one_s_to_delete_stays_and_is_told(
    window: Window, house: House, ada: Someone, watches: list[Any]
) -> None:
    bo = house.invite("Bo")
    reviewers = f"/settings/agents/{ada.robot.agent_id}/reviewers/"
    bos_id = bo.human.get("/api/auth/me").json()["user"]["id"]
    assert ada.human.request("POST", reviewers, data={"reviewers": bos_id}).ok
    ada.robot.send((CSV, "report.csv"))
    page = window(bo)
    page.goto("/files/")
    expect(here(page)).to_contain_text("report.csv")
    page.keyboard.press("Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#toasts")).to_contain_text("One is for the agent's owner to delete")
    expect(wall(page).first).not_to_have_class(re.compile("gone"))

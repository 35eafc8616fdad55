"""The viewer in a real browser: every kind of file, over the page it was opened from, by mouse, finger and keyboard."""

import io
import json
import math
import re
import struct
import wave
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.glance import waits_for
from tests.e2e.stage import PHONE, Someone, Watch
from tests.files import pieces
from tests.processes import AgentClient, Human, until

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="9" height="9"/></svg>'
PAGE = b"<!doctype html><title>t</title><p id=shown>As it looks</p>"
Window = Callable[..., Page]


def sound(seconds: int = 4) -> bytes:
    def write(out: Any) -> None:
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            heights = (int(9000 * math.sin(n / 6)) for n in range(8000 * seconds))
            file.writeframes(b"".join(struct.pack("<h", height) for height in heights))

    return pieces.written(write)


def printed(*texts: str) -> bytes:
    """A PDF with a page for each text."""
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(texts)))
    parts = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(texts)}>>"]
    for n, text in enumerate(texts):
        drawn = f"BT /F 28 Tf 60 700 Td ({text}) Tj ET"
        fonts = "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
        parts += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {4 + 2 * n} 0 R{fonts}>>",
            f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream ",
        ]
    body = "".join(f"{n} 0 obj{part}endobj\n" for n, part in enumerate(parts, 1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R>>\n%%EOF".encode()


def store(robot: AgentClient, content: bytes, name: str) -> str:
    form = {"file": (name, content)}
    answer = robot.request("POST", "/api/v1/files/store", files=form)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def previewed(human: Human, file_id: str) -> None:
    path = f"/api/files/{file_id}/preview"
    until(lambda: human.get(path).json()["state"] != "pending", seconds=60)


def ask(ada: Someone, **files: bytes) -> tuple[str, dict[str, str]]:
    """A question with these files; "chart_png" is a file called chart.png."""
    ids = {
        name.replace("_", "."): store(ada.robot, content, name.replace("_", "."))
        for name, content in files.items()
    }
    for file_id in ids.values():
        previewed(ada.human, file_id)
    review = {"type": "approval", "payload": {}}
    said = ada.robot.say("Is this right?", attachmentIds=list(ids.values()), review=review)
    return str(said["id"]), ids


def link_to(page: Page, file_id: str, name: str = "the file") -> Locator:
    """A link as messages have them, at the end of what is opened."""
    page.evaluate(
        """([id, name]) => {
          const link = Object.assign(document.createElement("a"), { href: `/files/${id}`, textContent: name });
          link.dataset.view = id;
          document.querySelector("#detail .column").append(link);
        }""",
        [file_id, name],
    )
    return page.get_by_role("link", name=name, exact=True)


def viewer(page: Page) -> Locator:
    return page.locator("[data-viewer]")


def stage(page: Page) -> Locator:
    return page.get_by_role("region", name="Contents of the file")


@pytest.fixture
def opened(page: Page, ada: Someone) -> Callable[..., dict[str, str]]:
    """The question is open in the inbox, and its first file over it."""

    def open_first(**files: bytes) -> dict[str, str]:
        message_id, ids = ask(ada, **files)
        page.goto(f"/inbox/{message_id}/")
        waits_for(page, "Is this right?")
        link_to(page, next(iter(ids.values()))).click()
        expect(viewer(page)).to_be_visible()
        return ids

    return open_first


def test_every_kind_is_shown(page: Page, ada: Someone, watch: Watch) -> None:
    shown: dict[str, tuple[bytes, str]] = {
        "scan.tiff": (pieces.picture("TIFF", (90, 60)), "img[src$='large.jpg']"),
        "logo.svg": (SVG, "img[src$='/download']"),
        "contract.pdf": (printed("Signed"), "img[alt='Page 1 of 1']"),
        "plan.docx": (pieces.word("Signed by both sides."), "text=Signed by both sides."),
        "sums.xlsx": (pieces.sheet(), "td:text-is('eu')"),
        "sums.csv": (b"Region,Total\nus,17\n", "td:text-is('us')"),
        "show.pptx": (pieces.slides(picture=pieces.picture()), "h3:text('Quarter three')"),
        "f.py": (b"def f():\n    pass\n", ".code .k:text('def')"),
        "plan.md": (b"# Plan\n\n**now**", "strong:text('now')"),
        "a.json": (b'{"deep": {"er": 1.50}}', "summary:has-text('deep')"),
        "a.txt": (b"one\ntwo\n", "pre:text('one')"),
        "a.zip": (pieces.archive(), "td:has-text('a.txt')"),
        "a.bin": (b"\xfe\xfd\0\1", "text=a.bin"),
    }
    for name, (content, looks) in shown.items():
        file_id = store(ada.robot, content, name)
        previewed(ada.human, file_id)
        page.goto(f"/files/{file_id}")
        expect(stage(page).locator(looks).first).to_be_visible()
        broken = "[...document.querySelectorAll('[data-stage] img')].filter((i) => i.complete && !i.naturalWidth).length"
        page.wait_for_function(f"() => ({broken}) === 0")
        expect(page.get_by_role("heading", level=1).first).to_have_text(name)


def test_an_html_page_is_shown_in_an_origin_that_is_nobodys(page: Page, ada: Someone) -> None:
    file_id = store(ada.robot, PAGE, "page.html")
    previewed(ada.human, file_id)
    page.goto(f"/files/{file_id}")
    frame = page.frame_locator("iframe[sandbox]")
    expect(frame.locator("#shown")).to_have_text("As it looks")
    inner = next(one for one in page.frames if one.url.endswith("/page"))
    assert inner.evaluate("self.origin") == "null"
    page.get_by_role("link", name="Source").click()
    expect(stage(page)).to_contain_text("<p id=shown>")
    assert "as=source" in page.url


def test_sound_plays_and_can_be_sought(page: Page, ada: Someone) -> None:
    page.goto(f"/files/{store(ada.robot, sound(), 'tone.wav')}")
    player = page.locator("audio")
    page.wait_for_function("() => document.querySelector('audio').duration > 3.9")
    player.evaluate("(audio) => { audio.currentTime = 3; }")
    page.wait_for_function(
        "() => !document.querySelector('audio').seeking && document.querySelector('audio').currentTime === 3"
    )


RECORD = """
async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start();
  for (let n = 0; n < 12; n++) {
    pen.fillStyle = `hsl(${n * 30} 80% 50%)`;
    pen.fillRect(0, 0, 64, 48);
    await new Promise((done) => setTimeout(done, 40));
  }
  await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
  return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
}
"""


def test_a_video_plays(page: Page, ada: Someone) -> None:
    """Recorded by the browser itself: nothing else here writes one."""
    page.goto("/inbox/")
    film = bytes(page.evaluate(RECORD))
    page.goto(f"/files/{store(ada.robot, film, 'film.webm')}")
    page.wait_for_function("() => document.querySelector('video').videoWidth === 64")
    assert page.locator("video").evaluate("(video) => video.play().then(() => true)")


def test_it_lies_over_the_page_goes_through_the_files_and_gives_the_focus_back(
    page: Page, opened: Any
) -> None:
    opened(a_png=pieces.picture(), b_txt=b"the second", c_md=b"the third")
    expect(viewer(page)).to_be_focused()
    expect(viewer(page)).to_contain_text("1 of 3")
    page.keyboard.press("ArrowLeft")
    for key, text in (("ArrowRight", "the second"), ("ArrowRight", "the third")):
        page.keyboard.press(key)
        expect(stage(page)).to_contain_text(text)
    page.keyboard.press("ArrowRight")
    expect(viewer(page)).to_contain_text("3 of 3")
    page.get_by_role("link", name="Previous file").click()
    expect(stage(page)).to_contain_text("the second")
    expect(page.get_by_role("link", name="Previous file")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="the file")).to_be_focused()
    assert "/inbox/" in page.url


def test_deciding_keys_do_not_reach_through_it(page: Page, opened: Any, ada: Someone) -> None:
    opened(a_txt=b"words")
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    page.wait_for_timeout(400)
    waits_for(page, "Is this right?")


def test_the_page_has_an_address_of_its_own(page: Page, ada: Someone) -> None:
    message_id, ids = ask(ada, a_txt=b"the first", b_txt=b"the second")
    page.goto(f"/files/{ids['a.txt']}")
    page.keyboard.press("ArrowRight")
    expect(stage(page)).to_contain_text("the second")
    expect(page).to_have_url(f"/files/{ids['b.txt']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("b.txt")
    expect(page).to_have_title(re.compile("b.txt · Placet$"))
    # A new arrival counts in the title, and leaves the name in it.
    ada.robot.ask(text="And this?")
    expect(page).to_have_title("(2) b.txt · Placet")
    page.reload()
    expect(stage(page)).to_contain_text("the second")
    page.keyboard.press("i")
    page.get_by_role("link", name="Open in conversation").click()
    expect(page).to_have_url(f"/chats/{ada.robot.agent_id}/?at={message_id}#m-{message_id}")


def test_keys_that_lead_elsewhere_still_do(page: Page, ada: Someone) -> None:
    _, ids = ask(ada, a_png=pieces.picture())
    page.goto(f"/files/{ids['a.png']}")
    expect(page.get_by_role("button", name="Annotate")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Draw on a picture")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page).to_have_url(re.compile("/inbox/"))
    page.go_back()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(f"/chats/{ada.robot.agent_id}/"))


def test_it_works_without_scripts(window: Window, ada: Someone) -> None:
    _, ids = ask(ada, a_pdf=printed("Signed by both sides", "Annex"), b_txt=b"the second")
    page = window(ada, java_script_enabled=False)
    page.goto(f"/files/{ids['a.pdf']}")
    expect(page.locator("img[alt='Page 1 of 2']")).to_be_visible()
    page.get_by_role("searchbox").fill("annex")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_text("1 hit on 1 page")).to_be_visible()
    page.get_by_role("link", name="Next file").click()
    expect(page.get_by_text("the second")).to_be_visible()
    expect(page.get_by_role("button", name="Annotate")).to_be_hidden()


def width_of(page: Page) -> float:
    return float(page.locator("[data-zoomed]").evaluate("(it) => it.getBoundingClientRect().width"))


def test_a_picture_is_zoomed_by_keys_wheel_and_buttons_and_moved_by_dragging(
    page: Page, opened: Any
) -> None:
    opened(a_png=pieces.picture("PNG", (2000, 1400)))
    page.wait_for_function("() => document.querySelector('[data-zoomed].sized')")
    fitted = width_of(page)
    page.keyboard.press("+")
    assert width_of(page) == pytest.approx(fitted * 1.25, abs=2)
    page.keyboard.press("-")
    assert width_of(page) == pytest.approx(fitted, abs=2)
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Zoom in").click()
    page.mouse.move(900, 500)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    page.wait_for_function(f"() => {width_js} > {fitted * 2}")
    before = page.evaluate("document.querySelector('[data-stage]').scrollLeft")
    page.mouse.down()
    page.mouse.move(700, 450, steps=4)
    page.mouse.up()
    moved = page.evaluate("document.querySelector('[data-stage]').scrollLeft")
    assert moved == pytest.approx(before + 200, abs=3)
    page.keyboard.press("0")
    assert width_of(page) == pytest.approx(fitted, abs=2)
    # An arrow key still goes on, for nothing is too wide.
    assert page.evaluate("document.querySelector('[data-stage]').scrollWidth") <= 1440


width_js = "document.querySelector('[data-zoomed]').getBoundingClientRect().width"


def test_the_wheel_zooms_towards_the_pointer(page: Page, opened: Any) -> None:
    opened(a_png=pieces.picture("PNG", (2000, 1400)))
    page.wait_for_function("() => document.querySelector('[data-zoomed].sized')")
    where = """() => { const box = document.querySelector("[data-zoomed]").getBoundingClientRect();
      return [(300 - box.left) / box.width, (600 - box.top) / box.height]; }"""
    page.mouse.move(300, 600)
    for _ in range(4):
        page.keyboard.down("Control")
        page.mouse.wheel(0, -100)
        page.keyboard.up("Control")
    page.wait_for_timeout(100)
    then = page.evaluate(where)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_timeout(100)
    assert page.evaluate(where) == pytest.approx(then, abs=0.01)


def test_two_fingers_zoom_on_a_phone(window: Window, ada: Someone) -> None:
    _, ids = ask(ada, a_png=pieces.picture("PNG", (2000, 1400)))
    page = window(ada, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(f"/files/{ids['a.png']}")
    page.wait_for_function("() => document.querySelector('[data-zoomed].sized')")
    fitted = width_of(page)
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        told = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    touch("touchStart", (180, 400), (210, 400))
    for n in range(1, 6):
        touch("touchMove", (180 - n * 15, 400), (210 + n * 15, 400))
    touch("touchEnd")
    page.wait_for_function(f"() => {width_js} > {fitted * 3}")
    assert page.evaluate("visualViewport.scale") == 1


def test_words_are_found_in_a_document(page: Page, opened: Any) -> None:
    opened(contract_pdf=printed("Contract", "Liability is limited", "Both are liable", "Signed"))
    page.get_by_role("searchbox", name="Find in the document").fill("liab")
    expect(viewer(page)).to_contain_text("2 hits on 2 pages")
    expect(page.locator("mark")).to_have_text(["Liab", "liab"])
    expect(page.locator(".viewer-page.hit")).to_have_count(2)
    expect(page.locator("#viewer-page-2")).to_be_in_viewport()
    page.get_by_role("link", name="Page 3").click()
    expect(page.locator("#viewer-page-3")).to_be_focused()
    page.get_by_role("searchbox", name="Find in the document").fill("zebra")
    expect(viewer(page)).to_contain_text("Nothing found")


def test_pages_are_loaded_when_they_come_into_sight_and_move_nothing(
    page: Page, opened: Any, watch: Watch
) -> None:
    page.add_init_script(
        "window.shifts = 0; new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifts += one.value; })"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    ids = opened(contract_pdf=printed(*(f"Page {n}" for n in range(15))))
    asked = [url for url in watch.requests if "page-" in url]
    assert len(asked) < 15
    shifted = page.evaluate("window.shifts")
    stage(page).focus()
    page.keyboard.press("End")
    expect(page.locator("#viewer-page-15 img")).to_be_in_viewport()
    page.wait_for_function("() => document.querySelector('#viewer-page-15 img').complete")
    assert page.evaluate("window.shifts") == shifted
    assert ids


def test_sheets_are_tabs_over_the_page(page: Page, opened: Any) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.worksheets[0].append(["first"])
    book.create_sheet("Sums").append(["second"])
    opened(a_xlsx=pieces.written(book.save))
    expect(page.get_by_role("cell", name="first")).to_be_visible()
    page.get_by_role("link", name="Sums").click()
    expect(page.get_by_role("cell", name="second")).to_be_visible()
    expect(page.get_by_role("link", name="Sums")).to_be_focused()


def test_json_folds(page: Page, opened: Any) -> None:
    opened(a_json=json.dumps({"outer": {"inner": [1, 2]}}).encode())
    inner = page.locator("summary", has_text="inner")
    expect(inner).to_be_visible()
    page.locator("summary", has_text="outer").click()
    expect(inner).to_be_hidden()


def test_a_preview_that_is_pending_comes_by_itself(page: Page, ada: Someone) -> None:
    """Opened the moment it is handed over: whatever is shown first, in the end it is the preview."""
    file_id = store(ada.robot, printed(*(f"Page {n}" for n in range(30))), "late.pdf")
    page.goto(f"/files/{file_id}")
    expect(page.locator("img[alt='Page 1 of 30']")).to_be_visible(timeout=30_000)
    expect(viewer(page)).to_have_attribute("data-state", "ready")


def test_what_was_told_before_the_fragment_came_is_not_waited_for(page: Page, ada: Someone) -> None:
    message_id, _ = ask(ada, a_txt=b"words")
    told: list[str] = []

    def first_as_pending(route: Any) -> None:
        answer = route.fetch()
        said = "pending" if not told else "ready"
        told.append(said)
        body = answer.text().replace('data-state="ready"', f'data-state="{said}"')
        route.fulfill(response=answer, body=body)

    page.route(re.compile(r"/files/[0-9a-f-]{36}$"), first_as_pending)
    page.goto(f"/inbox/{message_id}/")
    waits_for(page, "Is this right?")
    page.evaluate(
        "window.heard = 0; document.addEventListener('placet:event', (event) => { window.heard += event.detail.type === 'file:previewed'; })"
    )
    file_id = store(ada.robot, pieces.word("Signed at last."), "late.docx")
    page.wait_for_function("() => window.heard > 0")
    link_to(page, file_id).click()
    expect(stage(page)).to_contain_text("Signed at last.")
    expect(viewer(page)).to_have_attribute("data-state", "ready")
    assert told == ["pending", "ready"]


def test_a_link_is_shared_and_revoked(page: Page, opened: Any, ada: Someone) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(a_txt=b"words to share")
    page.locator("summary", has_text="Share").click()
    page.get_by_role("button", name="Copy link").click()
    expect(viewer(page)).to_contain_text("It works for an hour")
    url = page.evaluate("navigator.clipboard.readText()")
    assert ada.human.session.get(url).content == b"words to share"
    page.get_by_role("button", name="Revoke all links").click()
    expect(viewer(page)).to_contain_text("Every link to this file has ended")
    assert ada.human.session.get(url).status_code == 404
    # Esc closes the small one first.
    page.keyboard.press("Escape")
    expect(viewer(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer(page)).to_have_count(0)


def test_download_saves_it_under_its_name(page: Page, opened: Any) -> None:
    opened(report_csv=b"a,b\n1,2\n")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    assert download.value.suggested_filename == "report.csv"


def test_a_file_that_is_gone_says_so(page: Page, ada: Someone, watch: Watch) -> None:
    watch.expect("status of 404")
    message_id, ids = ask(ada, a_txt=b"words")
    page.goto(f"/inbox/{message_id}/")
    waits_for(page, "Is this right?")
    link = link_to(page, ids["a.txt"])
    ada.human.delete(f"/api/files/{ids['a.txt']}")
    link.click()
    expect(page.get_by_text("This file is not there any more.").first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(link).to_be_focused()


def test_single_keys_can_be_switched_off_and_arrows_stay(
    window: Window, ada: Someone, page: Page, opened: Any
) -> None:
    ada.human.patch("/api/preferences", {"shortcuts": False})
    try:
        opened(a_png=pieces.picture("PNG", (300, 200)), b_txt=b"the second")
        fitted = width_of(page)
        for key in ("+", "p", "i"):
            page.keyboard.press(key)
        assert width_of(page) == fitted
        expect(page.get_by_role("toolbar", name="Annotate")).to_be_hidden()
        page.keyboard.press("ArrowRight")
        expect(stage(page)).to_contain_text("the second")
    finally:
        ada.human.patch("/api/preferences", {"shortcuts": True})


def test_picture_bytes_are_what_was_handed_over(page: Page, opened: Any) -> None:
    ids = opened(a_png=pieces.picture("PNG", (31, 17)))
    body = page.request.get(f"/api/files/{ids['a.png']}/download").body()
    assert Image.open(io.BytesIO(body)).size == (31, 17)

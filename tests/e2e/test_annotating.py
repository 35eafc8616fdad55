"""Marks on a picture: by mouse, by finger, by keyboard alone; kept over a reload, put together over two tabs, sent with the response."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.glance import card, waits_for
from tests.e2e.stage import PHONE, Someone, Watch
from tests.e2e.test_viewer import ask, link_to
from tests.files import pieces
from tests.processes import until

Window = Callable[..., Page]
SIZE = (600, 400)
RED, BLUE = (229, 72, 77), (0, 144, 255)
TEAL = (0, 128, 128)


@pytest.fixture
def asked(ada: Someone) -> tuple[str, str]:
    """A question with a picture: the ids of both."""
    message_id, ids = ask(ada, chart_png=pieces.picture("PNG", SIZE))
    return message_id, ids["chart.png"]


@pytest.fixture
def drawing(page: Page, asked: tuple[str, str]) -> Page:
    """Ada has opened the picture from the question, and annotates."""
    start(page, *asked)
    return page


def start(page: Page, message_id: str, file_id: str) -> None:
    page.goto(f"/inbox/{message_id}/")
    waits_for(page, "Is this right?")
    link_to(page, file_id).click()
    page.get_by_role("button", name="Annotate").click()
    expect(page.get_by_role("toolbar", name="Annotate")).to_be_visible()


def layer(page: Page) -> Locator:
    return page.locator(".viewer-marks")


def drawn(page: Page) -> Locator:
    return page.locator(".viewer-marks [data-mark]")


def spot(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where on the screen a pixel of the picture is."""
    box = layer(page).bounding_box()
    assert box
    return box["x"] + x / SIZE[0] * box["width"], box["y"] + y / SIZE[1] * box["height"]


def drag(page: Page, *points: tuple[float, float]) -> None:
    page.mouse.move(*spot(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*spot(page, *point), steps=5)
    page.mouse.up()


def marks_of(someone: Someone, file_id: str) -> Any:
    return someone.human.get(f"/api/files/{file_id}/marks").json()


def kept(someone: Someone, file_id: str, count: int) -> list[Any]:
    """The marks, once the server has so many."""
    until(lambda: len(marks_of(someone, file_id)["marks"]) == count)
    marks: list[Any] = marks_of(someone, file_id)["marks"]
    return marks


def test_a_picture_is_marked_up_with_the_mouse_and_sent_with_the_response(
    drawing: Page, ada: Someone, asked: tuple[str, str]
) -> None:
    page, (message_id, file_id) = drawing, asked
    page.get_by_role("button", name="Pen").click()
    page.get_by_role("button", name="Red", exact=True).click()
    drag(page, (50, 50), (150, 50))
    page.get_by_role("button", name="Arrow").click()
    page.get_by_role("button", name="Blue").click()
    drag(page, (300, 100), (500, 100))
    page.get_by_role("button", name="Rectangle").click()
    drag(page, (50, 200), (250, 350))
    page.get_by_role("button", name="Text").click()
    page.mouse.click(*spot(page, 320, 250))
    page.get_by_role("textbox", name="Text of the mark").fill("Why?")
    page.keyboard.press("Enter")
    expect(drawn(page)).to_have_count(4)
    expect(page.locator("[data-kept]")).to_have_text("Saved")
    tools = [mark["tool"] for mark in kept(ada, file_id, 4)]
    assert tools == ["pen", "arrow", "rectangle", "text"]
    page.get_by_role("button", name="Done").click()
    until(lambda: marks_of(ada, file_id)["annotatedId"])
    page.keyboard.press("Escape")
    page.wait_for_timeout(350)
    parked = ada.robot.park(message_id)
    card(page).get_by_role("button", name="Reject").click()
    answer, _ = parked.result(timeout=20)
    modified = answer.json()["message"]["review"]["modifiedFileIds"]
    assert list(modified) == [file_id]
    content = ada.robot.get(f"/api/v1/files/{modified[file_id]}/download").content
    picture = Image.open(io.BytesIO(content))
    assert picture.size == SIZE
    assert picture.getpixel((100, 50)) == RED
    assert picture.getpixel((400, 100)) == BLUE
    assert picture.getpixel((150, 200)) == BLUE
    assert picture.getpixel((150, 275)) == TEAL
    page.goto(f"/inbox/{message_id}/")
    card(page).get_by_role("link", name="The picture").click()
    expect(page.locator("[data-viewer]")).to_contain_text("annotated-chart.png")
    page.get_by_role("link", name="Original", exact=True).click()
    expect(page.locator("#viewer-name")).to_have_text("chart.png")


def test_by_keyboard_alone(page: Page, ada: Someone, asked: tuple[str, str]) -> None:
    message_id, file_id = asked
    page.goto(f"/inbox/{message_id}/")
    waits_for(page, "Is this right?")
    link_to(page, file_id).focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-annotate]")).to_be_visible()
    page.keyboard.press("r")
    expect(layer(page)).to_be_focused()
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        for _ in range(5):
            page.keyboard.press(key)
    page.keyboard.press("Enter")
    (box,) = kept(ada, file_id, 1)
    assert (box["tool"], box["colour"], box["points"]) == ("rectangle", "blue", "300,200 350,250")
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.press("t")
    page.keyboard.press("Enter")
    page.keyboard.type("Here 12 par")
    page.keyboard.press("Enter")
    assert [mark["tool"] for mark in kept(ada, file_id, 3)] == ["rectangle", "pen", "text"]
    # The selecting tool: Enter goes from mark to mark, arrows move, a number changes the colour, Delete removes.
    page.keyboard.press("v")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("1")
    text = kept(ada, file_id, 2)[1]
    until(lambda: kept(ada, file_id, 2)[1]["colour"] == "red")
    assert (text["tool"], text["text"]) == ("text", "Here 12 par")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    kept(ada, file_id, 3)
    page.keyboard.press("Control+Shift+z")
    kept(ada, file_id, 2)
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="the file")).to_be_focused()
    until(lambda: marks_of(ada, file_id)["annotatedId"])


def test_with_a_finger_on_a_phone(window: Window, ada: Someone, asked: tuple[str, str]) -> None:
    message_id, file_id = asked
    page = window(ada, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(f"/inbox/{message_id}/")
    waits_for(page, "Is this right?")
    link_to(page, file_id).tap()
    page.get_by_role("button", name="Annotate").tap()
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        told = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    page.get_by_role("button", name="Pen").tap()
    touch("touchStart", spot(page, 100, 100))
    for x in (150, 200, 250):
        touch("touchMove", spot(page, x, 100))
    touch("touchEnd")
    (mark,) = kept(ada, file_id, 1)
    first, *_, last = mark["points"].split(" ")
    assert abs(float(first.split(",")[0]) - 100) < 3
    assert abs(float(last.split(",")[0]) - 250) < 3
    # A second finger pinches: what the first one began is no mark.
    touch("touchStart", spot(page, 100, 200))
    touch("touchStart", spot(page, 100, 200), spot(page, 200, 200))
    touch("touchMove", spot(page, 80, 200), spot(page, 300, 200))
    touch("touchEnd")
    expect(drawn(page)).to_have_count(1)
    page.get_by_role("button", name="Done").tap()
    until(lambda: marks_of(ada, file_id)["annotatedId"])
    page.get_by_role("link", name="Close").tap()
    card(page).get_by_role("button", name="Approve").tap()
    assert ada.robot.wait(message_id)["message"]["review"]["modifiedFileIds"].keys() == {file_id}


def test_a_reload_in_the_middle_loses_nothing(
    drawing: Page, ada: Someone, asked: tuple[str, str]
) -> None:
    page, (message_id, file_id) = drawing, asked
    drag(page, (50, 50), (150, 50))
    drag(page, (50, 90), (150, 90))
    page.reload()
    start(page, message_id, file_id)
    expect(drawn(page)).to_have_count(2)
    drag(page, (50, 130), (150, 130))
    kept(ada, file_id, 3)


def test_what_could_not_be_sent_is_kept_in_the_browser_and_sent_later(
    page: Page, ada: Someone, asked: tuple[str, str], watch: Watch
) -> None:
    watch.expect("Failed to load resource", "net::ERR")
    message_id, file_id = asked
    page.route("**/marks", lambda route: route.abort())
    start(page, message_id, file_id)
    drag(page, (50, 50), (150, 50))
    expect(page.locator("[data-kept]")).to_contain_text("Kept in this browser")
    assert marks_of(ada, file_id)["marks"] == []
    # As if the browser had crashed: nothing is sent in the last moment either.
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('gone')); }")
    page.reload()
    assert marks_of(ada, file_id)["marks"] == []
    page.unroute("**/marks")
    waits_for(page, "Is this right?")
    link_to(page, file_id).click()
    expect(drawn(page)).to_have_count(1)
    kept(ada, file_id, 1)
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.includes(':marks:'))"
    )


def test_what_is_drawn_offline_is_sent_when_the_network_is_back(
    drawing: Page, ada: Someone, asked: tuple[str, str], watch: Watch
) -> None:
    watch.expect("net::ERR", "Failed to load resource", "WebSocket")
    page, (_, file_id) = drawing, asked
    page.context.set_offline(True)
    drag(page, (50, 50), (150, 50))
    drag(page, (50, 90), (150, 90))
    expect(page.get_by_text("Kept in this browser")).to_be_visible()
    page.context.set_offline(False)
    kept(ada, file_id, 2)


def test_a_save_whose_answer_was_lost_is_not_made_twice(
    page: Page, ada: Someone, asked: tuple[str, str], watch: Watch
) -> None:
    """The server has the marks and the browser does not know: it finds out, and nothing is doubled."""
    watch.expect("net::ERR", "Failed to load resource", "status of 409")
    message_id, file_id = asked
    lost: list[int] = []

    def lose(route: Any) -> None:
        if lost or route.request.method != "PUT":
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/marks", lose)
    start(page, message_id, file_id)
    drag(page, (50, 50), (150, 50))
    expect(page.locator("span[data-kept]")).to_have_text("Saved")
    assert lost == [200]
    drag(page, (50, 90), (150, 90))
    expect(drawn(page)).to_have_count(2)
    # A route is served by this very thread, and what follows only waits.
    page.unroute("**/marks")
    kept(ada, file_id, 2)


def test_two_tabs_are_put_together(
    drawing: Page, window: Window, ada: Someone, asked: tuple[str, str], watches: list[Watch]
) -> None:
    message_id, file_id = asked
    for watch in watches:
        watch.expect("status of 409")
    drag(drawing, (50, 50), (150, 50))
    kept(ada, file_id, 1)
    other = window(ada)
    watches[-1].expect("status of 409")
    start(other, message_id, file_id)
    drag(other, (50, 90), (150, 90))
    kept(ada, file_id, 2)
    drag(drawing, (50, 130), (150, 130))
    kept(ada, file_id, 3)
    expect(drawn(drawing)).to_have_count(3)
    # What one removes is not brought back by the other.
    other.get_by_role("button", name="Undo").click()
    until(lambda: len(marks_of(ada, file_id)["marks"]) == 2)
    expect(drawn(other)).to_have_count(2)


def test_who_leaves_at_once_leaves_nothing_behind(
    drawing: Page, ada: Someone, asked: tuple[str, str]
) -> None:
    """The first save is still on its way when the page goes: only a request that outlives the page arrives."""
    page, (_, file_id) = drawing, asked
    page.evaluate(
        """() => {
          const real = window.fetch;
          window.fetch = (url, how) => (how?.keepalive ? real(url, how) : new Promise(() => {}));
        }"""
    )
    drag(page, (50, 50), (150, 50))
    expect(drawn(page)).to_have_count(1)
    assert marks_of(ada, file_id)["marks"] == []
    page.goto("/settings/profile/")
    kept(ada, file_id, 1)


def test_what_is_said_is_seen_and_heard_over_the_page(drawing: Page) -> None:
    page = drawing
    drag(page, (50, 50), (150, 50))
    page.get_by_role("button", name="Revert").click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("All marks removed")
    box = toast.bounding_box()
    assert box
    over = "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.toast'))"
    assert page.evaluate(over, [box["x"] + 5, box["y"] + 5])
    assert page.evaluate("Boolean(document.getElementById('live').closest('dialog'))")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_function("() => document.getElementById('live').parentElement === document.body")


def test_undo_redo_and_revert(drawing: Page, ada: Someone, asked: tuple[str, str]) -> None:
    page, (_, file_id) = drawing, asked
    for y in (50, 90, 130):
        drag(page, (50, y), (150, y))
    kept(ada, file_id, 3)
    page.get_by_role("button", name="Undo").click()
    expect(drawn(page)).to_have_count(2)
    page.get_by_role("button", name="Redo").click()
    expect(drawn(page)).to_have_count(3)
    page.get_by_role("button", name="Revert").click()
    kept(ada, file_id, 0)
    page.keyboard.press("Control+z")
    kept(ada, file_id, 3)


def test_a_mark_is_chosen_and_moved(drawing: Page, ada: Someone, asked: tuple[str, str]) -> None:
    page, (_, file_id) = drawing, asked
    drag(page, (50, 50), (150, 50))
    page.keyboard.press("v")
    drag(page, (100, 50), (200, 150))
    until(lambda: kept(ada, file_id, 1)[0]["points"].startswith("150,150"))
    page.mouse.click(*spot(page, 500, 350))
    expect(page.locator(".viewer-marks .chosen")).to_have_count(0)


def test_original_and_annotated_are_looked_at_in_turn(
    drawing: Page, ada: Someone, asked: tuple[str, str]
) -> None:
    page, (_, file_id) = drawing, asked
    drag(page, (50, 50), (150, 50))
    page.get_by_role("button", name="Done").click()
    toggle = page.get_by_role("button", name="Marks")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.click()
    expect(layer(page)).to_be_hidden()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    toggle.click()
    expect(layer(page)).to_be_visible()
    assert kept(ada, file_id, 1)


def test_a_hostile_text_is_letters(drawing: Page, ada: Someone, asked: tuple[str, str]) -> None:
    page, (message_id, file_id) = drawing, asked
    evil = "<script>window.canary = 1</script><img src=x onerror='window.canary = 1'>"
    page.keyboard.press("t")
    page.mouse.click(*spot(page, 20, 20))
    page.get_by_role("textbox", name="Text of the mark").fill(evil)
    page.keyboard.press("Enter")
    assert kept(ada, file_id, 1)[0]["text"] == evil
    page.reload()
    start(page, message_id, file_id)
    expect(drawn(page)).to_have_text(evil)
    assert page.evaluate("window.canary") is None


def test_a_turned_photograph_is_marked_where_it_is_seen(page: Page, ada: Someone) -> None:
    """The camera lay on its side: what the browser shows is what the server draws into."""
    content = pieces.picture("JPEG", (SIZE[1], SIZE[0]), turned=6)
    message_id, ids = ask(ada, photo_jpg=content)
    start(page, message_id, ids["photo.jpg"])
    drag(page, (500, 50), (560, 50))
    kept(ada, ids["photo.jpg"], 1)
    page.get_by_role("button", name="Done").click()
    made = until(lambda: marks_of(ada, ids["photo.jpg"])["annotatedId"])
    body = page.request.get(f"/api/files/{made}/download").body()
    picture = Image.open(io.BytesIO(body))
    assert picture.size == SIZE
    assert picture.getpixel((530, 50)) == RED

"""Files where they were sent: live, in room that is reserved, with names that mean no harm."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.glance import unreloaded
from tests.e2e.handing import CSV, WATCH_SHIFTS, picture, talk
from tests.e2e.stage import Someone, Watch
from tests.files import hostile
from tests.processes import AgentClient, until

Window = Callable[..., Page]


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

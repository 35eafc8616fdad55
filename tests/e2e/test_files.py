"""All files on a page of their own: found, selected, saved, shared and deleted, by keyboard and by hand."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.glance import unreloaded
from tests.e2e.handing import (
    CSV,
    WATCH_SHIFTS,
    picture,
)
from tests.e2e.stage import House, Someone, Watch
from tests.e2e.test_chat import become
from tests.processes import plain_session, until

Window = Callable[..., Page]


def wall(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Files").get_by_role("option")


def here(page: Page) -> Locator:
    """Where the keys are."""
    listbox = page.get_by_role("listbox", name="Files")
    # Not yet, while results are being put in their place.
    expect(listbox).to_have_attribute("aria-activedescendant", re.compile("file-"))
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

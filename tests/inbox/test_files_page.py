"""The page of all files, and the files of a message on its pages: who sees what, how it is found, how it is shown."""

import io
import re
import zipfile
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from files.models import StoredFile
from files.services import previewing
from inbox.services import writing
from inbox.services.arriving import Attachments
from placet.events.models import EventRow
from tests import cast
from tests.files import pieces
from tests.files.conftest import shelf  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
KINDS = {
    "image": (pieces.picture(), "chart.png"),
    "document": (pieces.PDF, "terms.pdf"),
    "video": (pieces.MP4, "walk.mp4"),
    "audio": (pieces.MP3, "call.mp3"),
    "text": (b"all is well\n", "night.log"),
    "archive": (pieces.archive(), "all.zip"),
    "other": (b"\0\1\2\3", "core.bin"),
}


def send(robot: cast.Robot, content: bytes, name: str, *, text: str = "See this") -> str:
    file = cast.hand_over(robot, content, name=name)
    cast.say(robot, text, attachments=Attachments(ids=[str(file.id)]))
    return str(file.id)


def listed(answer: Any) -> list[str]:
    return re.findall(r'id="file-([0-9a-f-]{36})"', answer.text)


@pytest.fixture
def all_kinds(robot: cast.Robot) -> dict[str, str]:
    return {group: send(robot, *piece) for group, piece in KINDS.items()}


def test_every_file_of_one_s_agents_is_there_the_newest_first(
    browser: Client, all_kinds: dict[str, str]
) -> None:
    assert listed(browser.get("/files/")) == list(all_kinds.values())[::-1]


@pytest.mark.parametrize("group", KINDS)
def test_each_is_found_under_its_type_and_no_other(
    browser: Client, all_kinds: dict[str, str], group: str
) -> None:
    assert listed(browser.get(f"/files/?type={group}")) == [all_kinds[group]]


def test_a_table_of_text_is_looked_for_among_the_documents(
    browser: Client, robot: cast.Robot
) -> None:
    table = send(robot, b"a,b\n1,2\n", "table.csv")
    assert listed(browser.get("/files/?type=document")) == [table]
    assert listed(browser.get("/files/?type=text")) == []


def test_they_are_found_by_name_and_by_agent(
    browser: Client, robot: cast.Robot, ada: User, all_kinds: dict[str, str]
) -> None:
    reader = cast.make_robot(ada, "Invoice reader")
    other = send(reader, b"x", "Night shift.txt")
    assert listed(browser.get("/files/?q=night")) == [other, all_kinds["text"]]
    assert listed(browser.get(f"/files/?agent={reader.agent.id}")) == [other]
    assert listed(browser.get(f"/files/?agent={reader.agent.id}&type=image")) == []
    for nothing in ("agent=nonsense", f"agent={uuid4()}", "q=zebra", "q=%25"):
        assert listed(browser.get(f"/files/?{nothing}")) == []


def test_a_stranger_sees_nothing_of_them(
    client: Client, bob: User, robot: cast.Robot, all_kinds: dict[str, str]
) -> None:
    client.force_login(bob)
    ids = list(all_kinds.values())
    message = StoredFile.objects.get(pk=ids[0]).message_id
    assert listed(client.get("/files/")) == []
    assert "No files yet" in client.get("/files/").text
    assert listed(client.get("/files/?q=night")) == []
    assert listed(client.get(f"/files/?agent={robot.agent.id}")) == []
    assert client.get(f"/files/tiles/?id={ids[0]}&id={ids[1]}").text.strip() == ""
    assert client.get(f"/messages/{message}/files/").status_code == 404
    assert client.post("/files/zip/", {"ids": ids}).status_code == 404


@pytest.mark.parametrize("path", ["/files/", "/files/tiles/", "/messages/{m}/files/"])
def test_nobody_sees_them_without_a_session(client: Client, path: str) -> None:
    url = path.format(m=uuid4())
    assert client.get(url).headers["Location"] == f"/login/?next={url}"
    assert client.get(url, headers=HX).status_code == 401


def test_what_somebody_else_has_not_sent_yet_is_not_there(
    client: Client, browser: Client, robot: cast.Robot, ada: User, olga: User
) -> None:
    mine = cast.hand_over(robot, by=ada)
    agents = cast.hand_over(robot)
    page = browser.get("/files/")
    assert listed(page) == [str(mine.id)]
    assert "data-loose" in page.text
    client.force_login(olga)
    assert listed(client.get("/files/")) == []
    assert str(agents.id) not in page.text


def test_the_list_goes_on_where_it_ended(browser: Client, robot: cast.Robot) -> None:
    sent = [send(robot, b"x", f"{n}.txt") for n in range(5)][::-1]
    seen: list[str] = []
    url = "/files/?q=.txt&limit=2"
    for _ in range(3):
        page = browser.get(url, headers=HX)
        seen += listed(page)
        more = re.search(r'class="more"[^>]*href="([^"]+)"', page.text)
        url = more[1].replace("&amp;", "&") + "&limit=2" if more else ""
    assert (seen, url) == (sent, "")
    assert "q=.txt" in browser.get("/files/?q=.txt&limit=2", headers=HX).text


def test_odd_numbers_and_cursors_break_nothing(browser: Client, robot: cast.Robot) -> None:
    send(robot, b"x", "a.txt")
    for odd in ("limit=0", "limit=-5", "limit=1" + "0" * 5000, "cursor=x", "type=x", "as=x"):
        assert browser.get(f"/files/?{odd}").status_code == 200


def test_how_they_are_shown_is_remembered_by_this_browser(browser: Client) -> None:
    assert browser.get("/files/").context["shape"] == "grid"
    browser.get("/files/?as=list")
    assert browser.get("/files/").context["shape"] == "list"


def test_several_come_as_one_zip_that_opens(
    browser: Client, all_kinds: dict[str, str], other_robot: cast.Robot
) -> None:
    stranger = send(other_robot, b"secret", "secret.txt")
    wanted = [all_kinds["image"], all_kinds["text"], stranger, str(uuid4()), "nonsense"]
    answer = browser.post("/files/zip/", {"ids": wanted})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="files.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert sorted(archive.namelist()) == ["chart.png", "night.log"]
    assert archive.read("night.log") == KINDS["text"][0]


def test_a_zip_wants_a_post_and_not_too_many(browser: Client) -> None:
    assert browser.get("/files/zip/").status_code == 405
    many = browser.post("/files/zip/", {"ids": [str(uuid4()) for _ in range(501)]})
    assert many.status_code == 400


def test_looking_at_files_changes_nothing(browser: Client, all_kinds: dict[str, str]) -> None:
    before = EventRow.objects.count()
    message = StoredFile.objects.get(pk=all_kinds["image"]).message_id
    for path in (
        "/files/",
        f"/files/tiles/?id={all_kinds['image']}",
        f"/messages/{message}/files/",
    ):
        assert browser.get(path).status_code == 200
    assert EventRow.objects.count() == before


HOSTILE = [
    '"><img src=x onerror=alert(1)>.png',
    "‮gnp.exe",
    "{{ 7|add:7 }}.txt",
    "a" * 300 + ".txt",
    "מסמך סופי (1).pdf",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name(browser: Client, robot: cast.Robot, name: str) -> None:
    file_id = send(robot, pieces.picture(), name)
    for path in ("/files/", f"/chats/{robot.agent.id}/"):
        page = browser.get(path).text
        assert file_id in page
        assert "<img src=x" not in page
        assert "‮" not in page
        assert "14.txt" not in page
        assert re.search(r"<bdi[^>]*>[^<]*</bdi>", page)


def test_a_message_of_files_alone_says_nothing_of_missing_words(
    browser: Client, robot: cast.Robot, ada: User
) -> None:
    file = cast.hand_over(robot, by=ada)
    attached = Attachments(ids=[str(file.id)])
    message = writing.write_message(
        by=ada.as_actor(), agent_id=robot.agent.id, attachments=attached
    )
    bubble = browser.get(f"/messages/{message.id}/").text
    assert "(no text)" not in bubble
    assert "(files)" in browser.get("/chats/").text
    assert "report.csv" in bubble
    assert "CSV table" in bubble


def held(page: str) -> list[Any]:
    return re.findall(r'class="held" width="(\d+)" height="(\d+)"', page)


def test_the_room_of_a_picture_is_told_before_its_bytes_are_there_and_never_changes(
    browser: Client, robot: cast.Robot
) -> None:
    send(robot, pieces.picture("JPEG", (1600, 900)), "wide.jpg")
    chat = f"/chats/{robot.agent.id}/"
    before = browser.get(chat).text
    assert "Preview on its way" in before
    previewing.make_due()
    after = browser.get(chat).text
    assert "Preview on its way" not in after
    assert held(before) == held(after) == [("400", "225")]
    (image,) = re.findall(r"<img [^>]+>", after)
    for attribute in ('width="400"', 'height="225"', 'loading="lazy"', 'alt="wide.jpg"'):
        assert attribute in image


def test_what_cannot_be_shown_says_why_in_the_same_room(browser: Client, robot: cast.Robot) -> None:
    damaged = pieces.picture("PNG", (200, 100))[:60]
    send(robot, damaged, "damaged.png")
    before = held(browser.get(f"/chats/{robot.agent.id}/").text)
    previewing.make_due()
    after = browser.get(f"/chats/{robot.agent.id}/").text
    assert held(after) == before == [("200", "100")]
    assert ">The picture is damaged" in after


def test_videos_and_sounds_are_played_where_they_are(
    browser: Client, robot: cast.Robot, all_kinds: dict[str, str]
) -> None:
    page = browser.get(f"/chats/{robot.agent.id}/").text
    (video,) = re.findall(r"<video [^>]+>", page)
    (sound,) = re.findall(r"<audio [^>]+>", page)
    assert 'width="400" height="225"' in video
    for player, group in ((video, "video"), (sound, "audio")):
        assert f"/api/files/{all_kinds[group]}/download" in player
        assert 'preload="metadata"' in player


def test_a_question_shows_its_files_beside_the_words(browser: Client, robot: cast.Robot) -> None:
    file = cast.hand_over(robot, pieces.picture(), name="chart.png")
    asked = cast.ask(robot, attachments=Attachments(ids=[str(file.id)]))
    page = browser.get(f"/inbox/{asked.id}/").text
    assert 'aria-label="1 file"' in page
    assert f'href="/files/{file.id}" data-view="{file.id}"' in page

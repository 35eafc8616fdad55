"""What leaves the house leaves it harmless, whole or in parts, and once."""

import io
import zipfile
from email import message_from_bytes
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from files.models import StoredFile
from files.services import leaving
from tests import cast
from tests.files import pieces

pytestmark = pytest.mark.django_db

DIGITS = b"0123456789"


@pytest.fixture
def fetch(browser: Client) -> Any:
    def get(file: Any, query: str = "", *, method: str = "get", **headers: str) -> HttpResponse:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        answer: HttpResponse = getattr(browser, method)(
            f"/api/files/{file.id}/download{query}", headers=names
        )
        return answer

    return get


EVIL = b"<!doctype html><script>parent.canary = 1</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>parent.canary = 1</script></svg>'


@pytest.mark.parametrize(
    ("content", "name", "declared", "kind", "shown"),
    [
        (pieces.picture("PNG"), "a.png", "", "image/png", True),
        (pieces.picture("GIF") + EVIL, "a.html", "text/html", "image/gif", True),
        (b"hello", "a.txt", "", "text/plain; charset=utf-8", True),
        (pieces.MP4, "a.mp4", "", "video/mp4", True),
        (EVIL, "a.png", "image/png", "text/html; charset=utf-8", False),
        (EVIL, "a.txt", "text/plain", "text/html; charset=utf-8", False),
        (SVG, "a.png", "image/png", "image/svg+xml", False),
        (b"alert(1)", "a.js", "", "text/plain; charset=utf-8", False),
        (b"alert(1)", "a.txt", "text/ecmascript", "text/plain; charset=utf-8", False),
        (b"* { display: none }", "a.css", "", "text/plain; charset=utf-8", False),
        (pieces.PDF, "a.pdf", "", "application/pdf", False),
        (b"a,b\n", "a.csv", "", "text/csv; charset=utf-8", False),
    ],
)
def test_only_what_is_inert_by_content_is_shown_in_place(
    robot: cast.Robot,
    fetch: Any,
    content: bytes,
    name: str,
    declared: str,
    kind: str,
    shown: bool,
) -> None:
    file = cast.hand_over(robot, content, name=name, declared=declared)
    answer = fetch(file)
    assert answer.getvalue() == content
    assert answer.headers["Content-Type"] == kind
    how = answer.headers["Content-Disposition"]
    assert how == f'{"inline" if shown else "attachment"}; filename="{name}"'
    assert fetch(file, "?download").headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("header", ["", "bytes=0-1", "bytes=0-1,5-6", "bytes=99-"])
def test_every_answer_about_a_file_is_guarded(
    robot: cast.Robot, fetch: Any, browser: Client, header: str
) -> None:
    file = cast.hand_over(robot, DIGITS)
    link = browser.get(f"/api/files/{file.id}/share").json()["url"].partition("/api/")[2]
    tag = f'"{file.sha256}"'
    for answer in (
        fetch(file, Range=header),
        fetch(file, If_None_Match=tag),
        fetch(file, method="head"),
        Client().get(f"/api/{link}", headers={"Range": header}),
        Client().get(f"/api/v1/files/{file.id}/download", headers=robot.headers),
    ):
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "no-cache" in answer.headers["Cache-Control"]
        assert "public" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../../x.bin", 'attachment; filename="x.bin"'),
        ('a"b.bin', 'attachment; filename="a\\"b.bin"'),
        ("a\r\nX-Evil: 1.bin", 'attachment; filename="aX-Evil: 1.bin"'),
        ("photo\u202egpj.exe", 'attachment; filename="photogpj.exe"'),
        ("日本.bin", "attachment; filename*=utf-8''%E6%97%A5%E6%9C%AC.bin"),
    ],
)
def test_a_name_cannot_leave_its_header_nor_lie(
    robot: cast.Robot, fetch: Any, name: str, told: str
) -> None:
    answer = fetch(cast.hand_over(robot, b"\xfe\xfd\0\1", name=name))
    assert answer.headers["Content-Disposition"] == told
    assert "X-Evil" not in answer.headers


def test_a_range_is_answered_with_those_bytes(robot: cast.Robot, fetch: Any) -> None:
    file = cast.hand_over(robot, DIGITS)
    whole = fetch(file)
    assert (whole.status_code, whole.headers["Content-Length"]) == (200, "10")
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = fetch(file, Range="bytes=2-5")
    assert (part.status_code, part.getvalue()) == (206, b"2345")
    assert part.headers["Content-Range"] == "bytes 2-5/10"
    assert part.headers["Content-Length"] == "4"
    beyond = fetch(file, Range="bytes=10-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */10")


def test_several_ranges_are_parts_of_one_answer(robot: cast.Robot, fetch: Any) -> None:
    answer = fetch(cast.hand_over(robot, DIGITS), Range="bytes=0-1,-2")
    body = answer.getvalue()
    assert (answer.status_code, answer.headers["Content-Length"]) == (206, str(len(body)))
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    parts: Any = message_from_bytes(head + body).get_payload()
    assert [(part["Content-Range"], part.get_payload(decode=True)) for part in parts] == [
        ("bytes 0-1/10", b"01"),
        ("bytes 8-9/10", b"89"),
    ]


def test_who_has_the_file_already_is_told_so(robot: cast.Robot, fetch: Any) -> None:
    file = cast.hand_over(robot, DIGITS)
    tag = fetch(file).headers["ETag"]
    assert tag == f'"{file.sha256}"'
    same = fetch(file, If_None_Match=tag)
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert fetch(file, If_None_Match='"another"').status_code == 200
    assert fetch(file, If_Match='"another"').status_code == 412


def test_a_range_of_another_file_gives_the_whole(robot: cast.Robot, fetch: Any) -> None:
    file = cast.hand_over(robot, DIGITS)
    first = fetch(file)
    for condition in (first.headers["ETag"], first.headers["Last-Modified"]):
        assert fetch(file, Range="bytes=0-1", If_Range=condition).status_code == 206
    for condition in ('"another"', "Mon, 01 Jan 2001 00:00:00 GMT", "nonsense"):
        assert fetch(file, Range="bytes=0-1", If_Range=condition).getvalue() == DIGITS


def test_a_head_has_the_headers_and_no_body(robot: cast.Robot, fetch: Any) -> None:
    answer = fetch(cast.hand_over(robot, DIGITS), method="head", Range="bytes=0-1")
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "10")
    assert answer.getvalue() == b""


def test_an_empty_file_is_a_file(robot: cast.Robot, fetch: Any) -> None:
    file = cast.hand_over(robot, b"")
    assert fetch(file).getvalue() == b""
    assert fetch(file, Range="bytes=0-").status_code == 416


def test_bytes_that_have_just_gone_are_not_found(robot: cast.Robot, fetch: Any) -> None:
    from files.storage import storage

    file = cast.hand_over(robot, DIGITS)
    storage().delete(file.storage_key)
    assert fetch(file).status_code == 404


def test_a_link_opens_one_file_for_anybody_for_an_hour(
    robot: cast.Robot, browser: Client, time_machine: Any
) -> None:
    time_machine.move_to("2026-03-01T09:00:00Z", tick=False)
    file = cast.hand_over(robot, b"hello", name="a.txt")
    told = browser.get(f"/api/files/{file.id}/share").json()
    assert told["expiresIn"] == 3600
    path = "/api/share/" + told["url"].partition("/api/share/")[2]
    opened = Client().get(path)
    assert (opened.status_code, opened.getvalue()) == (200, b"hello")
    assert opened.headers["Content-Disposition"] == 'attachment; filename="a.txt"'
    time_machine.shift(3599)
    assert Client().get(path).status_code == 200
    time_machine.shift(2)
    assert Client().get(path).status_code == 404


def test_a_revoked_forged_or_orphaned_link_opens_nothing(
    robot: cast.Robot, browser: Client, ada: User
) -> None:
    file = cast.hand_over(robot, b"hello")

    def link() -> str:
        told = browser.get(f"/api/files/{file.id}/share").json()
        return "/api/share/" + str(told["url"]).partition("/api/share/")[2]

    first = link()
    for forged in (first[:-1], first + "x", "/api/share/x", "/api/share/" + "A" * 500):
        assert Client().get(forged).status_code == 404
    assert browser.delete(f"/api/files/{file.id}/share").json() == {"message": "Revoked"}
    assert Client().get(first).status_code == 404
    second = link()
    assert Client().get(second).status_code == 200
    leaving.delete_file(by=ada.as_actor(), file_id=file.id)
    assert Client().get(second).status_code == 404


def test_looking_at_a_link_changes_nothing(robot: cast.Robot, browser: Client) -> None:
    file = cast.hand_over(robot)
    before = list(StoredFile.objects.values())
    browser.get(f"/api/files/{file.id}/share")
    assert list(StoredFile.objects.values()) == before


def test_many_files_are_one_archive_in_which_no_name_hides_another(
    robot: cast.Robot, other_robot: cast.Robot, browser: Client
) -> None:
    files = [
        cast.hand_over(robot, content, name=name)
        for content, name in [(b"1", "a.txt"), (b"2", "A.txt"), (b"3", "a (2).txt"), (b"", "b")]
    ]
    foreign = cast.hand_over(other_robot)
    ids = [str(file.id) for file in [*files, foreign]]
    answer = browser.post("/api/files/bulk-download", {"ids": ids}, "application/json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="files.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert archive.testzip() is None
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(packed.values()) == [b"", b"1", b"2", b"3"]
    assert len({name.lower() for name in packed}) == 4


def test_an_archive_of_nothing_one_may_see_is_not_found(
    other_robot: cast.Robot, browser: Client
) -> None:
    ids = [str(cast.hand_over(other_robot).id), "no-such-file"]
    answer = browser.post("/api/files/bulk-download", {"ids": ids}, "application/json")
    assert answer.status_code == 404
    many = browser.post("/api/files/bulk-download", {"ids": ["x"] * 501}, "application/json")
    assert many.json()["errors"] == [
        {"path": "ids", "message": "must have at most 500 ids; got 501"}
    ]

"""What a file is called by people, where they look for it, and how much room it takes on a page."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from files.groups import GROUPS, group_of, type_in_words
from files.snapshots import FileSnapshot, PictureSnapshot, PreviewSnapshot
from files.sniffing import DOCX, PDF, XLSX
from files.templatetags.attachments import pictures_in, room, shape, thumbnail

FILE = FileSnapshot(
    id=uuid4(),
    agent_id=uuid4(),
    message_id=None,
    original_id=None,
    uploader_type="agent",
    uploader_user_id=None,
    filename="photo.jpg",
    mime_type="image/jpeg",
    size=1,
    sha256="",
    storage_key="uploads/x",
    width=1600,
    height=1200,
    share_round=0,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    preview=PreviewSnapshot(file_id=uuid4(), kind="image", state="pending"),
)
READY = replace(
    FILE.preview,
    state="ready",
    pictures=(PictureSnapshot(name="small.jpg", width=640, height=480, size=9),),
)


@pytest.mark.parametrize(
    ("mime_type", "name", "words", "group"),
    [
        ("image/png", "a.png", "PNG picture", "image"),
        ("image/svg+xml", "a.svg", "SVG picture", "image"),
        ("image/x-icon", "a", "ICON picture", "image"),
        (PDF, "a.pdf", "PDF", "document"),
        (DOCX, "a.docx", "Word document", "document"),
        (XLSX, "a.xlsx", "Spreadsheet", "document"),
        ("text/csv", "a.csv", "CSV table", "document"),
        ("video/mp4", "a.mp4", "MP4 video", "video"),
        ("audio/mpeg", "a.mp3", "MPEG sound", "audio"),
        ("text/plain", "a.log", "Text", "text"),
        ("text/plain", "README", "Text", "text"),
        ("application/json", "a.json", "JSON", "text"),
        ("application/x-python", "a.py", "PY code", "text"),
        ("application/zip", "a.zip", "Zip archive", "archive"),
        ("application/octet-stream", "a.bin", "BIN file", "other"),
        ("application/octet-stream", "a.verylongextension", "File", "other"),
        ("application/octet-stream", "a.тест", "File", "other"),
    ],
)
def test_a_file_is_called_by_a_word_and_found_in_one_group(
    mime_type: str, name: str, words: str, group: str
) -> None:
    assert type_in_words(mime_type, name) == words
    assert group_of(mime_type).slug == group
    assert group_of(mime_type) in GROUPS


def test_the_room_of_a_picture_is_the_same_before_and_after_its_preview_and_if_there_is_none() -> (
    None
):
    failed = replace(FILE.preview, state="failed", reason="The picture is damaged.")
    rooms = {room(replace(FILE, preview=each), 1) for each in (FILE.preview, READY, failed)}
    assert rooms == {(400, 300)}


@pytest.mark.parametrize(
    ("size", "pictures", "taken"),
    [
        ((1600, 1200), 3, (168, 126)),
        ((200, 100), 1, (200, 100)),
        ((1, 1), 1, (160, 96)),
        ((100_000, 10), 1, (400, 96)),
        ((300, 1200), 1, (160, 300)),
        ((None, None), 1, (320, 240)),
    ],
)
def test_the_room_of_a_picture_is_bounded(
    size: tuple[int, int], pictures: int, taken: tuple[int, int]
) -> None:
    assert room(replace(FILE, width=size[0], height=size[1]), pictures) == taken


def test_what_a_browser_cannot_play_gets_no_player() -> None:
    def shown(mime_type: str, kind: str) -> str:
        return shape(replace(FILE, mime_type=mime_type, preview=replace(FILE.preview, kind=kind)))

    assert shown("video/mp4", "video") == "video"
    assert shown("audio/ogg", "audio") == "sound"
    assert shown("video/x-msvideo", "video") == "card"
    assert shown("application/pdf", "pdf") == "leaf"
    assert shown("text/csv", "table") == "card"


def test_a_thumbnail_is_there_when_it_has_been_made() -> None:
    assert thumbnail(FILE) == ""
    assert thumbnail(replace(FILE, preview=READY)) == f"/api/files/{FILE.id}/preview/small.jpg"
    svg = replace(FILE, preview=replace(FILE.preview, kind="svg", state="ready"))
    assert thumbnail(svg) == f"/api/files/{FILE.id}/download"
    assert thumbnail(replace(svg, size=2**20 + 1)) == ""
    assert pictures_in([FILE, svg]) == 2

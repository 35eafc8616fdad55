"""A file is what its content says, whatever its name and its uploader say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import pictures
from files.snapshots import INERT
from files.sniffing import DOCX, PPTX, XLSX, sniff
from tests.files import pieces

BINARIES = {
    "png": (pieces.picture("PNG"), "image/png"),
    "jpeg": (pieces.picture("JPEG"), "image/jpeg"),
    "gif": (pieces.picture("GIF"), "image/gif"),
    "webp": (pieces.picture("WEBP"), "image/webp"),
    "avif": (pieces.picture("AVIF"), "image/avif"),
    "bmp": (pieces.picture("BMP"), "image/bmp"),
    "tiff": (pieces.picture("TIFF"), "image/tiff"),
    "docx": (pieces.word(), DOCX),
    "xlsx": (pieces.sheet(), XLSX),
    "pptx": (pieces.slides(), PPTX),
    "zip": (pieces.archive(), "application/zip"),
    "gzip": (pieces.packed(), "application/gzip"),
    "mp4": (pieces.MP4, "video/mp4"),
    "mov": (pieces.MOV, "video/quicktime"),
    "webm": (pieces.WEBM, "video/webm"),
    "m4a": (pieces.M4A, "audio/mp4"),
    "mp3": (pieces.MP3, "audio/mpeg"),
    "wav": (pieces.WAV, "audio/wav"),
    "ogg": (pieces.OGG, "audio/ogg"),
    "pdf": (pieces.PDF, "application/pdf"),
    "ole": (pieces.OLE, "application/msword"),
    "nothing known": (b"\xfe\xfd\0\1" * 50, "application/octet-stream"),
}


def kind_of(content: bytes, name: str = "", declared: str = "") -> str:
    return sniff(content[: 64 * 1024], content[-64 * 1024 :], name=name, declared=declared)


@pytest.mark.parametrize(("content", "kind"), BINARIES.values(), ids=BINARIES)
def test_the_content_tells_whatever_name_and_uploader_say(content: bytes, kind: str) -> None:
    for name, declared in (("", ""), ("page.html", "text/html"), ("x.svg", "image/svg+xml")):
        assert kind_of(content, name, declared) == kind


@pytest.mark.parametrize(
    ("content", "name", "declared", "kind"),
    [
        (b"hello", "", "", "text/plain"),
        (b"", "empty", "", "text/plain"),
        (b"hello", "notes.md", "", "text/markdown"),
        (b"hello", "notes.txt", "text/markdown", "text/markdown"),
        (b"hello", "notes.md", "text/plain", "text/markdown"),
        (b"hello", "photo.png", "image/png", "text/plain"),
        (b"hello", "x.pdf", "application/pdf", "text/plain"),
        (b"a,b\n1,2\n", "t.csv", "", "text/csv"),
        (b'{"a": 1}', "x.json", "", "application/json"),
        (b"def f(): ...", "x.py", "", "text/x-python"),
        ("Grüße, 世界".encode(), "x.txt", "text/plain; charset=utf-8", "text/plain"),
        ("\ufeffa".encode("utf-16-le"), "x.txt", "", "text/plain"),
        (b"<!DOCTYPE html><p>hi", "x.txt", "text/plain", "text/html"),
        (b"  \n<!-- x --><script>1</script>", "x.md", "", "text/html"),
        (b"<p>hi", "x.html", "", "text/html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "x.png", "image/png", "image/svg+xml"),
        (b'<?xml version="1.0"?><!-- a --><svg/>', "x.txt", "", "image/svg+xml"),
        (b"<html>\0\1\2\3", "x.html", "text/html", "application/octet-stream"),
    ],
)
def test_a_text_is_told_from_others_by_markup_then_by_what_is_said(
    content: bytes, name: str, declared: str, kind: str
) -> None:
    assert kind_of(content, name, declared) == kind


def test_a_letter_cut_in_half_at_the_end_of_the_look_is_still_text() -> None:
    assert kind_of(("ä" * 40_000).encode()[1:]) == "application/octet-stream"
    assert sniff(("ä" * 4).encode()[:-1], b"", name="", declared="") == "text/plain"


@given(st.binary(max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_no_content_breaks_the_look_and_what_is_inert_has_its_signature(
    content: bytes, name: str, declared: str
) -> None:
    kind = kind_of(content, name, declared)
    assert 1 < len(kind) <= 100
    if kind in INERT - {"text/plain"}:
        assert kind_of(content) == kind
    pictures.size_of(content, kind)


@given(st.sampled_from(sorted(BINARIES)), st.integers(0, 200), st.binary(max_size=60))
def test_a_damaged_picture_has_a_size_or_none_and_breaks_nothing(
    name: str, at: int, damage: bytes
) -> None:
    content, kind = BINARIES[name]
    size = pictures.size_of(content[:at] + damage + content[at + len(damage) :], kind)
    assert size is None or min(size) > 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "TIFF"])
def test_the_size_of_a_picture_is_known_from_its_beginning(kind: str) -> None:
    assert pictures.size_of(pieces.picture(kind, (123, 45)), f"image/{kind.lower()}") == (123, 45)


def test_a_picture_the_camera_held_sideways_has_the_size_it_is_shown_with() -> None:
    assert pictures.size_of(pieces.picture("JPEG", (40, 30), turned=6), "image/jpeg") == (30, 40)


def test_a_drawing_says_its_size() -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"><g/></svg>'
    assert pictures.size_of(drawing, "image/svg+xml") == (120, 80)

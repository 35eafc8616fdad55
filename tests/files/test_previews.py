"""What each kind of file is shown as. Made as it is in production: by the workshop, in a process with limits."""

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from files.models import Preview
from files.previews import KINDS, of
from files.services import leaving, previewing
from files.storage import storage
from placet.events.models import EventRow
from tests import cast
from tests.files import hostile, pieces
from tests.files.conftest import bytes_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def show(robot: cast.Robot, browser: Client) -> Any:
    """Hand a file over, let the previews be made, and ask as a page would."""

    def shown(content: bytes, name: str, declared: str = "") -> dict[str, Any]:
        file = cast.hand_over(robot, content, name=name, declared=declared)
        previewing.make_due()
        told: dict[str, Any] = browser.get(f"/api/files/{file.id}/preview").json()
        return told

    return shown


def picture_at(browser: Client, told: dict[str, Any], n: int = 0) -> Image.Image:
    answer = browser.get(told["pictures"][n]["url"])
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.getvalue()))


def test_a_photograph_has_a_small_picture_upright_and_without_what_the_camera_wrote(
    show: Any, browser: Client
) -> None:
    told = show(pieces.picture("JPEG", (1600, 1200), turned=6), "photo.jpg")
    assert (told["kind"], told["state"], told["cut"]) == ("image", "ready", None)
    assert (told["width"], told["height"]) == (1200, 1600)
    (small,) = told["pictures"]
    assert (small["width"], small["height"]) == (480, 640)
    with picture_at(browser, told) as image:
        assert (image.size, image.format) == ((480, 640), "JPEG")
        assert not image.getexif()


def test_a_transparent_picture_stays_so(show: Any, browser: Client) -> None:
    content = pieces.written(lambda out: Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(out, "PNG"))
    with picture_at(browser, show(content, "a.png")) as image:
        assert (image.format, image.convert("RGBA").getpixel((4, 4))[3]) == ("WEBP", 0)  # type: ignore[index]


def test_what_browsers_cannot_show_has_a_large_picture_too(show: Any, browser: Client) -> None:
    told = show(pieces.picture("TIFF", (3000, 1500)), "scan.tiff")
    sizes = {one["name"]: (one["width"], one["height"]) for one in told["pictures"]}
    assert sizes == {"small.jpg": (640, 320), "large.jpg": (2048, 1024)}


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="8"/>', "a.svg", "svg"),
        (pieces.MP4, "a.mp4", "video"),
        (pieces.MP3, "a.mp3", "audio"),
        (b"\xfe\xfd\0\1", "a.bin", "file"),
        (pieces.packed(), "a.gz", "file"),
    ],
)
def test_what_shows_itself_is_ready_at_once(
    show: Any, content: bytes, name: str, kind: str
) -> None:
    told = show(content, name)
    assert (told["kind"], told["state"], told["pictures"]) == (kind, "ready", [])
    assert not Preview.objects.exists()


def test_a_pdf_is_its_pages_and_their_text(show: Any, browser: Client) -> None:
    told = show(pieces.printed("Signed by both sides."), "contract.pdf")
    assert (told["kind"], told["state"], told["pages"]) == ("pdf", "ready", 1)
    assert "Signed by both sides." in told["texts"][0]
    with picture_at(browser, told) as image:
        assert image.width == 1240
        assert image.convert("L").getextrema()[0] < 100  # type: ignore[operator]


def test_pages_that_take_long_to_draw_are_shown_as_far_as_that_went(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from files.previews import pdf

    monkeypatch.setattr(pdf, "PATIENCE_SECONDS", 0.0)
    source = tmp_path / "source"
    source.write_bytes(hostile.pdf_of(5))
    made = pdf.Pdf().make(source, tmp_path, filename="a.pdf")
    assert (len(made.pictures), made.cut) == (1, "first 1 of 5 pages")


def test_a_word_document_is_simple_html(show: Any) -> None:
    told = show(pieces.word("Signed & sealed."), "contract.docx")
    assert (told["kind"], told["html"]) == ("document", "<p>Signed &amp; sealed.</p>")


def test_a_picture_in_a_word_document_is_written_anew(show: Any) -> None:
    told = show(pieces.word_with_picture(pieces.picture("PNG", (50, 40))), "a.docx")
    assert 'src="data:image/jpeg;base64,' in told["html"]
    assert 'width="50"' in told["html"]


def test_a_workbook_is_its_sheets(show: Any) -> None:
    rows = (("Region", "Total", "Ok"), ("eu", 41.5, True), (None, 40.0, None))
    told = show(pieces.sheet(rows), "t.xlsx")
    assert told["kind"] == "table"
    assert told["sheets"] == [
        {
            "name": "Sheet",
            "rows": [["Region", "Total", "Ok"], ["eu", "41.5", "TRUE"], ["", "40", ""]],
        }
    ]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n"])
def test_a_delimited_text_is_a_sheet(show: Any, text: str) -> None:
    told = show(text.encode(), "t.csv")
    assert (told["kind"], told["sheets"][0]["rows"]) == ("table", [["a", "b"], ["1", "2"]])


def test_a_long_table_says_where_it_was_cut(show: Any) -> None:
    told = show(("a,b\n" * 1500).encode(), "t.csv")
    assert (len(told["sheets"][0]["rows"]), told["cut"]) == (1000, "first 1000 rows")


def test_a_presentation_is_what_its_slides_say_and_show(show: Any, browser: Client) -> None:
    told = show(pieces.slides("Quarter three", picture=pieces.picture("PNG", (60, 40))), "q.pptx")
    (slide,) = told["slides"]
    assert (told["kind"], slide["title"]) == ("slides", "Quarter three")
    assert slide["pictures"] == ["slide-1-1.jpg"]
    with picture_at(browser, told) as image:
        assert image.size == (60, 40)


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("a.py", "Python"),
        ("a.rs", "Rust"),
        ("a.ts", "TypeScript"),
        ("a.go", "Go"),
        ("a.yaml", "YAML"),
    ],
)
def test_code_has_the_colours_of_its_language(show: Any, name: str, language: str) -> None:
    told = show(b"x = 1\n", name)
    assert (told["kind"], told["language"], told["text"]) == ("code", language, "x = 1\n")
    assert '<span class="' in told["html"]


def test_markdown_json_html_and_text_are_told_apart(show: Any) -> None:
    assert (show(b"# Hi", "a.md")["kind"], show(b"# Hi", "a.md")["text"]) == ("markdown", "# Hi")
    assert (show(b"hi", "a.txt")["kind"], show(b"hi", "a.txt")["text"]) == ("text", "hi")
    told = show(b'{"a":[1,2.50,123456789012345678901234567890]}', "a.json")
    assert (told["kind"], told["is_valid"]) == ("json", True)
    assert "2.50" in told["text"]
    assert "123456789012345678901234567890" in told["text"]
    assert show(b"{broken", "a.json")["is_valid"] is False
    page = show(b"<!doctype html><p>Hi", "a.html")
    assert (page["kind"], page["text"]) == ("html", "<!doctype html><p>Hi")


def test_an_archive_is_a_list(show: Any) -> None:
    told = show(pieces.archive(**{"a.txt": b"aaaa", "dir/": b""}), "a.zip")
    assert (told["kind"], told["count"], told["size"]) == ("archive", 2, 4)
    assert [(one["name"], one["size"], one["is_folder"]) for one in told["entries"]] == [
        ("a.txt", 4, False),
        ("dir/", 0, True),
    ]


def test_a_hundred_languages_have_colours() -> None:
    from pygments.lexers import get_all_lexers

    from files.previews.code import coloured

    patterns = [names[0] for _, _, names, _ in get_all_lexers() if names]
    named = {pattern.replace("*", "a") for pattern in patterns if pattern.startswith("*.")}
    some = sorted(named)[::3]
    languages = {told["language"] for name in some if (told := coloured("x", name))}
    assert len(languages) > 100


def test_every_kind_has_a_name_of_its_own_and_the_last_one_takes_all() -> None:
    assert len({kind.slug for kind in KINDS}) == len(KINDS)
    assert of("", "").slug == "file"


def test_a_preview_is_waited_for_until_it_is_there_and_then_news(
    robot: cast.Robot, browser: Client
) -> None:
    file = cast.hand_over(robot, pieces.picture(), name="a.png")
    assert browser.get(f"/api/files/{file.id}/preview").json()["state"] == "pending"
    assert not EventRow.objects.filter(type="file:previewed").exists()
    assert previewing.make_due() == 1
    assert browser.get(f"/api/files/{file.id}/preview").json()["state"] == "ready"
    assert EventRow.objects.get(type="file:previewed").data["fileId"] == str(file.id)
    assert previewing.make_due() == 0


def test_a_maker_that_died_is_replaced_and_after_three_it_is_given_up(
    robot: cast.Robot, browser: Client, time_machine: Any
) -> None:
    time_machine.move_to("2026-03-01T09:00:00Z", tick=False)
    file = cast.hand_over(robot, pieces.picture(), name="a.png")
    for _ in range(3):
        assert previewing._claimed() is not None
        assert previewing.make_due() == 0
        time_machine.shift(181)
    assert previewing.make_due() == 1
    told = browser.get(f"/api/files/{file.id}/preview").json()
    assert (told["state"], told["reason"]) == ("failed", "It could not be made.")


def test_a_deleted_file_takes_its_preview_along(
    robot: cast.Robot, ada: User, shelf: Any, django_capture_on_commit_callbacks: Any
) -> None:
    files = [
        cast.hand_over(robot, content, name=name)
        for content, name in ((pieces.picture(), "a.png"), (b"hi", "a.txt"))
    ]
    previewing.make_due()
    assert len(bytes_on(shelf)) == 4
    with django_capture_on_commit_callbacks(execute=True):
        leaving.delete_files(by=ada.as_actor(), file_ids=[file.id for file in files])
    assert bytes_on(shelf) == []


def test_a_file_deleted_while_its_preview_is_made_leaves_nothing(
    robot: cast.Robot, ada: User, shelf: Any, django_capture_on_commit_callbacks: Any
) -> None:
    file = cast.hand_over(robot, pieces.picture(), name="a.png")
    claimed = previewing._claimed()
    assert claimed is not None
    with django_capture_on_commit_callbacks(execute=True):
        put_away = previewing._put_away

        def deleted_first(*args: Any) -> None:
            leaving.delete_file(by=ada.as_actor(), file_id=file.id)
            put_away(*args)

        previewing._put_away = deleted_first  # type: ignore[assignment]
        try:
            previewing._make(claimed)
        finally:
            previewing._put_away = put_away
    leaving.remove_discarded()
    assert bytes_on(shelf) == []


def test_a_strangers_preview_and_none_look_the_same(
    other_robot: cast.Robot, browser: Client
) -> None:
    file = cast.hand_over(other_robot, pieces.picture(), name="a.png")
    previewing.make_due()
    for path in ("preview", "preview/small.jpg", "page"):
        assert browser.get(f"/api/files/{file.id}/{path}").status_code == 404


@pytest.mark.parametrize("name", ["contents.json", "small.webp", "..%2Fsmall.jpg", "../small.jpg"])
def test_only_the_pictures_of_a_preview_are_pictures(
    robot: cast.Robot, browser: Client, name: str
) -> None:
    file = cast.hand_over(robot, pieces.picture(), name="a.png")
    previewing.make_due()
    assert browser.get(f"/api/files/{file.id}/preview/{name}").status_code == 404
    picture = browser.get(f"/api/files/{file.id}/preview/small.jpg")
    assert picture.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    again = browser.get(
        f"/api/files/{file.id}/preview/small.jpg",
        headers={"If-None-Match": picture.headers["ETag"]},
    )
    assert again.status_code == 304


def test_a_page_is_shown_in_a_frame_of_ours_where_nothing_of_it_runs(
    robot: cast.Robot, browser: Client
) -> None:
    page = cast.hand_over(robot, b"<!doctype html><p>hi" + hostile.SCRIPT, name="a.html")
    shown = browser.get(f"/api/files/{page.id}/page")
    assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = shown.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'; ")
    assert "allow" not in policy
    assert "script" not in policy
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    text = cast.hand_over(robot, b"hi", name="a.txt")
    assert browser.get(f"/api/files/{text.id}/page").status_code == 404


def test_previews_are_kept_in_the_storage_and_not_in_the_database(show: Any) -> None:
    show(b"word " * 10_000, "a.txt")
    row = Preview.objects.get()
    assert row.has_contents
    assert "word" not in str(vars(row))
    assert storage().exists(row.file.storage_key)

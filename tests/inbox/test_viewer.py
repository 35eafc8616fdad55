"""The viewer's page and fragment: every kind of file, harmless, and whose business it is."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from files.services import leaving, marking, previewing
from files.snapshots import CONTENTS, FileSnapshot, preview_key
from files.storage import storage
from inbox.services.arriving import Attachments
from inbox.viewer.finding import find
from inbox.viewer.trees import MOST_NODES, tree_of
from tests import cast
from tests.files import hostile, pieces

pytestmark = pytest.mark.django_db
#: Session, person, cursor; file, versions, marks and the file they are on, agent, message and its files.
FRAGMENT = 10
HX = {"HX-Request": "true"}
EVIL = "<script>top.canary = 1</script><img src=x onerror=alert(1)>"


@pytest.fixture
def see(robot: cast.Robot, browser: Client) -> Any:
    """Hand a file over, let its preview be made, and open it."""

    def opened(content: bytes, name: str, declared: str = "", **query: str) -> str:
        file = cast.hand_over(robot, content, name=name, declared=declared)
        previewing.make_due()
        return page(browser, file.id, **query)

    return opened


def page(browser: Client, file_id: Any, **query: str) -> str:
    answer = browser.get(f"/files/{file_id}", query)
    assert answer.status_code == 200
    return str(answer.content.decode())


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="8"/>'
SHOWN: dict[str, tuple[bytes, str, str]] = {
    "image": (pieces.picture(), "a.png", r'<img src="/api/files/\S+/download" alt="a.png" width="40" height="30"'),
    "tiff": (pieces.picture("TIFF"), "a.tiff", r'<img src="/api/files/\S+/preview/large.jpg"'),
    "svg": (SVG, "a.svg", r'<img src="/api/files/\S+/download" alt="a.svg" width="9" height="8"'),
    "pdf": (pieces.printed("Signed here"), "a.pdf", r'page-1.jpg" width="1240" height="620" loading="lazy"'),
    "video": (pieces.MP4, "a.mp4", r'<video class="viewer-video" src="/api/files/\S+/download"'),
    "audio": (pieces.MP3, "a.mp3", r'<audio src="/api/files/\S+/download" controls'),
    "document": (pieces.word(), "a.docx", "<p>Signed by both sides.</p>"),
    "table": (pieces.sheet(), "a.xlsx", '<tr><th scope="row">2</th><td>eu</td><td class="num">41</td></tr>'),
    "csv": (b"Region,Total\neu,41\n", "a.csv", "<td>Region</td><td>Total</td>"),
    "slides": (pieces.slides(picture=pieces.picture()), "a.pptx", r"<h3>Quarter three</h3>[\s\S]*slide-1-1.jpg"),
    "archive": (pieces.archive(), "a.zip", "<bdi>a.txt</bdi>"),
    "markdown": (b"# Plan\n\n*now*", "a.md", "<h1>Plan</h1>\n<p><em>now</em></p>"),
    "html": (b"<!doctype html><p>hi", "a.html", r'<iframe class="viewer-frame" src="/api/files/\S+/page" sandbox '),
    "json": (b'{"a": [1, {"b": null}]}', "a.json", r'<details open><summary>{<span class="muted">1 key'),
    "code": (b"def f():\n    pass\n", "a.py", '<span class="k">def</span>'),
    "text": (b"one\ntwo", "a.txt", "1\n2</pre>"),
    "file": (b"\xfe\xfd\0\1", "a.bin", "<bdi>a.bin</bdi></b></p>"),
}  # fmt: skip


@pytest.mark.parametrize("what", SHOWN)
def test_every_kind_is_shown_as_what_it_is(see: Any, what: str) -> None:
    content, name, looks = SHOWN[what]
    html = see(content, name)
    assert re.search(looks, html), html[html.index("data-stage") :][:3000]
    assert html.count("<h1") == (2 if what == "markdown" else 1)
    assert f"<title>{name} · Placet</title>" in html


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (EVIL.encode(), "a.txt"),
        (EVIL.encode(), "a.md"),
        (f"a,b\n{EVIL},2".encode(), "a.csv"),
        (json.dumps({EVIL: [EVIL]}).encode(), "a.json"),
        (f"x = 1  # {EVIL}".encode(), "a.py"),
        (pieces.word(EVIL), "a.docx"),
        (pieces.sheet(((EVIL, 1),)), "a.xlsx"),
        (pieces.slides(EVIL), "a.pptx"),
        (pieces.archive(**{EVIL: b"x"}), "a.zip"),
        (pieces.printed("<script>x"), "a.pdf"),
        (pieces.picture(), "<script>top.canary = 1<script>.png"),
        (hostile.svg_with_script(), "a.svg"),
        (b"<!doctype html>" + EVIL.encode(), "a.html"),
        (hostile.word_with_links(), "b.docx"),
    ],
)
@pytest.mark.parametrize("query", [{}, {"as": "source", "find": "<script>", "sheet": "9"}])
def test_nothing_of_a_file_becomes_part_of_the_page(
    see: Any, content: bytes, name: str, query: dict[str, str]
) -> None:
    html = see(content, name, **query)
    assert not re.search(r"<script>|<script(?! [^>]*(src=|application/json))", html)
    assert "<img src=x" not in html
    assert not re.search(r'href="?javascript', html)


def test_the_fragment_is_what_the_page_holds(see: Any, browser: Client, robot: cast.Robot) -> None:
    file = cast.hand_over(robot)
    previewing.make_due()
    whole = page(browser, file.id)
    part = browser.get(f"/files/{file.id}", headers=HX)
    text = part.content.decode()
    assert "<html" not in text
    stage = text[text.index("data-stage") : text.index("viewer-facts")]
    assert stage in whole
    assert part.headers["Vary"] == "HX-Request, Cookie"


def test_what_is_pending_says_so_and_what_failed_says_why(
    see: Any, browser: Client, robot: cast.Robot
) -> None:
    file = cast.hand_over(robot, pieces.picture(), name="a.png")
    assert 'data-state="pending"' in page(browser, file.id)
    assert "The preview is being made" in page(browser, file.id)
    html = see(b"PK\x03\x04 no more", "a.zip")
    assert 'data-state="failed"' in html
    assert "The archive is damaged." in html


def test_where_a_limit_cut_it_is_told(see: Any) -> None:
    html = see("\n".join(f"{n},x" for n in range(1100)).encode(), "a.csv")
    assert "Only the first 1000 rows:" in html


def test_a_preview_whose_bytes_are_gone_is_a_card(browser: Client, robot: cast.Robot) -> None:
    file = cast.hand_over(robot)
    previewing.make_due()
    storage().delete(preview_key(file.storage_key, CONTENTS))
    assert "<bdi>report.csv</bdi></b></p>" in page(browser, file.id)


@pytest.fixture
def message(robot: cast.Robot) -> Any:
    files = [cast.hand_over(robot, pieces.picture(), name=f"{n}.png") for n in "abc"]
    previewing.make_due()
    return cast.ask(robot, attachments=Attachments(ids=[str(file.id) for file in files]))


def turns(html: str) -> dict[str, str]:
    return dict(re.findall(r'rel="(prev|next)"[^>]*href="/files/([^"]+)"', html))


def test_one_goes_through_the_files_of_the_message(browser: Client, message: Any) -> None:
    a, b, c = (str(file.id) for file in message.files)
    assert turns(page(browser, a)) == {"next": b}
    assert turns(page(browser, b)) == {"prev": a, "next": c}
    assert turns(page(browser, c)) == {"prev": b}
    html = page(browser, b)
    assert "2 of 3" in html
    assert f"?at={message.id}#m-{message.id}" in html
    assert f"/inbox/{message.id}/" in html


def test_a_strangers_file_and_no_file_look_the_same(bob: User, message: Any) -> None:
    other = Client()
    other.force_login(bob)
    answers = [
        other.get(f"/files/{one}", headers=HX) for one in (message.files[0].id, message.id)
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_who_is_signed_out_is_sent_to_sign_in_and_back(message: Any) -> None:
    answer = Client().get(f"/files/{message.files[0].id}")
    assert answer.headers["Location"] == f"/login/?next=/files/{message.files[0].id}"


def test_a_message_of_many_files_costs_as_many_queries_as_one_of_few(
    browser: Client, robot: cast.Robot, message: Any, django_assert_num_queries: Any
) -> None:
    many = [cast.hand_over(robot, pieces.picture(), name="x.png") for _ in range(12)]
    previewing.make_due()
    cast.ask(robot, attachments=Attachments(ids=[str(file.id) for file in many]))
    for file in (message.files[1], many[5]):
        page(browser, file.id)
        with django_assert_num_queries(FRAGMENT):
            browser.get(f"/files/{file.id}", headers=HX)


def test_a_person_finds_their_own_marks_and_nobody_elses(
    browser: Client, ada: User, olga: User, message: Any
) -> None:
    mark = {"id": "m1", "tool": "pen", "colour": "red", "size": 3, "points": "1,1 5,5"}
    file = message.files[0]
    marking.save_marks(by=olga.as_actor(), file_id=file.id, version=0, marks=[mark])
    assert '"marks": []' in page(browser, file.id)
    marking.save_marks(by=ada.as_actor(), file_id=file.id, version=0, marks=[mark])
    assert '"points": "1,1 5,5"' in page(browser, file.id)


def test_a_response_shows_original_and_annotated(
    browser: Client, ada: User, olga: User, message: Any
) -> None:
    mark = {"id": "m1", "tool": "pen", "colour": "red", "size": 3, "points": "1,1 5,5"}
    original: FileSnapshot = message.files[1]
    marking.save_marks(by=olga.as_actor(), file_id=original.id, version=0, marks=[mark])
    (changed,) = (cast.answer(olga, message).modified_file_ids or {}).values()
    previewing.make_due()
    html = page(browser, original.id)
    assert f'<a href="/files/{changed}" data-part>Annotated</a>' in html
    html = page(browser, changed)
    assert f'<a href="/files/{original.id}" data-part>Original</a>' in html
    # It has the place of its original, and the name of who made it.
    assert turns(html) == {"prev": str(message.files[0].id), "next": str(message.files[2].id)}
    assert "<dd><bdi>Olga</bdi>" in html
    # A marked-up version is marked up no further: the next response would carry it for the wrong original.
    assert "data-annotate" not in html


def test_a_file_nobody_attached_has_a_page_too(browser: Client, ada: User, robot: Any) -> None:
    file = cast.hand_over(robot, b"words", name="mine.txt", by=ada)
    html = page(browser, file.id)
    assert turns(html) == {}
    assert "<dd><bdi>You</bdi>" in html
    leaving.delete_file(by=ada.as_actor(), file_id=file.id)
    assert browser.get(f"/files/{file.id}").status_code == 404


def test_sheets_are_tabs(see: Any) -> None:
    def book() -> bytes:
        import openpyxl

        made = openpyxl.Workbook()
        made.worksheets[0].append(["first"])
        made.create_sheet("Sums & more").append(["second"])
        return pieces.written(made.save)

    for query, shown, hidden in (({}, "first", "second"), ({"sheet": "2"}, "second", "first")):
        html = see(book(), "a.xlsx", **query)
        assert f"<td>{shown}</td>" in html
        assert f"<td>{hidden}</td>" not in html
        assert "<bdi>Sums &amp; more</bdi>" in html


@pytest.mark.parametrize("sheet", ["0", "-1", "99", "x", "9" * 5000])
def test_a_sheet_that_there_is_not_is_the_nearest(see: Any, sheet: str) -> None:
    assert "<td>eu</td>" in see(pieces.sheet(), "a.xlsx", sheet=sheet)


def test_words_are_found_in_pages(see: Any) -> None:
    html = see(pieces.printed("Signed by both sides"), "a.pdf", find="BY  both")
    assert "1 hit on 1 page" in html
    assert "<mark>by both</mark>" in html
    assert 'class="viewer-page hit"' in html
    assert "Nothing found" in see(pieces.printed("Signed"), "b.pdf", find="zebra")


def test_finding_counts_and_shows_what_stands_around() -> None:
    texts = ["no", "x" * 100 + " The <b>cat</b> and\nthe cat " + "y" * 100]
    (hit,) = find(texts, "THE")
    assert (hit.page, hit.count) == (2, 2)
    assert "&lt;b&gt;cat" in hit.extracts[0]
    assert hit.extracts[0].startswith("…")
    (hit,) = find(texts, "and the")
    assert "<mark>and the</mark>" in hit.extracts[0]
    assert find(["a+b"], "a+b")
    assert not find(["aab"], "a+b")


def test_a_tree_keeps_numbers_as_they_were_written_and_has_its_limits() -> None:
    tree = tree_of('{"big": 12345678901234567890.10, "no": [], "yes": true, "ä": "ö"}') or ""
    assert "12345678901234567890.10" in tree
    assert '<span class="s">&quot;ö&quot;</span>' in tree
    assert tree_of(json.dumps(list(range(MOST_NODES)))) is None
    assert tree_of("[" * 60 + "]" * 60) is None
    assert tree_of("[" * 200_000) is None
    assert tree_of("{") is None


def test_what_is_no_json_is_shown_as_it_is(see: Any) -> None:
    html = see(b"{not json", "a.json")
    assert "This is no valid JSON" in html
    assert "{not json</pre>" in html

"""Files that mean harm, in a real browser with a person signed in: nothing of them runs where that person's session is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from tests.e2e.stage import House, Someone, enter
from tests.files import hostile, pieces
from tests.processes import until

HTML = (
    b"<!doctype html><title>before</title><style>p { color: red }</style><p id=shown>hi</p>"
    b"<script>document.title = 'canary'; parent.canary = 1; top.location = '/canary'</script>"
    b"<img src=x onerror=\"document.title = 'canary'\"><form action=/logout/ method=post></form>"
    b"<iframe src=/inbox/></iframe><link rel=stylesheet href=/static/css/placet.css>"
)
CORPUS = {
    "gif that is html": (hostile.gif_that_is_html(), "a.html"),
    "page": (HTML, "a.png"),
    "svg": (hostile.svg_with_script(), "a.svg"),
    "script": (b"window.canary = 1; document.title = 'canary'", "a.js"),
    "style": (b"html { display: none }", "a.css"),
    "pdf": (hostile.pdf_with_script(), "a.pdf"),
}


#: What the viewer's own readers see: the same, in every format that becomes part of a page.
EVIL = "<script>window.canary = 1</script><img src=x onerror='window.canary = 1'><svg onload='window.canary = 1'>"
IN_PAGES = {
    **CORPUS,
    "text": (EVIL.encode(), "a.txt"),
    "markdown": (f"# {EVIL}\n\n[go](javascript:window.canary=1)\n\n{EVIL}".encode(), "a.md"),
    "csv": (f"a,b\n{EVIL.replace(',', ' ')},2\n".encode(), "a.csv"),
    "json": (json.dumps({EVIL: [EVIL, {EVIL: 1}]}).encode(), "a.json"),
    "code": (f"x = 1  # {EVIL}\n".encode(), "a.py"),
    "word": (pieces.word(EVIL), "a.docx"),
    "word with links": (hostile.word_with_links(), "b.docx"),
    "word with a remote picture": (
        hostile.word_with_remote_picture("https://evil.example/pixel.png"),
        "c.docx",
    ),
    "sheet": (pieces.sheet(((EVIL, 1), ("=cmd|' /C calc'!A0", 2))), "a.xlsx"),
    "slides": (pieces.slides(EVIL, picture=hostile.gif_that_is_html()), "a.pptx"),
    "archive": (pieces.archive(**{EVIL: b"x", "../../up": b"x"}), "a.zip"),
    "name": (b"words", f"{EVIL}\u202egnp.txt"),
    "picture that is none": (b"\x89PNG\r\n\x1a\n" + EVIL.encode(), "b.png"),
}


@pytest.fixture
def bare(chromium: Browser, house: House, ada: Someone) -> Iterator[Page]:
    """Ada's browser, unwatched: here the browser is meant to complain."""
    context, _ = enter(chromium, ada, house.url)
    yield context.new_page()
    context.close()


@pytest.fixture
def files(ada: Someone) -> dict[str, Any]:
    def stored(content: bytes, name: str) -> str:
        # A script is told from other texts by its name alone; the rest by what it is, whatever is said of it.
        said = "" if name.endswith((".js", ".css")) else "text/html"
        form = {"file": (name, content, said)}
        answer = ada.robot.request("POST", "/api/v1/files/upload", files=form)
        assert answer.status_code == 201
        return str(answer.json()["id"])

    return {what: stored(*file) for what, file in CORPUS.items()}


@pytest.mark.parametrize("what", IN_PAGES)
def test_the_viewer_shows_it_and_nothing_of_it_runs(
    chromium: Browser, house: House, ada: Someone, what: str
) -> None:
    """Watched: whoever is asked, and whatever the browser blocked or wrote into its console, is a fault."""
    content, name = IN_PAGES[what]
    said = "" if name.endswith((".js", ".css", ".txt")) else "text/html"
    answer = ada.robot.request(
        "POST", "/api/v1/files/upload", files={"file": (name, content, said)}
    )
    assert answer.status_code == 201
    file_id = answer.json()["id"]
    path = f"/api/files/{file_id}/preview"
    until(lambda: ada.human.get(path).json()["state"] != "pending", seconds=60)
    context, watch = enter(chromium, ada, house.url)
    # A frame of another origin tries its script, and the browser says that it may not.
    watch.expect("Blocked script execution", "Content Security Policy directive", "^CSP .* blocked")
    page = context.new_page()
    for query in ("", "?as=source", "?find=%3Cscript%3E&sheet=2"):
        page.goto(f"/files/{file_id}{query}")
        page.wait_for_selector("[data-viewer]")
        page.wait_for_timeout(150)
        assert ran(page) == [None, False, f"/files/{file_id}"]
        if what != "page" and what != "gif that is html":
            assert not any("CSP" in text for text in watch.complaints), watch.complaints
    # Over another page, through the fragment, as well.
    page.goto("/inbox/")
    page.evaluate(
        """(id) => {
          const link = Object.assign(document.createElement("a"), { href: `/files/${id}`, textContent: "hostile" });
          link.dataset.view = id;
          document.body.append(link);
          link.click();
        }""",
        file_id,
    )
    page.wait_for_selector("dialog [data-viewer]")
    page.wait_for_timeout(200)
    assert ran(page) == [None, False, "/inbox/"]
    elsewhere = [url for url in watch.requests if "evil.example" in url]
    assert elsewhere == []
    assert watch.surprises == []
    context.close()


def ran(page: Page) -> Any:
    return page.evaluate("[window.canary, document.title === 'canary', location.pathname]")


@pytest.mark.parametrize("what", CORPUS)
def test_who_opens_its_address_saves_it_or_sees_a_picture(
    bare: Page, files: dict[str, Any], what: str
) -> None:
    bare.goto("/inbox/")
    path = f"/api/files/{files[what]}/download"
    if what == "gif that is html":
        bare.goto(path)
        # The picture alone, in an origin that is nobody's.
        assert bare.evaluate("document.images.length") == 1
        assert bare.evaluate("self.origin") == "null"
    else:
        with pytest.raises(BrowserError, match="Download is starting"):
            bare.goto(path)
        assert ran(bare) == [None, False, "/inbox/"]


@pytest.mark.parametrize("what", CORPUS)
def test_a_page_of_ours_that_is_tricked_into_loading_it_runs_nothing(
    bare: Page, files: dict[str, Any], what: str
) -> None:
    """As if somebody had found a way to place an element of theirs: the policy lets it load from this host, the type does not."""
    bare.goto("/inbox/")
    bare.evaluate(
        """async (address) => {
          const elements = [["script", "src"], ["img", "src"], ["iframe", "src"], ["object", "data"], ["embed", "src"]];
          const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address });
          const made = elements.map(([tag, name]) => Object.assign(document.createElement(tag), { [name]: address }));
          const settled = (one) => new Promise((done) => {
            one.onload = one.onerror = done;
            setTimeout(done, 1500);
          });
          const all = [style, ...made].map(settled);
          document.body.append(style, ...made);
          await Promise.all(all);
        }""",
        f"/api/files/{files[what]}/download",
    )
    assert ran(bare) == [None, False, "/inbox/"]
    assert bare.evaluate("getComputedStyle(document.documentElement).display") != "none"


def test_a_drawing_is_shown_as_a_picture(bare: Page, files: dict[str, Any]) -> None:
    bare.goto("/inbox/")
    width = bare.evaluate(
        """async (address) => {
          const image = Object.assign(new Image(), { src: address });
          await image.decode();
          return image.naturalWidth;
        }""",
        f"/api/files/{files['svg']}/download",
    )
    assert width == 40
    assert ran(bare) == [None, False, "/inbox/"]


def test_a_page_in_a_frame_looks_like_itself_and_reaches_nothing(
    bare: Page, files: dict[str, Any]
) -> None:
    bare.goto("/inbox/")
    bare.evaluate(
        """(address) => new Promise((done) => {
          const frame = Object.assign(document.createElement("iframe"), { src: address, id: "framed" });
          frame.sandbox = "";
          frame.onload = done;
          document.body.append(frame);
        })""",
        f"/api/files/{files['page']}/page",
    )
    frame = next(one for one in bare.frames if one.url.endswith("/page"))
    assert frame.locator("#shown").text_content() == "hi"
    assert frame.evaluate("self.origin") == "null"
    assert frame.evaluate("document.title") == "before"
    assert frame.evaluate("getComputedStyle(document.querySelector('p')).color") == "rgb(255, 0, 0)"
    # No style of ours, no page of ours in it.
    assert [
        one.url for one in bare.frames if one.parent_frame == frame and "/inbox" in one.url
    ] == []
    assert ran(bare) == [None, False, "/inbox/"]


def test_the_page_opened_by_itself_is_nobodys_either(bare: Page, files: dict[str, Any]) -> None:
    bare.goto(f"/api/files/{files['page']}/page")
    assert bare.title() == "before"
    assert bare.evaluate("self.origin") == "null"
    with pytest.raises(BrowserError, match=r"SecurityError|sandboxed"):
        bare.evaluate("document.cookie")

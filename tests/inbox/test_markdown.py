"""What agents may make a reader's browser do: show text. Nothing else."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from html.parser import HTMLParser
from threading import Barrier

import pytest

from inbox import markdown, patience
from inbox.markdown import gist, to_html

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](https://a.example/x.png)',
    '[x](https://a.example "title\\" onmouseover=\\"alert(1)")',
    '<https://a.example/"onclick=alert(1)>',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '```x" onload="alert(1)\nbody\n```',
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "| a |\n|---|\n| <style>*{display:none}</style> |",
    "<a href='https://a.example' style='position:fixed'>x</a>",
    "- [ ] <input autofocus onfocus=alert(1)>",
    "<form action=/logout><button>Click</button></form>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
]
NEVER = {"script", "style", "iframe", "object", "embed", "form", "button", "img", "svg", "math", "link", "meta", "base"}  # fmt: skip


class _Reader(HTMLParser):
    """What a browser would build: tags and attributes, not words that look like them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_runs(text: str) -> None:
    for tag, attributes in _Reader(to_html(text)).tags:
        assert tag not in NEVER
        assert not [name for name in attributes if name.startswith("on") or name in {"style", "id"}]
        assert re.match(r"https?://|mailto:|/|#|$", attributes.get("href", ""))


def test_links_leave_without_a_word_about_us() -> None:
    [(_, attributes)] = [t for t in _Reader(to_html("see https://a.example")).tags if t[0] == "a"]
    assert attributes == {
        "href": "https://a.example",
        "target": "_blank",
        "rel": "noopener noreferrer nofollow",
    }


def test_a_remote_picture_is_a_link_not_a_request() -> None:
    html = to_html("![Latency](https://a.example/x.png)")
    assert "<img" not in html
    assert 'href="https://a.example/x.png"' in html
    assert ">Latency</a>" in html


def test_it_reads_what_agents_write() -> None:
    html = to_html("| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n~~old~~ `code`")
    for piece in ("<table>", "<td>2</td>", "<s>old</s>", "<code>code</code>"):
        assert piece in html
    boxes = [attributes for tag, attributes in _Reader(html).tags if tag == "input"]
    assert [(box["type"], "checked" in box, "disabled" in box) for box in boxes] == [
        ("checkbox", True, True),
        ("checkbox", False, True),
    ]


def test_code_is_coloured_with_classes_only() -> None:
    html = to_html("```diff\n- old\n+ new\n```\n\n```no-such-language\n<b>\n```")
    assert '<span class="gd">- old</span>' in html
    assert "&lt;b&gt;" in html
    assert "style=" not in html


def test_the_gist_is_the_first_line_bare_and_what_follows() -> None:
    assert gist("## Deploy **v2** to [prod](https://a.example)?\n\nAll `47` passed.\nGo") == (
        "Deploy v2 to prod?",
        "All 47 passed. Go",
    )
    assert gist("") == ("", "")
    assert gist("```sql\nSELECT 1\nFROM t\n```") == ("SELECT 1", "")


def test_a_monstrous_text_is_still_answered() -> None:
    assert to_html("[" * 20_000)
    assert to_html("> " * 5_000 + "deep")
    assert gist("*" * 100_000)


def bomb(piece: str, size: int = 200_000) -> str:
    return (piece * (size // len(piece) + 1))[:size]


#: What took this renderer seconds, and some of it minutes, before it had a limit.
BOMBS = {
    "tasks": bomb("- [ ] a\n"),
    "brackets": bomb("!["),
    "emphasis": bomb("*a **a "),
    "rows": "|a|b|\n|-|-|\n" + bomb("|x\n"),
    "cells": bomb("a|", 100_000) + "\n" + bomb("-|", 100_000),
    "empty cells": bomb("a|", 2000) + "\n" + bomb("-|", 2000) + "\n" + bomb("|\n", 90_000),
    "addresses": bomb("a.com "),
    "lists": bomb("* a\n "),
    "one lexer": "```html+ng2\n" + bomb("(", 60_000),
    "many lexers": bomb(f"```terraform\n{'aA0_' * 900}\n```\n\n"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_message_keeps_a_thread_busy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bombs took up to minutes: with a limit gone, this test would not end."""
    monkeypatch.setattr(markdown, "PATIENCE_SECONDS", 0.1)
    first, again = to_html(BOMBS[name]), to_html(BOMBS[name])
    assert len(again) <= len(first) < 40 * len(BOMBS[name])


def test_a_text_that_takes_too_long_is_shown_as_it_is_and_safely() -> None:
    shown = to_html("<img src=x onerror=alert(1)>\n" + BOMBS["rows"])
    assert shown.startswith("<p>&lt;img src=x onerror=alert(1)&gt;<br>")
    assert "<table" not in shown


def test_threads_that_tire_of_one_text_together_step_down_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    together = Barrier(4)

    def tired(text: str) -> str:
        together.wait(30)
        raise patience.OutOfPatience

    monkeypatch.setattr(markdown, "_manners", (tired, lambda text: "calm", lambda text: "plain"))
    text = "tiring" * markdown.LONGEST_CACHED
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(to_html, [text] * 4)) == ["calm"] * 4
    assert to_html(text) == "calm"


def test_after_too_many_tiring_texts_the_rest_of_the_page_is_plain() -> None:
    with suppress(patience.OutOfPatience), patience.at_most(patience.MOST_WASTED_SECONDS):
        raise patience.OutOfPatience
    assert to_html("*same* page <i>") == "<p>*same* page &lt;i&gt;</p>"
    patience.start_afresh()
    assert to_html("*same* page <i>") == "<p><em>same</em> page &lt;i&gt;</p>\n"


def test_long_honest_prose_keeps_its_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "PATIENCE_SECONDS", 60.0)
    text = (
        "## Findings\n\nSee **this** `code` and [that](https://a.example).\n\n- one\n- two\n\n"
        * 800
    )
    assert len(text) > 60_000
    assert to_html(text).count("<h2>") == 800


@pytest.mark.parametrize("text", ["{}", "<{}>", "See {} now"])
def test_a_link_shows_the_host_it_leads_to(text: str) -> None:
    for address in ("https://xn--80ak6aa92e.com/", "https://аррӏе.com/"):  # noqa: RUF001
        shown = to_html(text.format(address))
        assert ">https://xn--80ak6aa92e.com/</a>" in shown
        assert 'href="https://xn--80ak6aa92e.com/"' in shown
    assert ">https://example.org/käse</a>" in to_html(text.format("https://example.org/käse"))


@pytest.mark.parametrize(
    "text",
    [
        "https://bank.example@evil.example/",
        "<https://bank.example@evil.example/>",
        "https://user:secret@evil.example/",
        "[Bank](https://bank.example@evil.example/)",
        "[Bank](https:bank.example@evil.example)",
        "[Bank](//bank.example@evil.example/)",
        "![Bank](https://bank.example@evil.example/x.png)",
    ],
)
def test_an_address_with_a_name_before_its_host_is_only_text(text: str) -> None:
    shown = to_html(text)
    assert "<a " not in shown
    assert "evil.example" in shown
    assert '<a href="mailto:ada@example.org"' in to_html("ada@example.org")
    assert '<a href="https://example.org/@ada?to=a@b"' in to_html("https://example.org/@ada?to=a@b")


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
def test_nothing_turns_the_order_of_a_text_around(code: int) -> None:
    for text in (
        f"a{chr(code)}b",
        f"a&#x{code:x};b",
        f"`a{chr(code)}b`",
        f"```py\na{chr(code)}b\n```",
    ):
        assert chr(code) not in to_html(text)
        assert chr(code) not in "".join(gist(text))
    assert "שלום עולם" in to_html("שלום עולם")

"""What of a file is shown, ready for its template. The workshop read hostile bytes: what it says is escaped or cleaned here, again."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from files import selectors
from files.previews.document import clean
from files.snapshots import FileSnapshot
from inbox.viewer.finding import find
from inbox.viewer.trees import tree_of

LONGEST_SEARCH = 100
NUMBER = re.compile(r"-?[0-9]{1,20}(?:[.,][0-9]{1,20})*%?")
Choice = Mapping[str, str]


def body_of(file: FileSnapshot, choice: Choice) -> dict[str, Any]:
    """`template` is the kind's own where there is something to show; `choice` is what the address says."""
    preview = file.preview
    if preview.state != "ready":
        return {"template": f"files/previews/_{preview.state}.html"}
    contents = selectors.contents_of(file)
    if preview.has_contents and not contents:
        # The bytes went between row and page.
        return {"template": "files/previews/file.html"}
    body = _BODIES.get(preview.kind, _as_it_is)(file, contents, choice)
    return {"template": f"files/previews/{preview.kind}.html", **body}


def _as_it_is(file: FileSnapshot, contents: dict[str, Any], choice: Choice) -> dict[str, Any]:
    return contents


def _pdf(file: FileSnapshot, contents: dict[str, Any], choice: Choice) -> dict[str, Any]:
    texts = [str(text) for text in contents.get("texts", [])]
    pictures = [one for one in file.preview.pictures if one.name.startswith("page-")]
    words = choice.get("find", "").strip()[:LONGEST_SEARCH]
    hits = find(texts, words) if words else []
    found = {hit.page for hit in hits}
    pages = [
        {"n": n, "picture": picture, "text": text, "is_hit": n in found}
        for n, (picture, text) in enumerate(zip(pictures, texts, strict=False), 1)
    ]
    total = sum(hit.count for hit in hits)
    return {"pages": pages, "count": contents.get("pages"), "words": words, "hits": hits, "total": total}  # fmt: skip


def _document(file: FileSnapshot, contents: dict[str, Any], choice: Choice) -> dict[str, Any]:
    return {"html": mark_safe(clean(str(contents.get("html", ""))))}  # noqa: S308 - cleaned in this line


def _table(file: FileSnapshot, contents: dict[str, Any], choice: Choice) -> dict[str, Any]:
    sheets = contents.get("sheets", [])
    said = choice.get("sheet", "")[:4]
    at = min(max(int(said) if said.isdecimal() else 1, 1), len(sheets) or 1)
    rows = sheets[at - 1]["rows"] if sheets else []
    names = [one["name"] or f"Sheet {n}" for n, one in enumerate(sheets, 1)]
    return {"names": names, "at": at, "rows": rows, "grid": _grid(rows)}


def _grid(rows: list[list[str]]) -> SafeString:
    """Sixty thousand cells are too many for a template's loops."""
    width = max(map(len, rows), default=0)
    head = "".join(f'<th scope="col">{_letters(n)}</th>' for n in range(width))
    lines = "".join(
        f'<tr><th scope="row">{n}</th>{"".join(map(_cell, row))}</tr>'
        for n, row in enumerate(rows, 1)
    )
    return mark_safe(f"<thead><tr><td></td>{head}</tr></thead><tbody>{lines}</tbody>")  # noqa: S308 - each cell is escaped


def _cell(text: str) -> str:
    return f'<td class="num">{text}</td>' if NUMBER.fullmatch(text) else f"<td>{escape(text)}</td>"


def _letters(n: int) -> str:
    """A, B, …, Z, AA as sheets count."""
    return (_letters(n // 26 - 1) if n >= 26 else "") + chr(ord("A") + n % 26)


def _slides(file: FileSnapshot, contents: dict[str, Any], choice: Choice) -> dict[str, Any]:
    slides = contents.get("slides", [])
    for slide in slides:
        named = (file.preview.picture(name) for name in slide.get("pictures", []))
        slide["pictures"] = [picture for picture in named if picture]
    return {"slides": slides}


def _json(file: FileSnapshot, contents: dict[str, Any], choice: Choice) -> dict[str, Any]:
    text = str(contents.get("text", ""))
    tree = tree_of(text) if contents.get("is_valid") and choice.get("as") != "source" else None
    can_fold = bool(contents.get("is_valid"))
    return {**_lines(text), "tree": tree, "can_fold": can_fold, "is_valid": can_fold}


def _code(file: FileSnapshot, contents: dict[str, Any], choice: Choice) -> dict[str, Any]:
    text = str(contents.get("text", ""))
    html = contents.get("html")
    coloured = _spans(html) if isinstance(html, str) else escape(text)
    return {**_lines(text), "coloured": coloured, "language": contents.get("language", "")}


def _markdown(file: FileSnapshot, contents: dict[str, Any], choice: Choice) -> dict[str, Any]:
    text = str(contents.get("text", ""))
    return {**_lines(text), "is_source": choice.get("as") == "source"}


def _html(file: FileSnapshot, contents: dict[str, Any], choice: Choice) -> dict[str, Any]:
    return {**_code(file, contents, choice), "is_source": choice.get("as") == "source"}


def _lines(text: str) -> dict[str, Any]:
    """The text, and the numbers that stand beside it."""
    count = text.count("\n") + (not text.endswith("\n"))
    return {"text": text, "numbers": "\n".join(map(str, range(1, count + 1)))}


def _spans(html: str) -> SafeString:
    """Of highlighted code: classes of words, and nothing else."""
    return mark_safe(nh3.clean(html, tags={"span"}, attributes={"span": {"class"}}))  # noqa: S308 - cleaned in this line


_BODIES: dict[str, Callable[[FileSnapshot, dict[str, Any], Choice], dict[str, Any]]] = {
    "pdf": _pdf,
    "document": _document,
    "table": _table,
    "slides": _slides,
    "json": _json,
    "code": _code,
    "markdown": _markdown,
    "html": _html,
    "text": lambda file, contents, choice: _lines(str(contents.get("text", ""))),
}

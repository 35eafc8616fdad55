"""Markdown as agents write it, safe to show: no raw HTML, no remote image, nothing a link could run."""

import html
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any, cast

import mdurl
import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.tasklists import tasklists_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from inbox.patience import OutOfPatience, at_most, check, exhausted

#: Longer texts are rendered each time: the cache must not become the memory of the server.
LONGEST_CACHED = 16_000
#: Most lexers take quadratic time for some input, some of it inside one regular expression that nothing can interrupt.
LONGEST_COLOURED = 4_000
#: Bare addresses are looked for in one go, and each task walks back to the head of its list: size is what bounds them.
LONGEST_LINKED, MOST_TASK_TOKENS = 20_000, 3_000
#: More than any page of prose has. Empty cells of a table cost nothing to write.
MOST_TOKENS, MOST_EMPTY_CELLS, LONGEST_ROW = 20_000, 1_000, 10_000
PATIENCE_SECONDS = 0.4
MOST_REMEMBERED = 5_000
LONGEST_GIST = 200

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = {"blockquote", "hr", "input", "li", "ol", "p", "pre", "ul"}
TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
INLINE = {"a", "br", "code", "em", "s", "span", "strong"}
TAGS = HEADINGS | BLOCKS | TABLES | INLINE
ATTRIBUTES = {
    "a": {"href", "title"},
    "code": {"class"},
    "input": {"type", "checked", "class"},
    "li": {"class"},
    "ol": {"start"},
    "pre": {"class", "tabindex"},
    "span": {"class"},
    "ul": {"class"},
}
FIXED = {
    "a": {"target": "_blank"},
    "input": {"type": "checkbox", "disabled": "", "aria-label": "Task"},
}
SCHEMES = {"http", "https", "mailto"}
#: They turn the order of what is read around; right-to-left scripts are readable without them.
REORDERING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
#: https://bank.example@evil.example/ leads to evil.example, however many slashes there are and whichever way they lean.
USERINFO = re.compile(r"(?:https?:[/\\]*|[/\\]{2,})[^/?#\\]*@", re.IGNORECASE)

_paint = HtmlFormatter(nowrap=True)


def to_html(text: str) -> str:
    """The text as HTML that holds the sanitiser's allow-list and nothing else."""
    if exhausted():
        return plain(_plain_text(text))
    return _cached(text) if len(text) <= LONGEST_CACHED else _rendered(text)


def gist(text: str) -> tuple[str, str]:
    """The first line without its markup, and the beginning of what follows: how a row tells what is asked."""
    return _gist(text[: LONGEST_GIST * 10])


def plain(text: str) -> str:
    """The text in the order in which it is stored."""
    return text.translate(REORDERING)


@lru_cache(maxsize=1024)
def _cached(text: str) -> str:
    return _rendered(text)


def _rendered(text: str) -> str:
    cleaned = nh3.clean(
        _read(text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values=FIXED,
    )
    # Last: an entity, or a link's percent signs, may have spelled one out.
    return plain(cleaned)


def _read(text: str) -> str:
    """In full, else uncoloured, else as plain text: an agent must not be able to stop the server with a message."""
    for level in range(_tiring.get(hash(text), 0), len(_manners)):
        try:
            with at_most(PATIENCE_SECONDS):
                return _manners[level](text)
        except OutOfPatience:
            _remember_tiring(text, level)
    raise AssertionError("Plain text tires nobody.")


def _remember_tiring(text: str, level: int) -> None:
    if len(_tiring) >= MOST_REMEMBERED:
        _tiring.clear()
    # The level and not a count: threads that render one text at once tire of it once each.
    _tiring[hash(text)] = max(_tiring.get(hash(text), 0), level + 1)


def _plain_text(text: str) -> str:
    return "<p>" + html.escape(text).replace("\n", "<br>\n") + "</p>"


@lru_cache(maxsize=4096)
def _gist(text: str) -> tuple[str, str]:
    lines = [plain(line) for token in _reader.parse(text) for line in _lines(token) if line]
    return (lines[0][:LONGEST_GIST], " ".join(lines[1:])[:LONGEST_GIST]) if lines else ("", "")


def _lines(token: Token) -> list[str]:
    if token.type == "inline":
        words = "".join(
            "\n" if child.type in ("softbreak", "hardbreak") else child.content
            for child in token.children or []
            if child.type != "html_inline"
        )
        return [line.strip() for line in words.split("\n")]
    return [token.content.split("\n")[0].strip()] if token.type in ("fence", "code_block") else []


def _coloured(code: str, language: str, attrs: str) -> str:
    """Classes, never styles: the page's policy forbids those. An unknown language is left to plain escaping."""
    if not language or len(code) > LONGEST_COLOURED:
        return ""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    painted = highlight(code, cast(Lexer, _Patient(lexer)), _paint)
    return f'<pre class="code" tabindex="0"><code>{painted}</code></pre>'


class _Patient:
    """A lexer that looks at the clock between two tokens."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer

    def get_tokens(self, code: str) -> Iterator[tuple[Any, str]]:
        for token in self._lexer.get_tokens(code):
            check()
            yield token


def _image_as_link(
    renderer: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """A picture from elsewhere would tell its host who reads what, and the policy would block it anyway."""
    token = tokens[index]
    named = renderer.renderInlineAsText(token.children, options, env) or "image"
    link = Token("link_open", "a", 1, attrs={"href": token.attrs.get("src", "")})
    return f"<a{renderer.renderAttrs(link)}>{nh3.clean_text(named)}</a>"


class _Reader(MarkdownIt):
    """A link says where it leads: its host as the network spells it, and nobody's name in front of it."""

    def validateLink(self, url: str) -> bool:
        return super().validateLink(url) and not USERINFO.match(url.strip())

    def normalizeLinkText(self, link: str) -> str:
        return mdurl.decode(self.normalizeLink(link), mdurl.DECODE_DEFAULT_CHARS + "%")


def _build(*, coloured: bool) -> MarkdownIt:
    # `breaks`: agents write log lines and addresses one below the other and mean it.
    options = {"html": False, "linkify": coloured, "breaks": True}
    reader = _Reader("commonmark", options | ({"highlight": _coloured} if coloured else {}))
    reader.enable(["table", "strikethrough", "linkify"])
    reader.core.ruler.before("inline", "few_tokens", _refuse_too_many)
    reader.block.ruler.before("table", "patience", _patient_block)
    reader.inline.ruler.before("text", "patience", _patient_inline)
    _narrow(reader, "linkify", lambda state: len(state.src) <= LONGEST_LINKED)
    reader.use(tasklists_plugin)
    _narrow(reader, "github-tasklists", lambda state: len(state.tokens) <= MOST_TASK_TOKENS)
    reader.add_render_rule("image", _image_as_link)
    return reader


def _narrow(reader: MarkdownIt, name: str, applies: Callable[[StateCore], bool]) -> None:
    """Leave a rule out where it would take too long."""
    rule = next(rule for rule in reader.core.ruler.__rules__ if rule.name == name)
    whole = rule.fn

    def narrowed(state: StateCore) -> None:
        if applies(state):
            whole(state)

    rule.fn = narrowed


def _refuse_too_many(state: StateCore) -> None:
    if len(state.tokens) > MOST_TOKENS:
        raise OutOfPatience


def _patient_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    check()
    return False


def _patient_inline(state: StateInline, silent: bool) -> bool:
    check()
    return False


def _patient_row(row: str) -> list[str]:
    check()
    if len(row) > LONGEST_ROW:
        raise OutOfPatience
    return _split_row(row)


# A table is one rule from its first row to its last, so the clock is looked at where it splits each of them.
_table: Any = import_module("markdown_it.rules_block.table")
_split_row: Callable[[str], list[str]] = _table.escapedSplit
_table.escapedSplit = _patient_row
_table.MAX_AUTOCOMPLETED_CELLS = MOST_EMPTY_CELLS
_reader = _build(coloured=True)
_manners: tuple[Callable[[str], str], ...] = (
    _reader.render,
    _build(coloured=False).render,
    _plain_text,
)
_tiring: dict[int, int] = {}

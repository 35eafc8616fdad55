"""Source in its colours. The classes are Pygments' own, as in Markdown."""

from pathlib import Path

from .base import Made, Preview
from .plain import read_text

#: Lexers take quadratic time for some input: longer texts are shown without colours.
LONGEST_COLOURED = 128 * 1024
TEXTUAL = {
    "application/javascript",
    "application/sql",
    "application/toml",
    "application/x-ndjson",
    "application/x-python",
    "application/x-sh",
    "application/x-yaml",
    "application/xml",
    "application/yaml",
}
NO_CODE = {"text/plain", "text/csv", "text/tab-separated-values"}
PLAIN_NAMES = (".txt", ".log", ".text")


class Code(Preview):
    slug = "code"

    def accepts(self, mime_type: str, filename: str) -> bool:
        if mime_type in TEXTUAL or (mime_type.startswith("text/") and mime_type not in NO_CODE):
            return True
        # A language without a type of its own is known by its name alone.
        return mime_type == "text/plain" and _looks_like_code(filename)

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        text, cut = read_text(source)
        return Made(data={"text": text, **coloured(text, filename)}, cut=cut)


def coloured(text: str, filename: str) -> dict[str, str]:
    """`html` and the language's name; nothing when it is too long, or of no language anybody knows."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    if len(text) > LONGEST_COLOURED:
        return {}
    try:
        lexer = get_lexer_for_filename(filename, stripnl=False)
    except ClassNotFound:
        return {}
    return {"html": highlight(text, lexer, HtmlFormatter(nowrap=True)), "language": lexer.name}


def _looks_like_code(filename: str) -> bool:
    from pygments.lexers import find_lexer_class_for_filename

    lowered = filename.lower()
    if lowered.endswith(PLAIN_NAMES):
        return False
    return "." in lowered and find_lexer_class_for_filename(lowered) is not None

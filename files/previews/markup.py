"""Texts that are read in two ways: as they will look, and as they are written."""

from pathlib import Path

from .base import Made, Preview
from .code import coloured
from .plain import read_text


class Markdown(Preview):
    """The text alone: the pages have one reader and one sanitiser for it, and this is not it."""

    slug = "markdown"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type == "text/markdown"

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        text, cut = read_text(source)
        return Made(data={"text": text}, cut=cut)


class Html(Preview):
    """Its source; how it looks is shown by the page door, sandboxed."""

    slug = "html"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type == "text/html"

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        text, cut = read_text(source)
        return Made(data={"text": text, **coloured(text, "page.html")}, cut=cut)

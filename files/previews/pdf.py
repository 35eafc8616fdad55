"""A PDF: its first pages as pictures, and the text of them for search and for who cannot see."""

import time
from pathlib import Path
from typing import Any

from .base import CPU_SECONDS, PIXELS, Made, Picture, Preview, Refused

PAGES, WIDTH = 20, 1240
#: A page may be a metre wide and a kilometre high.
HIGHEST = 4 * WIDTH
LONGEST_TEXT = 20_000
#: Of the processor: who draws slowly is shown as far as that went, before the limit would take it all.
PATIENCE_SECONDS = CPU_SECONDS / 2


class Pdf(Preview):
    slug = "pdf"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type == "application/pdf"

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        import pypdfium2

        try:
            document = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError as refused:
            raise Refused(_reason(refused)) from None
        count, pages = len(document), []
        for n in range(min(count, PAGES)):
            pages.append(_page(document[n], out, n + 1))
            if time.process_time() > PATIENCE_SECONDS:
                break
        done = len(pages)
        cut = f"first {done} of {count} pages" if count > done else ""
        texts = [text for _, text in pages]
        pictures = tuple(picture for picture, _ in pages)
        return Made(data={"pages": count, "texts": texts}, pictures=pictures, cut=cut)


def _page(page: Any, out: Path, number: int) -> tuple[Picture, str]:
    width, height = page.get_size()
    if not (width > 0 and height > 0):
        raise Refused(f"Page {number} has no size.")
    scale = min(WIDTH / width, HIGHEST / height)
    if width * height * scale * scale > PIXELS:
        raise Refused(f"Page {number} is too large.")
    # No forms and no scripts: the library is not asked to start them.
    image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    name = f"page-{number}.jpg"
    image.save(out / name, quality=80)
    text = page.get_textpage().get_text_range()[:LONGEST_TEXT]
    return Picture(name=name, width=image.width, height=image.height), _storable(text)


def _storable(text: str) -> str:
    # What it cannot map, the library writes as NUL or as half a character.
    return text.replace("\0", "").replace("\r\n", "\n").encode(errors="replace").decode()


def _reason(refused: Exception) -> str:
    if "password" in str(refused).lower():
        return "The document asks for a password."
    return "The document is damaged."

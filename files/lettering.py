"""Which font can write a text. The one that comes with Pillow has ASCII and little else; systems have others."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

#: Asked for by name where the system keeps its fonts, and only when Pillow's own lacks a letter.
NAMES = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "Arial.ttf",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
)
#: No letter has this number: what is drawn for it is drawn for everything that is missing.
NO_LETTER = "\U000ffffe"
SAMPLE = 24


def font_for(text: str, size: float) -> Any:
    """The first of the fonts that has all letters of the text, else the one that has most of them."""
    name = None if text.isascii() else _best_for(text)
    return ImageFont.load_default(size) if name is None else ImageFont.truetype(name, size)


def _best_for(text: str) -> str | None:
    letters = {letter for letter in text if not letter.isspace()}
    has = {name: sum(_has(name, letter) for letter in letters) for name in known()}
    return max(has, key=lambda name: has[name])


def known() -> Iterator[str | None]:
    yield None
    for name in NAMES:
        try:
            _sample(name)
        except OSError:
            continue
        yield name


@cache
def _sample(name: str | None) -> Any:
    return ImageFont.load_default(SAMPLE) if name is None else ImageFont.truetype(name, SAMPLE)


@cache
def _has(name: str | None, letter: str) -> bool:
    return _drawn(name, letter) != _drawn(name, NO_LETTER)


def _drawn(name: str | None, letter: str) -> bytes:
    image = Image.new("L", (2 * SAMPLE, 2 * SAMPLE))
    ImageDraw.Draw(image).text((4, 4), letter, 255, font=_sample(name))
    return image.tobytes()

"""What the demo's agents hand over: small real files, drawn and written when the curtain rises."""

import csv
import io
import math
import wave
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

from files.services.storing import Arrival

PAPER, INK, FAINT, LINE = "#ffffff", "#1c1b19", "#6a655e", "#e6e3de"
VERDIGRIS, OCHRE, BRICK = "#0b6b5d", "#b07a1e", "#b3261e"
#: Drawn so much larger, and made smaller in the end: edges without steps.
FINER = 2


@dataclass(frozen=True)
class Paper:
    name: str
    make: Callable[[], bytes]

    def arrival(self) -> Arrival:
        return Arrival(content=ContentFile(self.make()), name=self.name)


def chart(name: str, title: str, colour: str, *, seed: int, size: tuple[int, int]) -> Paper:
    """A curve over a week, the same every time."""

    def make() -> bytes:
        image, draw, (width, height) = _sheet(size)
        draw.text((48, 36), title, fill=INK, font=_font(44))
        for n in range(5):
            y = height - 70 - n * (height - 210) / 4
            draw.line((48, y, width - 48, y), fill=LINE, width=2)
        chance, level, points = Random(seed), 0.5, []  # noqa: S311 - a picture, not a secret
        for n in range(85):
            wave_of_day = 0.22 * math.sin(n / 12 * 2 * math.pi)
            level = min(0.75, max(0.25, level + chance.uniform(-0.05, 0.05)))
            points.append(
                (48 + n * (width - 96) / 84, height - 70 - (level + wave_of_day) * (height - 210))
            )
        floor = height - 70
        draw.polygon([(48, floor), *points, (width - 48, floor)], fill=_washed(colour))
        draw.line(points, fill=colour, width=6, joint="curve")
        for n, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")):
            draw.text((60 + n * (width - 96) / 7, height - 54), day, fill=FAINT, font=_font(28))
        return _saved(image.resize(size, Image.Resampling.LANCZOS), "PNG")

    return Paper(name, make)  # fmt: skip


def invoice(name: str, title: str, lines: Sequence[tuple[str, str]], total: str) -> Paper:
    """A page of A4 as a PDF."""

    def make() -> bytes:
        image, draw, (width, _) = _sheet((827, 1169))
        draw.rectangle((0, 0, width, 24), fill=VERDIGRIS)
        draw.text((120, 150), title, fill=INK, font=_font(60))
        draw.text((120, 250), "Invoice", fill=FAINT, font=_font(36))
        y = 420
        for what, amount in (*lines, ("To pay", total)):
            draw.text((120, y), what, fill=INK, font=_font(34))
            draw.text((width - 120, y), amount, fill=INK, font=_font(34), anchor="ra")
            draw.line((120, y + 64, width - 120, y + 64), fill=LINE, width=3)
            y += 100
        return _saved(image, "PDF", resolution=200)

    return Paper(name, make)


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Paper:
    def make() -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows([head, *rows])
        return out.getvalue().encode()

    return Paper(name, make)


def text(name: str, content: str) -> Paper:
    return Paper(name, content.encode)


def tones(name: str, pitches: Sequence[int]) -> Paper:
    """A short melody: something to be heard."""

    def make() -> bytes:
        out, rate = io.BytesIO(), 8000
        with wave.open(out, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(1)
            sound.setframerate(rate)
            for pitch in pitches:
                steps = (math.sin(2 * math.pi * pitch * n / rate) for n in range(rate // 3))
                sound.writeframes(bytes(128 + int(60 * step) for step in steps))
        return out.getvalue()

    return Paper(name, make)


def _sheet(size: tuple[int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw, tuple[int, int]]:
    larger = (size[0] * FINER, size[1] * FINER)
    image = Image.new("RGB", larger, PAPER)
    return image, ImageDraw.Draw(image), larger


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _washed(colour: str) -> str:
    parts = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return "#" + "".join(f"{part + (255 - part) * 7 // 8:02x}" for part in parts)


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()

"""A presentation: what its slides say, and their pictures."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .base import Made, Picture, Preview, Refused
from .office import refuse_bombs

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
SLIDES, PICTURES, PICTURE_WIDTH, LONGEST_TEXT = 60, 60, 1000, 5000
DEEPEST_GROUP = 10


class Slides(Preview):
    slug = "slides"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type == PPTX

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        import pptx

        refuse_bombs(source)
        try:
            show = pptx.Presentation(str(source))
        except Exception:  # noqa: BLE001 - it raises whatever its parts raise
            raise Refused("The presentation is damaged.") from None
        count = len(show.slides)
        pictures = _Pictures(out)
        slides = [_told(show.slides[n], n + 1, pictures) for n in range(min(count, SLIDES))]
        cuts = [f"first {SLIDES} of {count} slides"] if count > SLIDES else []
        cuts += [f"first {PICTURES} pictures"] if pictures.left_out else []
        return Made(data={"slides": slides}, pictures=tuple(pictures.made), cut=", ".join(cuts))


class _Pictures:
    def __init__(self, out: Path) -> None:
        self.out, self.left_out = out, False
        self.made: list[Picture] = []

    def add(self, content: bytes, stem: str) -> str | None:
        """The name of the picture written anew; None for one that cannot be shown."""
        from .pictures import opened, saved

        if len(self.made) >= PICTURES:
            self.left_out = True
            return None
        try:
            with opened(io.BytesIO(content)) as image:
                self.made.append(saved(image, self.out, stem, most=PICTURE_WIDTH))
        except Refused:
            return None
        return self.made[-1].name


def _told(slide: Any, number: int, pictures: _Pictures) -> dict[str, Any]:
    title = slide.shapes.title
    told: dict[str, Any] = {
        "title": _text(title) if title is not None else "",
        "texts": [],
        "pictures": [],
    }
    for shape in _shapes(slide.shapes):
        if text := _text(shape) if title is None or shape.shape_id != title.shape_id else "":
            told["texts"].append(text)
        if content := _picture_in(shape):
            stem = f"slide-{number}-{len(told['pictures']) + 1}"
            name = pictures.add(content, stem)
            told["pictures"] += [name] if name else []
    told["notes"] = _notes(slide)
    return told


def _shapes(shapes: Any, depth: int = 0) -> Iterator[Any]:
    for shape in shapes:
        if hasattr(shape, "shapes") and depth < DEEPEST_GROUP:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _text(shape: Any) -> str:
    if getattr(shape, "has_table", False):
        rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
        return "\n".join(" | ".join(row) for row in rows)[:LONGEST_TEXT]
    if not getattr(shape, "has_text_frame", False):
        return ""
    # A vertical tab is how it spells a line break within a paragraph.
    return str(shape.text_frame.text).replace("\v", "\n").strip()[:LONGEST_TEXT]


def _picture_in(shape: Any) -> bytes | None:
    try:
        return bytes(shape.image.blob)
    except (AttributeError, ValueError, KeyError):
        # No picture, or one that is elsewhere: it is not asked for.
        return None


def _notes(slide: Any) -> str:
    if not slide.has_notes_slide or slide.notes_slide.notes_text_frame is None:
        return ""
    return str(slide.notes_slide.notes_text_frame.text).strip()[:LONGEST_TEXT]

"""Draws marks into a picture. Runs in the workshop, for it decodes what somebody handed over; knows no Django and no row.

Drawn a tile at a time, four times as large, and made small again: that is what smooths the edges, and the memory it takes
does not grow with the picture.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from files.previews.base import Made, Picture, Refused

NAME = "annotated.png"
#: What is larger is made smaller: as a PNG it would be larger than anybody wants to download.
MOST_PIXELS = 16_000_000
TILE, FINER = 512, 4
#: Of an arrow's head, in widths of its line; and of the half angle at its tip.
HEAD, ANGLE = 4.5, 0.48
#: Of a text, in heights of its letters: from its top to its base line, from line to line, and of the rim around each letter.
BASE, LINE, RIM = 0.8, 1.25, 0.08
PALE = 0.55
Point = tuple[float, float]
Box = tuple[float, float, float, float]


def make(source: Path, out: Path, *, marks: list[dict[str, Any]], width: int, height: int) -> Made:
    """The picture turned upright, with its marks; they are in the coordinates of a picture of `width` by `height`."""
    from files.previews.pictures import DAMAGED, opened

    with opened(source) as image:
        try:
            upright = _upright(image)
        except DAMAGED:
            raise Refused("The picture is damaged.") from None
    drawn = [_scaled(mark, upright.width / width, upright.height / height) for mark in marks]
    for mark in drawn:
        _fit(mark, upright.width)
    for tile in _tiles(upright.size):
        _draw_tile(upright, tile, [mark for mark in drawn if _inks(mark, tile)])
    upright.save(out / NAME, **_profile(upright))
    picture = Picture(name=NAME, width=upright.width, height=upright.height)
    return Made(pictures=(picture,))


def _upright(image: Any) -> Any:
    from PIL import ImageOps

    turned = ImageOps.exif_transpose(image)
    profile = turned.info.get("icc_profile")
    whole = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    if (pixels := whole.width * whole.height) > MOST_PIXELS:
        side = math.sqrt(MOST_PIXELS / pixels)
        whole = whole.resize((int(whole.width * side) or 1, int(whole.height * side) or 1))
    # Nothing of what the camera wrote, but how the colours are meant.
    whole.info = {"icc_profile": profile} if profile else {}
    return whole


def _profile(image: Any) -> dict[str, Any]:
    from files.previews.pictures import LARGEST_PROFILE

    profile = image.info.pop("icc_profile", b"")
    return {"icc_profile": profile} if 0 < len(profile) <= LARGEST_PROFILE else {}


def _scaled(mark: dict[str, Any], across: float, down: float) -> dict[str, Any]:
    pairs = (pair.split(",") for pair in mark["points"].split(" "))
    points = [(float(x) * across, float(y) * down) for x, y in pairs]
    sized = {**mark, "points": points, "size": mark["size"] * (across + down) / 2}
    return {**sized, "box": _box(sized)}


def _fit(mark: dict[str, Any], width: int) -> None:
    """Gives a text its font, and leaves off what runs out of the picture: letters are drawn whole, seen or not."""
    if mark["tool"] != "text":
        return
    from files.lettering import font_for

    font = mark["font"] = font_for(mark["text"], max(1.0, mark["size"] * FINER))
    room = (width - mark["points"][0][0]) * FINER
    mark["text"] = "\n".join(_within(line, font, room) for line in mark["text"].split("\n"))


def _within(line: str, font: Any, room: float) -> str:
    long = next((n for n in range(1, len(line)) if font.getlength(line[:n]) > room), len(line))
    return line[:long]


def _box(mark: dict[str, Any]) -> Box:
    """Around all of it, rather too large than too small."""
    xs, ys = zip(*mark["points"], strict=True)
    size = mark["size"]
    if mark["tool"] == "text":
        lines = mark["text"].split("\n")
        right = xs[0] + 1.5 * size * max(map(len, lines))
        return (xs[0] - size, ys[0] - size, right, ys[0] + size * (1 + LINE * len(lines)))
    edge = size * (HEAD + 1)
    return (min(xs) - edge, min(ys) - edge, max(xs) + edge, max(ys) + edge)


def _tiles(size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    width, height = size
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            yield (left, top, min(left + TILE, width), min(top + TILE, height))


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


def _inks(mark: dict[str, Any], tile: Box) -> bool:
    """Whether anything of the mark is in the tile: within a large rectangle there is nothing of it."""
    if not _meet(mark["box"], tile):
        return False
    if mark["tool"] == "text":
        return True
    edge = mark["size"] / 2
    return any(_touch(a, b, edge, tile) for line in _lines(mark) for a, b in _steps(line))


def _steps(line: list[Point]) -> Iterable[tuple[Point, Point]]:
    """From point to point; one point alone is a dot."""
    return pairwise(line) if len(line) > 1 else [(line[0], line[0])]


def _touch(a: Point, b: Point, edge: float, tile: Box) -> bool:
    """Nearly: a slanted line has a box that is larger than it."""
    box = (min(a[0], b[0]) - edge, min(a[1], b[1]) - edge)
    return _meet((*box, max(a[0], b[0]) + edge, max(a[1], b[1]) + edge), tile)


def _draw_tile(image: Any, tile: tuple[int, int, int, int], marks: list[dict[str, Any]]) -> None:
    from PIL import Image, ImageDraw

    if not marks:
        return
    size = (tile[2] - tile[0], tile[3] - tile[1])
    layer = Image.new("RGBA", (size[0] * FINER, size[1] * FINER))
    pen = _Pen(ImageDraw.Draw(layer), tile)
    for mark in marks:
        pen.draw(mark)
    part = image.crop(tile).convert("RGBA")
    part.alpha_composite(layer.reduce(FINER))
    image.paste(part.convert(image.mode), tile)


class _Pen:
    """Draws on the enlarged layer of one tile, in the coordinates of the whole picture."""

    def __init__(self, ink: Any, tile: tuple[int, int, int, int]) -> None:
        self.ink, self.tile = ink, tile

    def draw(self, mark: dict[str, Any]) -> None:
        if mark["tool"] == "text":
            self._write(mark)
        else:
            for line in _lines(mark):
                self._stroke(line, mark["size"], _rgb(mark["colour"]))

    def _stroke(self, points: list[Point], size: float, colour: tuple[int, int, int]) -> None:
        """Round at the ends and in the corners; only what touches the tile."""
        for a, b in _steps(points):
            if _touch(a, b, size / 2, self.tile):
                self._line(a, b, size / 2, colour)

    def _line(self, a: Point, b: Point, edge: float, colour: tuple[int, int, int]) -> None:
        for x, y in (a, b):
            box = (*self._at(x - edge, y - edge), *self._at(x + edge, y + edge))
            self.ink.ellipse(box, fill=colour)
        if (length := math.dist(a, b)) > 0:
            # As a shape: the library's own thick lines end in steps.
            across, down = (b[1] - a[1]) / length * edge, (a[0] - b[0]) / length * edge
            corners = [
                (a[0] + across, a[1] + down),
                (b[0] + across, b[1] + down),
                (b[0] - across, b[1] - down),
                (a[0] - across, a[1] - down),
            ]
            self.ink.polygon([self._at(x, y) for x, y in corners], fill=colour)

    def _write(self, mark: dict[str, Any]) -> None:
        ((left, top),), size = mark["points"], mark["size"]
        colour = _rgb(mark["colour"])
        for n, line in enumerate(mark["text"].split("\n")):
            base = top + size * (BASE + LINE * n)
            if not self.tile[1] - size < base < self.tile[3] + 2 * size:
                continue
            self.ink.text(
                self._at(left, base),
                line,
                font=mark["font"],
                anchor="ls",
                fill=colour,
                stroke_width=size * RIM * FINER,
                stroke_fill=_rim(colour),
            )

    def _at(self, x: float, y: float) -> Point:
        return ((x - self.tile[0]) * FINER, (y - self.tile[1]) * FINER)


def _lines(mark: dict[str, Any]) -> list[list[Point]]:
    """Every mark but a text is lines."""
    points: list[Point] = mark["points"]
    if mark["tool"] == "rectangle":
        (left, top), (right, bottom) = points
        return [[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]]
    if mark["tool"] == "arrow":
        return [points, _head(points[0], points[1], mark["size"])]
    return [points]


def _head(tail: Point, tip: Point, size: float) -> list[Point]:
    length = min(size * HEAD, math.dist(tail, tip) * 0.7)
    back = math.atan2(tail[1] - tip[1], tail[0] - tip[0])
    one, other = (
        (tip[0] + length * math.cos(back + turn), tip[1] + length * math.sin(back + turn))
        for turn in (ANGLE, -ANGLE)
    )
    return [one, tip, other]


def _rgb(name: str) -> tuple[int, int, int]:
    from files.colours import COLOURS

    code = COLOURS[name]
    return (int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16))


def _rim(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """What a letter is told apart by on any ground: white around dark colours, black around pale ones."""
    red, green, blue = (part / 255 for part in colour)
    return (28, 27, 25) if 0.299 * red + 0.587 * green + 0.114 * blue > PALE else (255, 255, 255)

"""Marks over a picture, as data in the coordinates of the picture: what a person may draw, and the form in which it is kept."""

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from files.colours import COLOURS
from placet.lib.errors import FieldError, Invalid
from placet.lib.wording import at_most, must_be, one_of

#: How many points each tool wants: a stroke has as many as the hand made.
TOOLS: dict[str, tuple[int, int]] = {
    "pen": (1, 5_000),
    "arrow": (2, 2),
    "rectangle": (2, 2),
    "text": (1, 1),
}
MOST_MARKS, MOST_POINTS, LONGEST_TEXT = 500, 50_000, 500
#: Of a line its width, of a text the height of its letters.
SMALLEST, LARGEST = 1, 1_000
#: So large may letters be on any picture; on a large one a tenth of its longer side.
SMALL_LETTERS = 16
#: Of all lines together, in widths and heights of the picture: far more than a hand draws, and less than takes too long to draw again.
MOST_ACROSS = 500
MOST_TOLD = 20
NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
NUMBER = r"\d{1,6}(?:\.\d{1,6})?"
POINTS = re.compile(rf"{NUMBER},{NUMBER}(?: {NUMBER},{NUMBER})*")


def points_of(mark: dict[str, Any]) -> list[tuple[float, float]]:
    """Of a mark that is clean."""
    pairs = (pair.split(",") for pair in mark["points"].split(" "))
    return [(float(x), float(y)) for x, y in pairs]


def clean(marks: Any, *, width: int, height: int) -> list[dict[str, Any]]:
    """The marks as they are kept; raises Invalid that names each field, its rule and the value."""
    if not isinstance(marks, list):
        raise Invalid.field("marks", must_be("an array", marks))
    if len(marks) > MOST_MARKS:
        raise Invalid.field("marks", at_most(MOST_MARKS, "mark", len(marks)))
    errors = [fault for n, mark in enumerate(marks) for fault in _faults(n, mark, width, height)]
    errors = errors or list(_faults_of_all(marks, MOST_ACROSS * (width + height)))
    if errors:
        raise Invalid("Validation failed", errors=errors[:MOST_TOLD])
    return [_kept(mark) for mark in marks]


def _faults(n: int, mark: Any, width: int, height: int) -> Iterator[FieldError]:
    if not isinstance(mark, dict):
        yield FieldError(f"marks.{n}", must_be("an object", mark))
        return
    checks = {"id": _id, "tool": _tool, "colour": _colour, "text": _text}
    for field, check in checks.items():
        if rule := check(mark):
            yield FieldError(f"marks.{n}.{field}", must_be(rule, mark.get(field)))
    if rule := _size(mark, max(width, height)):
        yield FieldError(f"marks.{n}.size", must_be(rule, mark.get("size")))
    if not _tool(mark) and (rule := _points(mark, width, height)):
        yield FieldError(f"marks.{n}.points", must_be(rule, mark.get("points")))


def _id(mark: dict[str, Any]) -> str:
    said = mark.get("id")
    return "" if isinstance(said, str) and NAME.fullmatch(said) else "1 to 40 letters and digits"


def _tool(mark: dict[str, Any]) -> str:
    return "" if mark.get("tool") in list(TOOLS) else one_of(TOOLS)


def _colour(mark: dict[str, Any]) -> str:
    return "" if mark.get("colour") in list(COLOURS) else one_of(COLOURS)


def _size(mark: dict[str, Any], side: int) -> str:
    said = mark.get("size")
    most = max(SMALL_LETTERS, side // 10) if mark.get("tool") == "text" else LARGEST
    fits = isinstance(said, int | float) and SMALLEST <= said <= most
    return "" if fits and said is not True else f"a number from {SMALLEST} to {most}"


def _text(mark: dict[str, Any]) -> str:
    said = mark.get("text")
    if mark.get("tool") != "text":
        return "" if said is None else "left out of a mark without words"
    fits = isinstance(said, str) and said.strip() and len(said) <= LONGEST_TEXT
    return "" if fits else f"a text of 1 to {LONGEST_TEXT} characters"


def _points(mark: dict[str, Any], width: int, height: int) -> str:
    said = mark.get("points")
    if not isinstance(said, str) or not POINTS.fullmatch(said):
        return 'pairs of numbers like "12,8.5 40,31"'
    least, most = TOOLS[mark["tool"]]
    points = points_of(mark)
    if not least <= len(points) <= most:
        return f"{least} to {most} points" if least != most else f"exactly {most} of points"
    if any(x > width or y > height for x, y in points):
        return f"within the picture, {width} by {height}"
    return ""


def _faults_of_all(marks: list[dict[str, Any]], longest: int) -> Iterator[FieldError]:
    known: set[str] = set()
    for n, mark in enumerate(marks):
        if mark["id"] in known:
            yield FieldError(f"marks.{n}.id", must_be("unique", mark["id"]))
        known.add(mark["id"])
    total = sum(mark["points"].count(",") for mark in marks)
    if total > MOST_POINTS:
        yield FieldError("marks", at_most(MOST_POINTS, "point", total))
        return
    length = sum(math.dist(a, b) for mark in marks for a, b in pairwise(points_of(mark)))
    if length > longest:
        yield FieldError(
            "marks", f"must have at most {longest} pixels of line; got {round(length)}"
        )


def _kept(mark: dict[str, Any]) -> dict[str, Any]:
    """What is drawn and nothing else; a tenth of a pixel is as fine as anybody sees."""
    points = " ".join(f"{round(x, 1):g},{round(y, 1):g}" for x, y in points_of(mark))
    kept = {key: mark[key] for key in ("id", "tool", "colour")}
    kept |= {"size": round(mark["size"], 1), "points": points}
    return kept | ({"text": mark["text"].replace("\r\n", "\n")} if mark["tool"] == "text" else {})

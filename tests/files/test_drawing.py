"""Marks drawn into a picture: each tool and colour where it belongs, and nothing anywhere else."""

import io
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from files.colours import COLOURS
from files.drawing import MOST_PIXELS, NAME, TILE, make
from files.lettering import font_for, known
from files.previews.base import Refused
from tests.files import hostile, pieces

GROUND = (0, 128, 128)


def mark(tool: str, points: str, *, colour: str = "red", size: float = 6, **more: Any) -> Any:
    return {"id": "m", "tool": tool, "colour": colour, "size": size, "points": points, **more}


@pytest.fixture
def drawn(tmp_path: Path) -> Any:
    """The picture that comes of these marks on a teal one."""

    def draw(
        *marks: Any, size: tuple[int, int] = (200, 100), content: bytes = b"", told: Any = None
    ) -> Image.Image:
        source = tmp_path / "source"
        source.write_bytes(content or pieces.picture("PNG", size))
        width, height = told or size
        made = make(source, tmp_path, marks=list(marks), width=width, height=height)
        image = Image.open(io.BytesIO((tmp_path / NAME).read_bytes()))
        assert image.format == "PNG"
        assert (made.pictures[0].width, made.pictures[0].height) == image.size
        return image

    return draw


def rgb(code: str) -> tuple[int, ...]:
    return tuple(int(code[n : n + 2], 16) for n in (1, 3, 5))


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_is_the_one_it_is_called(drawn: Any, colour: str) -> None:
    image = drawn(mark("rectangle", "20,20 180,80", colour=colour))
    assert image.getpixel((100, 20)) == rgb(COLOURS[colour])


def test_a_rectangle_is_its_edge_and_nothing_within(drawn: Any) -> None:
    image, red = drawn(mark("rectangle", "20,20 180,80")), rgb(COLOURS["red"])
    for spot in ((100, 20), (100, 80), (20, 50), (180, 50), (20, 20)):
        assert image.getpixel(spot) == red
    for spot in ((100, 50), (5, 5), (190, 50)):
        assert image.getpixel(spot) == GROUND


def test_an_arrow_has_its_head_where_it_points(drawn: Any) -> None:
    image = drawn(mark("arrow", "20,50 180,50", size=4))
    inked = {x for x in range(200) if image.getpixel((x, 45)) != GROUND}
    # Beside the line there is only the head, at its tip.
    assert inked
    assert min(inked) > 150
    assert image.getpixel((100, 50)) == rgb(COLOURS["red"])


def test_a_stroke_goes_through_its_points_and_one_point_is_a_dot(drawn: Any) -> None:
    image = drawn(mark("pen", "20,20 100,80 180,20"), mark("pen", "100,20", colour="blue"))
    assert image.getpixel((60, 50)) == rgb(COLOURS["red"])
    assert image.getpixel((100, 20)) == rgb(COLOURS["blue"])
    assert image.getpixel((100, 50)) == GROUND


def test_a_text_is_in_its_colour_with_a_rim_that_tells_it_apart(drawn: Any) -> None:
    for colour, rim in (("red", (255, 255, 255)), ("yellow", (28, 27, 25))):
        image = drawn(mark("text", "10,10", colour=colour, size=40, text="HI\nHO"))
        seen = {image.getpixel((x, y)) for x in range(200) for y in range(100)}
        assert {rgb(COLOURS[colour]), rim} <= seen
        assert image.getpixel((195, 95)) == GROUND
        below = {image.getpixel((x, y)) for x in range(10, 80) for y in range(66, 92)}
        assert rgb(COLOURS[colour]) in below, "There is no second line."


def test_letters_beyond_ascii_are_written_where_the_system_can(drawn: Any) -> None:
    """What no font has is a box; two letters that are there differ."""
    can = [name for name in known() if name]
    for one, other in (("ä", "ö"), ("ж", "я")) if can else ():
        first, second = (
            drawn(mark("text", "10,10", size=60, text=letter)).tobytes() for letter in (one, other)
        )
        assert first != second
    assert font_for("plain", 20).getname() == ("Aileron", "Regular")


def test_a_text_that_runs_out_of_the_picture_is_drawn_as_far_as_it_is_seen(drawn: Any) -> None:
    text = "\n".join(["W" * 240] * 2)
    began = time.process_time()
    image = drawn(mark("text", "10,10", size=300, text=text), size=(3000, 400))
    assert time.process_time() - began < 5
    assert rgb(COLOURS["red"]) in {image.getpixel((x, 200)) for x in range(2500, 3000)}


def test_edges_are_smooth(drawn: Any) -> None:
    image = drawn(mark("pen", "20,20 180,80"))
    assert len({image.getpixel((x, 50)) for x in range(200)}) > 3


def test_later_marks_lie_over_earlier_ones(drawn: Any) -> None:
    image = drawn(mark("pen", "20,50 180,50"), mark("pen", "100,20 100,80", colour="blue"))
    assert image.getpixel((100, 50)) == rgb(COLOURS["blue"])


def test_a_photograph_is_turned_as_it_is_shown_and_loses_what_the_camera_wrote(drawn: Any) -> None:
    content = pieces.picture("JPEG", (200, 100), turned=6)
    image = drawn(mark("pen", "50,190", size=10), size=(100, 200), content=content)
    assert image.size == (100, 200)
    assert image.getpixel((50, 190)) == rgb(COLOURS["red"])
    assert not image.getexif()


def test_a_transparent_picture_stays_so(drawn: Any) -> None:
    content = pieces.written(lambda out: Image.new("RGBA", (60, 60), (0, 0, 0, 0)).save(out, "PNG"))
    image = drawn(mark("pen", "30,30", size=20), size=(60, 60), content=content)
    assert (image.mode, image.getpixel((5, 5)), image.getpixel((30, 30))) == (
        "RGBA",
        (0, 0, 0, 0),
        (*rgb(COLOURS["red"]), 255),
    )


def test_a_mark_goes_on_from_tile_to_tile(drawn: Any) -> None:
    width = TILE * 2 + 50
    image = drawn(mark("pen", f"5,50 {width - 5},50", size=4), size=(width, 100))
    assert {image.getpixel((x, 50)) for x in range(5, width - 5)} == {rgb(COLOURS["red"])}
    text = mark("text", f"{TILE - 60},20", size=40, text="across the tiles")
    image = drawn(text, size=(width, 100))
    for left in (TILE - 60, TILE):
        found = {image.getpixel((x, y)) for x in range(left, left + 60) for y in range(20, 60)}
        assert rgb(COLOURS["red"]) in found


def test_what_is_larger_than_anybody_downloads_is_made_smaller_with_its_marks(drawn: Any) -> None:
    side = 5_000
    content = pieces.written(lambda out: Image.new("L", (side, side), 128).save(out, "PNG"))
    image = drawn(
        mark("rectangle", "100,100 4900,4900", size=60), size=(side, side), content=content
    )
    assert image.width * image.height <= MOST_PIXELS
    at = round(100 * image.width / side)
    assert image.getpixel((image.width // 2, at)) == rgb(COLOURS["red"])


def test_a_picture_that_is_not_as_large_as_it_said_is_marked_in_proportion(drawn: Any) -> None:
    image = drawn(mark("pen", "1000,500", size=100), told=(2000, 1000))
    assert image.getpixel((100, 50)) == rgb(COLOURS["red"])


@pytest.mark.parametrize("content", [hostile.galaxy(20_000), b"\x89PNG\r\n\x1a\nno more"])
def test_what_cannot_be_opened_is_refused_in_words(drawn: Any, content: bytes) -> None:
    with pytest.raises(Refused, match=r"million pixels|damaged"):
        drawn(content=content)

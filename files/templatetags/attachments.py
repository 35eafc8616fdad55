"""How files read on a page, and how much room they take. Nothing is asked of the database or of the storage."""

from collections.abc import Sequence
from typing import NamedTuple

from django import template

from files.groups import group_of, type_in_words
from files.snapshots import FileSnapshot

register = template.Library()

#: A picture alone in its message, and one of several; of one whose size nobody knows.
ALONE, TILE, UNKNOWN = (400, 300), (168, 126), (320, 240)
#: A name and a reason have to fit in, should it not become a picture.
LEAST = (160, 96)
#: Drawn by every page that shows it, and not only by who opens it.
HEAVIEST_SVG = 1024 * 1024
#: How it is shown: as a picture, by a player, by its first page, or as a card.
PLAYERS = {"video": "video", "audio": "sound"}


class Room(NamedTuple):
    width: int
    height: int


@register.filter
def words(file: FileSnapshot) -> str:
    return type_in_words(file.mime_type, file.filename)


@register.filter
def icon(file: FileSnapshot) -> str:
    return group_of(file.mime_type).icon


@register.filter
def shape(file: FileSnapshot) -> str:
    kind = file.preview.kind
    if kind in ("image", "svg"):
        return "picture"
    if kind in PLAYERS and file.is_inert:
        return PLAYERS[kind]
    return "leaf" if kind == "pdf" else "card"


@register.filter
def room(file: FileSnapshot, pictures: int) -> Room:
    """What a picture takes on the page, told before any of its bytes are there, and the same whatever becomes of its preview."""
    if pictures > 1:
        return Room(*TILE)
    if not (file.width and file.height):
        return Room(*UNKNOWN)
    scale = min(1.0, ALONE[0] / file.width, ALONE[1] / file.height)
    sides = (round(file.width * scale), round(file.height * scale))
    return Room(*map(max, sides, LEAST))


@register.filter
def pictures_in(files: Sequence[FileSnapshot]) -> int:
    return sum(shape(file) == "picture" for file in files)


@register.filter
def thumbnail(file: FileSnapshot) -> str:
    """The address of a small picture of it; empty while there is none."""
    if small := file.preview.small:
        return f"/api/files/{file.id}/preview/{small.name}"
    # Nothing is made of it: as the source of an <img> no script of it runs.
    is_light = file.preview.kind == "svg" and file.size <= HEAVIEST_SVG
    return f"/api/files/{file.id}/download" if is_light else ""

"""What a browser shows by itself, from the file itself; and the card for all the rest."""

from .base import Preview

SVG = "image/svg+xml"


class Native(Preview):
    is_made = False


class Svg(Native):
    """Only ever as the source of an <img>, where no script of it runs."""

    slug = "svg"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type == SVG


class Video(Native):
    slug = "video"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type.startswith("video/")


class Audio(Native):
    slug = "audio"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type.startswith("audio/")


class Other(Native):
    slug = "file"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return True

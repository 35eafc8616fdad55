"""How large a picture is, from its first bytes: nothing is decoded, so nothing can be made to explode."""

import io
import struct
from xml.etree.ElementTree import ParseError

import imagesize

#: Cameras put thumbnails and colour profiles in front of the size.
LOOKED_AT = 1024 * 1024
MEASURED = {
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
    "image/tiff",
    "image/heic",
    "image/heif",
    "image/svg+xml",
}
LARGEST = 2**31 - 1
UNREADABLE = (ValueError, ArithmeticError, LookupError, EOFError, struct.error, ParseError)


def size_of(head: bytes, kind: str) -> tuple[int, int] | None:
    """Width and height as the picture is shown, turned as its EXIF asks for; None when the beginning does not tell."""
    if kind not in MEASURED:
        return None
    try:
        width, height = imagesize.get(io.BytesIO(head))
    except UNREADABLE:
        return None
    return (width, height) if 0 < width <= LARGEST and 0 < height <= LARGEST else None

"""Pictures, opened with care and written anew: turned upright, without what cameras and editors wrote into them."""

import warnings
from pathlib import Path
from typing import IO, Any

from PIL import Image, ImageOps, UnidentifiedImageError

from .base import PIXELS, Picture, Refused

Image.MAX_IMAGE_PIXELS = PIXELS
# Beyond the limit Pillow only warns at first; for us that is the limit.
warnings.simplefilter("error", Image.DecompressionBombWarning)
QUALITY = 82
#: Of a colour profile that is kept: without it the colours shift, but some are larger than the picture.
LARGEST_PROFILE = 64 * 1024
DAMAGED = (OSError, SyntaxError, ValueError, EOFError)


def opened(source: Path | IO[bytes]) -> Image.Image:
    try:
        return Image.open(source)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(f"The picture has more than {PIXELS // 1_000_000} million pixels.") from None
    except UnidentifiedImageError:
        raise Refused("The picture is damaged, or of a kind that cannot be shown.") from None


def saved(image: Image.Image, out: Path, stem: str, *, most: int) -> Picture:
    """The picture in a file of its own, at most `most` pixels wide and high."""
    try:
        # Lets the decoder of JPEG skip what would be thrown away.
        image.draft(None, (most, most))
        small = ImageOps.exif_transpose(image)
        small.thumbnail((most, most), reducing_gap=2.0)
        return _written(small, out, stem)
    except DAMAGED:
        raise Refused("The picture is damaged.") from None


def _written(image: Image.Image, out: Path, stem: str) -> Picture:
    transparent = image.has_transparency_data
    image = image.convert("RGBA" if transparent else "RGB")
    profile = image.info.get("icc_profile") or b""
    kept: dict[str, Any] = {"icc_profile": profile} if 0 < len(profile) <= LARGEST_PROFILE else {}
    # Only what is named here is written: no EXIF, no comment, no thumbnail of what was cropped away.
    image.info.clear()
    name = f"{stem}.webp" if transparent else f"{stem}.jpg"
    image.save(out / name, quality=QUALITY, **kept)
    return Picture(name=name, width=image.width, height=image.height)

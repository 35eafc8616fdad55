"""A picture: a small one for lists and cards; a large one only where browsers cannot show the original."""

from pathlib import Path

from .base import Made, Preview

SHOWN_BY_BROWSERS = {
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
}
OTHERS = {"image/tiff", "image/x-icon", "image/heic", "image/heif"}
SMALL, LARGE = 640, 2048


class Image(Preview):
    slug = "image"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type in SHOWN_BY_BROWSERS | OTHERS

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        from .pictures import opened, saved

        with opened(source) as image:
            if f"image/{(image.format or '').lower()}" in SHOWN_BY_BROWSERS:
                return Made(pictures=(saved(image, out, "small", most=SMALL),))
        with opened(source) as image:
            large = saved(image, out, "large", most=LARGE)
        with opened(out / large.name) as image:
            return Made(pictures=(saved(image, out, "small", most=SMALL), large))

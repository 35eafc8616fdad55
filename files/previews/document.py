"""A Word document as simple HTML: headings, lists, tables, pictures. Its macros, fields and links to elsewhere stay behind."""

import base64
import tempfile
from pathlib import Path
from typing import Any

from .base import Made, Preview, Refused
from .office import refuse_bombs

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TAGS = {
    *("a", "b", "blockquote", "br", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p"),
    *("pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul"),
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
LEFT_OUT, UNREADABLE = "(a picture was left out)", "(a picture that is not in the document)"
LONGEST, MOST_PICTURES, PICTURE_WIDTH = 2_000_000, 30, 1000


class Document(Preview):
    slug = "document"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type == DOCX

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        import mammoth

        refuse_bombs(source)
        pictures = _Pictures()
        with source.open("rb") as file:
            told = mammoth.convert_to_html(
                file, convert_image=mammoth.images.img_element(pictures.attributes)
            )
        if len(told.value) > LONGEST:
            raise Refused("The document is longer than a preview can be.")
        cut = f"first {MOST_PICTURES} pictures" if pictures.left_out else ""
        return Made(data={"html": clean(told.value)}, cut=cut)


def clean(html: str) -> str:
    import nh3

    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "data"},
        attribute_filter=_only_ours,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _only_ours(tag: str, attribute: str, value: str) -> str | None:
    """A picture is one of those we wrote ourselves; a link leads out, and nowhere else."""
    if attribute == "src":
        return value if value.startswith("data:image/") else None
    if attribute == "href":
        return value if value.startswith(("http://", "https://", "mailto:")) else None
    return value


class _Pictures:
    """Those that are in the document, written anew; one that is elsewhere is not asked for."""

    def __init__(self) -> None:
        self.count, self.left_out = 0, False

    def attributes(self, image: Any) -> dict[str, str]:
        self.count += 1
        if self.count > MOST_PICTURES:
            self.left_out = True
            return {"alt": LEFT_OUT}
        try:
            return self._written(image)
        except Exception:  # noqa: BLE001 - whatever is wrong with one picture, the text is there to be read
            return {"alt": UNREADABLE}

    def _written(self, image: Any) -> dict[str, str]:
        from .pictures import opened, saved

        with (
            tempfile.TemporaryDirectory() as folder,
            image.open() as file,
            opened(file) as picture,
        ):
            made = saved(picture, Path(folder), "picture", most=PICTURE_WIDTH)
            content = (Path(folder) / made.name).read_bytes()
        kind = "webp" if made.name.endswith("webp") else "jpeg"
        encoded = base64.b64encode(content).decode()
        size = {"width": str(made.width), "height": str(made.height)}
        return {"src": f"data:image/{kind};base64,{encoded}", **size}

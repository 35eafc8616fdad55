"""A text as it is."""

from pathlib import Path

from .base import MEBIBYTE, Made, Preview

LONGEST = 512 * 1024
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Plain(Preview):
    slug = "text"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type.startswith("text/")

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        text, cut = read_text(source)
        return Made(data={"text": text}, cut=cut)


def read_text(source: Path, *, longest: int = LONGEST) -> tuple[str, str]:
    """The beginning of a text, and the words for where it was cut."""
    with source.open("rb") as file:
        head = file.read(longest + 1)
    encoding = "utf-16" if head.startswith(UTF_16) else "utf-8-sig"
    cut = f"first {_size(longest)}" if len(head) > longest else ""
    text = head[:longest].decode(encoding, errors="replace")
    # A letter that was cut in half is no letter of the text.
    text = text.rstrip("\ufffd") if cut else text
    return text.replace("\r\n", "\n").replace("\0", "\ufffd"), cut


def _size(count: int) -> str:
    return f"{count // MEBIBYTE} MiB" if count % MEBIBYTE == 0 else f"{count // 1024} KiB"

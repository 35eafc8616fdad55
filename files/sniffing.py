"""What a file is by its content. Names and declared types only choose among texts, of which none can be told from another.

What we show is recognised by signatures of our own, few and strict; puremagic names the rest, which is only ever downloaded.
"""

import codecs
import mimetypes
import re

import puremagic

from files.names import extension_of

#: How much of a file's beginning and end is looked at.
LOOKED_AT = 64 * 1024
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
SVG = "image/svg+xml"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = f"{_OFFICE}wordprocessingml.document"
XLSX = f"{_OFFICE}spreadsheetml.sheet"
PPTX = f"{_OFFICE}presentationml.presentation"
ZIP, PDF = "application/zip", "application/pdf"

BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\0\0\1\0", "image/x-icon"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"%PDF-", PDF),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
#: A part that only this kind of document has; it is named in the archive's first entries or in its table at the end.
PARTS: tuple[tuple[bytes, str], ...] = (
    (b"word/document.xml", DOCX),
    (b"xl/workbook.xml", XLSX),
    (b"ppt/presentation.xml", PPTX),
)
OPEN_DOCUMENT = re.compile(
    rb"mimetype(application/(?:vnd\.oasis\.opendocument\.[a-z-]+|epub\+zip))"
)
HTML = re.compile(
    rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|iframe|style|title|div|table|h1|a|p|img)\b",
    re.IGNORECASE | re.DOTALL,
)
SVG_ROOT = re.compile(
    rb"^\s*(?:<\?xml.*?\?>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+svg.*?>\s*)?<(?:\w+:)?svg\b",
    re.IGNORECASE | re.DOTALL,
)
#: Texts whose type is no `text/…`.
TEXTUAL = {
    "application/json",
    "application/x-ndjson",
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/toml",
    "application/sql",
    "application/javascript",
    "application/x-sh",
    "application/x-python",
}
BY_EXTENSION = {
    "csv": "text/csv",
    "htm": "text/html",
    "html": "text/html",
    "json": "application/json",
    "md": "text/markdown",
    "markdown": "text/markdown",
    "tsv": "text/tab-separated-values",
    "yaml": "application/yaml",
    "yml": "application/yaml",
}
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def sniff(head: bytes, tail: bytes, *, name: str, declared: str) -> str:
    """The type of a file that begins with `head` and ends with `tail`."""
    if known := _by_signature(head, tail):
        return known
    if is_text(head):
        return _text_type(head, name, declared)
    return _named_by_puremagic(head)


def is_text(head: bytes) -> bool:
    """Text as browsers and people mean it: UTF-8, or UTF-16 that says so, and no other control characters than blanks."""
    try:
        # Not final: the last character may go on behind the part that is looked at.
        text = codecs.getincrementaldecoder(encoding_of(head))().decode(head)
    except UnicodeDecodeError:
        return False
    return not any(sign < " " and sign not in "\t\n\r\f\x1b\b" for sign in text)


def encoding_of(head: bytes) -> str:
    """UTF-8, unless the first bytes say that it is UTF-16."""
    return "utf-16" if head.startswith(UTF_16) else "utf-8-sig"


def _by_signature(head: bytes, tail: bytes) -> str | None:
    if head.startswith(b"PK\3\4") or head.startswith(b"PK\5\6"):
        return _archive_type(head, tail)
    if head[:4] == b"RIFF":
        return RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], "video/mp4")
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:4] == b"OggS":
        return "video/ogg" if b"theora" in head[:256] else "audio/ogg"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        # An MPEG audio frame, layer III.
        return "audio/mpeg"
    return next((kind for magic, kind in BEGINNINGS if head.startswith(magic)), None)


def _archive_type(head: bytes, tail: bytes) -> str:
    """Without reading the archive's table: a hostile one would fill the memory."""
    if found := OPEN_DOCUMENT.match(head[30:200]):
        return found[1].decode()
    if b"[Content_Types].xml" not in head + tail:
        return ZIP
    return next((kind for part, kind in PARTS if part in head or part in tail), ZIP)


def _text_type(head: bytes, name: str, declared: str) -> str:
    if SVG_ROOT.match(head):
        return SVG
    if HTML.match(head):
        return "text/html"
    said = (declared.partition(";")[0].strip().lower(), _type_of_name(name))
    return next((one for one in said if _is_textual(one)), TEXT)


def _type_of_name(name: str) -> str:
    return BY_EXTENSION.get(extension_of(name)) or mimetypes.guess_type(name)[0] or ""


def _is_textual(kind: str) -> bool:
    # "text/plain" says nothing that a name could not say better, and is what is left in the end.
    return kind in TEXTUAL or (kind.startswith("text/") and kind != TEXT)


def _named_by_puremagic(head: bytes) -> str:
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    named = found[0].mime_type.lower()
    # What we would show or read is recognised above or not at all.
    is_ours = named.startswith(("image/", "audio/", "video/", "text/")) or named in TEXTUAL
    return UNKNOWN if is_ours or not re.fullmatch(r"[\w.+-]+/[\w.+-]{1,80}", named) else named

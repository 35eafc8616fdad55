"""What people call a file, and the groups in which they look for it. Told by its type alone, which is told by its content."""

from dataclasses import dataclass

from files.names import extension_of
from files.sniffing import DOCX, PDF, PPTX, SVG, TEXTUAL, XLSX, ZIP

_OPEN = "application/vnd.oasis.opendocument."
_DOCUMENTS = {
    PDF: "PDF",
    DOCX: "Word document",
    XLSX: "Spreadsheet",
    PPTX: "Presentation",
    "application/msword": "Word document",
    "application/vnd.ms-excel": "Spreadsheet",
    "application/vnd.ms-powerpoint": "Presentation",
    f"{_OPEN}text": "Text document",
    f"{_OPEN}spreadsheet": "Spreadsheet",
    f"{_OPEN}presentation": "Presentation",
    "application/epub+zip": "E-book",
    "application/rtf": "Text document",
    "text/rtf": "Text document",
    "text/csv": "CSV table",
    "text/tab-separated-values": "Table",
}
_ARCHIVES = {
    ZIP: "Zip archive",
    "application/gzip": "Gzip archive",
    "application/x-7z-compressed": "7z archive",
    "application/x-tar": "Tar archive",
    "application/x-bzip2": "Archive",
    "application/x-xz": "Archive",
    "application/vnd.rar": "Archive",
    "application/x-rar-compressed": "Archive",
}
_TEXTS = {
    "text/plain": "Text",
    "text/markdown": "Markdown",
    "text/html": "Web page",
    "application/json": "JSON",
    "application/x-ndjson": "JSON lines",
    "application/xml": "XML",
    "text/xml": "XML",
    "application/yaml": "YAML",
    "application/x-yaml": "YAML",
    "application/sql": "SQL",
}


@dataclass(frozen=True)
class Group:
    """Types that are looked for together. A type is of the first group that holds it."""

    slug: str
    label: str
    word: str
    icon: str
    prefixes: tuple[str, ...] = ()
    types: frozenset[str] = frozenset()

    def holds(self, mime_type: str) -> bool:
        return mime_type in self.types or mime_type.startswith(self.prefixes)


IMAGE = Group("image", "Images", "picture", "picture", ("image/",))
VIDEO = Group("video", "Videos", "video", "film", ("video/",))
AUDIO = Group("audio", "Audio", "sound", "sound", ("audio/",))
DOCUMENT = Group("document", "Documents", "document", "page", (_OPEN,), frozenset(_DOCUMENTS))
ARCHIVE = Group("archive", "Archives", "archive", "box", (), frozenset(_ARCHIVES))
TEXT = Group("text", "Text and code", "code", "code", ("text/",), frozenset({*_TEXTS, *TEXTUAL}))
OTHER = Group("other", "Other", "file", "page", ("",))
GROUPS = (IMAGE, DOCUMENT, VIDEO, AUDIO, TEXT, ARCHIVE, OTHER)
#: The order in which they are asked: a CSV is a text, and looked for among the documents.
ASKED = (IMAGE, VIDEO, AUDIO, DOCUMENT, ARCHIVE, TEXT, OTHER)


def group_of(mime_type: str) -> Group:
    return next(group for group in ASKED if group.holds(mime_type))


def type_in_words(mime_type: str, filename: str) -> str:
    """ "PNG picture", "Word document", "PY code": what a person would call it."""
    if mime_type == SVG:
        return "SVG picture"
    known = _DOCUMENTS.get(mime_type) or _ARCHIVES.get(mime_type) or _TEXTS.get(mime_type)
    if known:
        return known
    group, extension = group_of(mime_type), _short(mime_type, filename)
    return f"{extension} {group.word}" if extension else group.word.capitalize()


def _short(mime_type: str, filename: str) -> str:
    """Of pictures, videos and sounds what they are; of the rest what their name says."""
    if mime_type.startswith(("image/", "video/", "audio/")):
        return mime_type.partition("/")[2].removeprefix("x-").upper()[:10]
    extension = extension_of(filename)
    return extension.upper() if extension.isascii() and len(extension) <= 5 else ""

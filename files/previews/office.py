"""Office documents are archives: what they would unpack to is known before anything is unpacked."""

import zipfile
from pathlib import Path

from .base import MEBIBYTE, Refused

UNPACKED, PARTS = 256 * MEBIBYTE, 10_000
#: Of one part of XML: its tree takes some ten times as much.
XML = 48 * MEBIBYTE


def refuse_bombs(source: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Refused("The document is damaged.") from None
    largest = max((part.file_size for part in parts if part.filename.endswith(".xml")), default=0)
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED or largest > XML:
        raise Refused("The document unpacks to more than a preview can hold.")

"""What is in an archive, by its own table. Nothing is unpacked."""

import zipfile
from pathlib import Path

from .base import Made, Preview, Refused

ENTRIES, LONGEST_NAME = 1000, 500


class Archive(Preview):
    slug = "archive"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type == "application/zip"

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        try:
            with zipfile.ZipFile(source) as archive:
                found = archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise Refused("The archive is damaged.") from None
        entries = [
            {
                "name": one.filename[:LONGEST_NAME].encode(errors="replace").decode(),
                "size": one.file_size,
                "packed": one.compress_size,
                "is_folder": one.is_dir(),
            }
            for one in found[:ENTRIES]
        ]
        total = sum(one.file_size for one in found)
        cut = f"first {ENTRIES} of {len(found)} entries" if len(found) > ENTRIES else ""
        return Made(data={"entries": entries, "count": len(found), "size": total}, cut=cut)

"""Where the bytes are: a private folder, or a private bucket. Nothing in it is ever served by an address of its own."""

from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from django.core.files.storage import FileSystemStorage, storages

from placet.lib.ids import new_id

UPLOADS = "uploads"


class Source(Protocol):
    """Bytes that are read once, from front to back."""

    def read(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


class Folder(FileSystemStorage):
    def open_at(self, key: str, start: int, length: int) -> Source:
        """The stored bytes from `start` on; who reads them knows where to stop."""
        stored = self.open(key)
        stored.seek(start)
        return stored


def storage() -> Any:
    """The one configured: a `Folder`, or a `files.bucket.Bucket`."""
    return storages["files"]


def new_key() -> str:
    """A place nobody can guess, under the day it was made; never a name that somebody chose."""
    token = new_id()
    return f"{UPLOADS}/{_day_of(token):%Y/%m/%d}/{token.hex}"


def folder_of(moment: datetime) -> str:
    return f"{UPLOADS}/{moment.astimezone(UTC):%Y/%m/%d}"


def made_at(name: str) -> datetime | None:
    """When the key that ends with `name` was made; None for a name that is no key of ours."""
    try:
        return _day_of(UUID(hex=name))
    except (ValueError, OverflowError):
        return None


def _day_of(token: UUID) -> datetime:
    return datetime.fromtimestamp((token.int >> 80) / 1000, UTC)

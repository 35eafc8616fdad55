"""What a file looks like from outside."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

if TYPE_CHECKING:
    from files.models import StoredFile

#: What a browser may show by itself: no script can be in it, whatever its bytes say. Everything else is only ever saved.
INERT = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "image/bmp",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/wav",
        "audio/flac",
        "video/mp4",
        "video/webm",
        "video/ogg",
        "video/quicktime",
        "text/plain",
    }
)
#: Texts that travel with the message they belong to, when they are short.
INLINE_TEXTS = frozenset({"text/markdown", "text/plain", "text/html", "text/csv"})
LONGEST_INLINE_TEXT = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class FileSnapshot:
    id: UUID
    agent_id: UUID
    message_id: UUID | None
    original_id: UUID | None
    uploader_type: str
    uploader_user_id: UUID | None
    filename: str
    mime_type: str
    size: int
    sha256: str
    storage_key: str
    width: int | None
    height: int | None
    share_round: int
    created_at: datetime

    @classmethod
    def of(cls, row: "StoredFile") -> Self:
        return cls(
            id=row.pk,
            agent_id=row.agent_id,
            message_id=row.message_id,
            original_id=row.original_id,
            uploader_type=row.uploader_type,
            uploader_user_id=row.uploader_user_id,
            filename=row.filename,
            mime_type=row.mime_type,
            size=row.size,
            sha256=row.sha256,
            storage_key=row.storage_key,
            width=row.width,
            height=row.height,
            share_round=row.share_round,
            created_at=row.created_at,
        )

    @property
    def is_image(self) -> bool:
        return self.mime_type.startswith("image/")

    @property
    def is_inert(self) -> bool:
        return self.mime_type in INERT

    @property
    def travels_as_text(self) -> bool:
        return self.mime_type in INLINE_TEXTS and self.size <= LONGEST_INLINE_TEXT


@dataclass(frozen=True, kw_only=True)
class FilePage:
    """`next_cursor` is the last id when there is more, else None."""

    files: tuple[FileSnapshot, ...]
    next_cursor: str | None

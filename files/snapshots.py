"""What a file looks like from outside."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from files import previews

if TYPE_CHECKING:
    from files.models import Markup, Preview, StoredFile

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
    preview: "PreviewSnapshot"

    @classmethod
    def of(cls, row: "StoredFile") -> Self:
        """`row` comes with its preview selected, where it has one."""
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
            preview=_preview_of(row),
        )

    @property
    def is_image(self) -> bool:
        return self.mime_type.startswith("image/")

    @property
    def is_markable(self) -> bool:
        """A picture of pixels whose size is known: marks are in its coordinates."""
        is_drawing = self.mime_type == "image/svg+xml"
        return self.is_image and not is_drawing and bool(self.width and self.height)

    @property
    def is_inert(self) -> bool:
        return self.mime_type in INERT

    @property
    def travels_as_text(self) -> bool:
        return self.mime_type in INLINE_TEXTS and self.size <= LONGEST_INLINE_TEXT


def _preview_of(row: "StoredFile") -> "PreviewSnapshot":
    made: Preview | None = getattr(row, "preview", None)
    if made is not None:
        return PreviewSnapshot.of(made)
    kind = previews.of(row.mime_type, row.filename)
    state = "failed" if kind.is_made else "ready"
    reason = "There is none." if kind.is_made else ""
    return PreviewSnapshot(file_id=row.pk, kind=kind.slug, state=state, reason=reason)


#: What a preview says beside its pictures, as JSON in the storage.
CONTENTS = "contents.json"


def preview_key(storage_key: str, name: str) -> str:
    """Where a part of a file's preview is: beside the file, under the same unguessable name."""
    return f"previews/{storage_key.partition('/')[2]}/{name}"


@dataclass(frozen=True, kw_only=True)
class PictureSnapshot:
    """One of a preview's pictures, re-encoded by us."""

    name: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, kw_only=True)
class PreviewSnapshot:
    """`state` is pending, ready or failed. What shows itself is ready, and has neither pictures nor contents."""

    file_id: UUID
    kind: str
    state: str
    reason: str = ""
    cut: str = ""
    pictures: tuple[PictureSnapshot, ...] = ()
    has_contents: bool = False

    @classmethod
    def of(cls, row: "Preview") -> Self:
        return cls(
            file_id=row.file_id,
            kind=row.kind,
            state="pending" if row.state == "making" else row.state,
            reason=row.reason,
            cut=row.cut,
            pictures=tuple(PictureSnapshot(**picture) for picture in row.pictures),
            has_contents=row.has_contents,
        )

    def picture(self, name: str) -> PictureSnapshot | None:
        return next((one for one in self.pictures if one.name == name), None)

    @property
    def small(self) -> PictureSnapshot | None:
        """What a card or a list shows: a picture's thumbnail, a document's first page."""
        stems = ("small.", "page-1.", "slide-1-1.")
        return next((one for one in self.pictures if one.name.startswith(stems)), None)


@dataclass(frozen=True, kw_only=True)
class FilePage:
    """`next_cursor` is the last id when there is more, else None."""

    files: tuple[FileSnapshot, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class MarkupSnapshot:
    """What one person drew over a picture of `width` by `height`. `picture_id` is the picture with exactly these marks in it."""

    file_id: UUID
    width: int
    height: int
    version: int = 0
    marks: tuple[dict[str, Any], ...] = ()
    picture_id: UUID | None = None

    @classmethod
    def of(cls, file: FileSnapshot, row: "Markup | None") -> Self:
        bare = cls(file_id=file.id, width=file.width or 0, height=file.height or 0)
        if row is None:
            return bare
        drawn = row.picture_id if row.is_drawn else None
        return replace(bare, version=row.version, marks=tuple(row.marks), picture_id=drawn)

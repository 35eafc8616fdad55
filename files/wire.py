"""A file as JSON: in a message with exactly the keys of the wire contract, alone with what is ours beside them."""

from typing import Any

from files.snapshots import FileSnapshot, MarkupSnapshot
from placet.lib.clock import iso

IMAGE, FILE = "@uax/image", "@uax/file"


def attachment_json(file: FileSnapshot, *, text: str | None = None) -> dict[str, Any]:
    """`text` where the contract sends the contents along: short texts, to who made the message or waited for it."""
    content = {} if text is None else {"textContent": text}
    return {
        "id": str(file.id),
        "messageId": str(file.message_id) if file.message_id else None,
        "channelId": str(file.agent_id),
        "pluginType": IMAGE if file.is_image else FILE,
        "filename": file.filename,
        "mimeType": file.mime_type,
        "size": file.size,
        "storageKey": file.storage_key,
        "pluginData": None,
        "createdAt": iso(file.created_at),
        **content,
    }


def file_json(file: FileSnapshot) -> dict[str, Any]:
    return {
        **attachment_json(file),
        "sha256": file.sha256,
        "width": file.width,
        "height": file.height,
        "originalId": str(file.original_id) if file.original_id else None,
    }


def preview_json(file: FileSnapshot, contents: dict[str, Any]) -> dict[str, Any]:
    """`kind`, `state` (pending, ready, failed), `reason`, `cut`; pictures by their address; what only this kind says."""
    preview = file.preview
    return {
        **contents,
        "fileId": str(file.id),
        "kind": preview.kind,
        "state": preview.state,
        "reason": preview.reason or None,
        "cut": preview.cut or None,
        "width": file.width,
        "height": file.height,
        "pictures": [
            {
                "name": one.name,
                "url": f"/api/files/{file.id}/preview/{one.name}",
                "width": one.width,
                "height": one.height,
            }
            for one in preview.pictures
        ],
    }


def markup_json(markup: MarkupSnapshot) -> dict[str, Any]:
    """`annotatedId` names the picture with exactly these marks in it; null while there is none."""
    return {
        "fileId": str(markup.file_id),
        "version": markup.version,
        "marks": list(markup.marks),
        "width": markup.width,
        "height": markup.height,
        "annotatedId": str(markup.picture_id) if markup.picture_id else None,
    }

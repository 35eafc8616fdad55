"""A file becomes part of something: of a message, or of a response as the marked-up version of one."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from files.errors import OverLimit
from files.models import StoredFile, StoredFileQuerySet, Uploader
from files.snapshots import FileSnapshot
from placet.lib.actors import Actor
from placet.lib.errors import FieldError, Invalid
from placet.lib.ids import NIL, parse_id
from placet.lib.wording import seen


def attach(
    *, by: Actor, agent_id: UUID, message_id: UUID, file_ids: Sequence[object]
) -> tuple[FileSnapshot, ...]:
    """Give a message the files it names, in the caller's transaction. What is unknown, another's or already attached is skipped."""
    wanted = list(dict.fromkeys(pk for one in file_ids if (pk := parse_id(one))))
    refuse_too_many(len(wanted))
    attached = [
        pk
        for place, pk in enumerate(wanted)
        # One by one: the condition decides between two messages that name the same file, and the order is the message's.
        if _own(by, agent_id).filter(pk=pk).update(message_id=message_id, place=place)
    ]
    rows = StoredFile.objects.select_related("preview").in_bulk(attached)
    return tuple(FileSnapshot.of(rows[pk]) for pk in attached)


def refuse_too_many(count: int) -> None:
    most = settings.PLACET_FILES_MAX_PER_MESSAGE
    if count > most:
        raise OverLimit("attachmentIds", f"{most} files in one message", count)


def keep_modified(
    *, by: Actor, agent_id: UUID, message_id: UUID, modified: Mapping[str, object]
) -> None:
    """Tie each marked-up file to the one it stands for, in the caller's transaction; refuses what is no such pair."""
    refuse_too_many(len(modified))
    errors = []
    for original, changed in modified.items():
        if fault := _tie(by, agent_id, message_id, parse_id(original), parse_id(changed)):
            value = original if fault is _NOT_ATTACHED else changed
            errors.append(FieldError(f"modifiedFileIds.{original}", f"{fault}; got {seen(value)}"))
    if errors:
        raise Invalid("Validation failed", errors=errors)


_NOT_ATTACHED = "must stand for a file of this message"
_NOT_YOURS = "must be a file that you stored in this channel"


def _tie(
    by: Actor, agent_id: UUID, message_id: UUID, original: UUID | None, changed: UUID | None
) -> str | None:
    """What is wrong with the pair, or None once it is one."""
    if not StoredFile.objects.filter(pk=original or NIL, message_id=message_id).exists():
        return _NOT_ATTACHED
    theirs = StoredFile.objects.filter(
        Q(original=None) | Q(original_id=original),
        pk=changed or NIL,
        agent_id=agent_id,
        message_id=None,
        uploader_type=Uploader.USER,
        uploader_user_id=by.user_id,
    )
    return None if theirs.update(original_id=original) else _NOT_YOURS


def _own(by: Actor, agent_id: UUID) -> StoredFileQuerySet:
    """An agent attaches what an agent stored, a person what that person stored: an id is no claim to another's draft."""
    side = (
        {"uploader_type": Uploader.USER, "uploader_user_id": by.user_id}
        if by.is_human
        else {"uploader_type": Uploader.AGENT}
    )
    return StoredFile.objects.loose().filter(agent_id=agent_id, **side)

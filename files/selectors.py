"""Guarded reads of files. A stranger's file and no file look the same."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q, Sum

from agents.selectors import visible_ids
from files.groups import ASKED
from files.models import Markup, StoredFile, StoredFileQuerySet, Uploader
from files.snapshots import CONTENTS, FilePage, FileSnapshot, MarkupSnapshot, preview_key
from files.sniffing import encoding_of
from files.storage import storage
from placet.lib.actors import SYSTEM, Actor
from placet.lib.errors import Forbidden, Invalid, NotFound
from placet.lib.ids import id_or_nil, parse_id
from placet.lib.text import holds

DEFAULT_LIMIT, MOST = 30, 100
MOST_OF_CHANNEL = 1000
#: Named by their ids in one request.
MOST_AT_ONCE = 500
LONGEST_SEARCH = 200


def file_for(actor: Actor, file_id: object) -> FileSnapshot:
    return FileSnapshot.of(row_for(actor, file_id))


def row_for(actor: Actor, file_id: object) -> StoredFile:
    """The row itself, for this app's services."""
    for row in StoredFile.objects.select_related("agent", "preview").filter(pk=id_or_nil(file_id)):
        if row.agent.is_visible_to(actor) and not _is_hidden(actor, row):
            return row
    raise NotFound("File not found")


def rows_for(actor: Actor, file_ids: Iterable[object]) -> list[StoredFile]:
    """Those of the files that the actor may see, newest first."""
    wanted = {pk for one in file_ids if (pk := parse_id(one))}
    rows = _visible_to(actor).filter(pk__in=wanted).newest_first()
    return [row for row in rows if not _is_hidden(actor, row)]


def files_for(actor: Actor, file_ids: Iterable[object]) -> list[FileSnapshot]:
    return [FileSnapshot.of(row) for row in rows_for(actor, file_ids)]


def files_of_messages(message_ids: Sequence[UUID]) -> dict[UUID, tuple[FileSnapshot, ...]]:
    """What is attached to each message, in the order in which it was attached; who may read a message may read these."""
    if not message_ids:
        return {}
    found: defaultdict[UUID | None, list[FileSnapshot]] = defaultdict(list)
    rows = StoredFile.objects.select_related("preview").filter(message_id__in=message_ids)
    for row in rows.order_by("message_id", "place", "id"):
        found[row.message_id].append(FileSnapshot.of(row))
    return {pk: tuple(found[pk]) for pk in message_ids if pk in found}


def files_of_channel(agent_id: UUID) -> list[FileSnapshot]:
    """A channel's files as its agent lists them, newest first; the caller has asked whose channel it is."""
    rows = StoredFile.objects.select_related("preview").filter(agent_id=agent_id)
    # What a person has stored and not sent yet is a draft of theirs.
    rows = rows.exclude(message_id=None, original=None, uploader_type=Uploader.USER)
    rows = rows.newest_first()[:MOST_OF_CHANNEL]
    return [FileSnapshot.of(row) for row in rows]


def markup_for(actor: Actor, file_id: object) -> MarkupSnapshot:
    """What the person drew over the picture; somebody else's marks are nobody's business."""
    if not actor.is_human:
        raise Forbidden("Only a person marks a picture up.")
    file = file_for(actor, file_id)
    row = Markup.objects.filter(file_id=file.id, user_id=actor.person_id).first()
    return MarkupSnapshot.of(file, row)


def marked_up_of(file_id: UUID) -> tuple[FileSnapshot, ...]:
    """The marked-up versions that responses brought, the latest first; who may see the file may see these."""
    rows = StoredFile.objects.select_related("preview").filter(original_id=file_id)
    return tuple(FileSnapshot.of(row) for row in rows.newest_first()[:MOST])


def files_page(
    actor: Actor,
    *,
    type: str = "",
    group: str = "",
    agent_id: UUID | None = None,
    search: str = "",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> FilePage:
    """What a person may see, newest first: all that belongs to a message, and one's own that does not yet."""
    rows = _visible_to(actor).filter(_in_sight_of(actor))
    if agent_id:
        rows = rows.filter(agent_id=agent_id)
    if type:
        rows = rows.filter(mime_type__startswith=type)
    if group:
        rows = rows.filter(_in_group(group))
    if words := _terms(search):
        rows = rows.filter(holds("filename", words))
    if cursor:
        rows = rows.filter(pk__lt=id_or_nil(cursor))
    return _page(rows, max(1, min(limit, MOST)))


def texts_of(files: Iterable[FileSnapshot]) -> Mapping[UUID, str]:
    """The contents of those that are short texts; one whose bytes have just gone is left out."""
    texts = {}
    for file in files:
        if file.travels_as_text and (content := _read(file)) is not None:
            texts[file.id] = content
    return texts


def contents_of(file: FileSnapshot) -> dict[str, Any]:
    """What the file's preview says beside its pictures."""
    if not file.preview.has_contents:
        return {}
    try:
        with storage().open(preview_key(file.storage_key, CONTENTS)) as stored:
            contents: dict[str, Any] = orjson.loads(stored.read())
    except FileNotFoundError:
        return {}
    return contents


def bytes_used(agent_id: UUID) -> int:
    used = StoredFile.objects.filter(agent_id=agent_id).aggregate(used=Sum("size"))["used"]
    return used or 0


def has_files(message_id: UUID) -> bool:
    return StoredFile.objects.filter(message_id=message_id).exists()


def _is_hidden(actor: Actor, row: StoredFile) -> bool:
    """What a person has not sent yet is nobody else's business, whoever told them the id."""
    mine = actor.is_human and row.uploader_user_id == actor.user_id
    return actor != SYSTEM and row.is_draft_of_a_person and not mine


def _visible_to(actor: Actor) -> StoredFileQuerySet:
    ids, rows = visible_ids(actor), StoredFile.objects.select_related("preview")
    return rows if ids is None else rows.filter(agent_id__in=ids)


def _in_sight_of(actor: Actor) -> Q:
    kept = Q(message_id__isnull=False) | Q(original__isnull=False)
    return kept | Q(uploader_user_id=actor.user_id) if actor.is_human else kept


def _in_group(slug: str) -> Q:
    """Of this group, and of none that is asked before it; nothing is of a group that there is not."""
    earlier = Q(pk__in=[])
    for group in ASKED:
        own = Q(mime_type__in=group.types)
        for prefix in group.prefixes:
            own |= Q(mime_type__startswith=prefix)
        if group.slug == slug:
            return own & ~earlier
        earlier |= own
    return Q(pk__in=[])


def _terms(search: str) -> str:
    words = search.replace("\0", "").strip()
    if len(words) > LONGEST_SEARCH:
        raise Invalid.field(
            "search", f"must be at most {LONGEST_SEARCH} characters; got {len(words)}"
        )
    return words


def _page(rows: StoredFileQuerySet, limit: int) -> FilePage:
    found = [FileSnapshot.of(row) for row in rows.newest_first()[: limit + 1]]
    shown = tuple(found[:limit])
    return FilePage(
        files=shown, next_cursor=str(shown[-1].id) if len(found) > limit and shown else None
    )


def _read(file: FileSnapshot) -> str | None:
    try:
        with storage().open(file.storage_key) as stored:
            content: bytes = stored.read()
    except FileNotFoundError:
        return None
    text = content.decode(encoding_of(content), errors="replace")
    return text.replace("\0", "\ufffd")

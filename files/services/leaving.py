"""Files go, and their bytes after them. What is to be removed is written down with the change; a crash only delays it."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from files.models import Discarded, StoredFile, StoredFileQuerySet
from files.selectors import row_for, rows_for
from files.snapshots import CONTENTS, preview_key
from files.storage import folder_of, made_at, storage
from placet.events import catalogue
from placet.events.models import Recorded
from placet.events.outbox import LARGEST_BATCH, record_all
from placet.lib.actors import SYSTEM, Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden
from placet.lib.ids import first_id_at

log = logging.getLogger(__name__)
LOOSE_FOR = timedelta(days=1)
#: So many are removed by who let go of them; the rest by the sweep, for a bucket takes its time.
AT_ONCE = 20
STRAY_DAYS = 3


@transaction.atomic
def delete_file(*, by: Actor, file_id: object) -> None:
    """Remove a file, its marked-up versions and its bytes. Its agent's owner may, and whoever uploaded it."""
    row = row_for(by, file_id)
    if not _may_delete(by, row):
        raise Forbidden("Only the agent's owner, or who uploaded it, deletes a file.")
    _delete([row.pk], by=by)


@transaction.atomic
def delete_files(*, by: Actor, file_ids: Iterable[object]) -> int:
    """Remove those of the files that the actor may; how many."""
    theirs = [row.pk for row in rows_for(by, file_ids) if _may_delete(by, row)]
    _delete(theirs, by=by)
    return len(theirs)


@transaction.atomic
def collect_loose(*, at: datetime | None = None) -> int:
    """Remove what was stored a day ago and never attached; how many."""
    oldest_kept = first_id_at((at or now()) - LOOSE_FOR)
    rows = StoredFile.objects.loose().filter(pk__lt=oldest_kept).order_by("pk")
    loose = list(rows.values_list("pk", flat=True)[:LARGEST_BATCH])
    # The condition again: what was attached since the look stays.
    return _delete(loose, by=SYSTEM, still=StoredFile.objects.loose())


def drop_loose(*, by: Actor, file_ids: Iterable[UUID]) -> int:
    """In the caller's transaction: remove those of the files that belong to nothing; how many."""
    return _delete(list(file_ids), by=by, still=StoredFile.objects.loose())


def let_go(recorded: Sequence[Recorded]) -> None:
    """Beside `message:deleted` and `agent:deleted`: their files go in the same transaction."""
    for one in recorded:
        if one.type == catalogue.MessageDeleted.type:
            _discard(StoredFile.objects.filter(message_id=UUID(one.data["messageId"])))
        elif one.type == catalogue.AgentDeleted.type and one.agent_id:
            _discard(StoredFile.objects.filter(agent_id=UUID(one.agent_id)))


def remove_discarded(*, limit: int = LARGEST_BATCH) -> int:
    """Remove the bytes nobody needs any more, the longest discarded first; how many are gone now."""
    rows = Discarded.objects.order_by("pk").values_list("pk", "storage_key")[:limit]
    gone = [pk for pk, key in rows if _remove(key)]
    return Discarded.objects.filter(pk__in=gone).delete()[0]


@transaction.atomic
def discard_strays(*, at: datetime | None = None) -> int:
    """Find bytes that never got a row: a process died between the two. How many there were in the days that are looked through."""
    at = at or now()
    days = (at - LOOSE_FOR - timedelta(days=n) for n in range(STRAY_DAYS))
    return sum(_discard_strays_of(day, at - LOOSE_FOR) for day in days)


def sweep_arrivals(*, at: datetime | None = None) -> int:
    """Remove what a process that was killed had on the disk of an upload; how many. Whole bodies, of which nobody knows."""
    folder, before = settings.FILE_UPLOAD_TEMP_DIR, ((at or now()) - LOOSE_FOR).timestamp()
    old = [
        path
        for path in (Path(folder).glob("*.upload*") if folder else ())
        if path.stat().st_mtime < before
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _may_delete(by: Actor, row: StoredFile) -> bool:
    if by.is_human and not by.is_owner:
        return by.user_id in {row.agent.owner_id, row.uploader_user_id}
    return True


def _delete(file_ids: list[UUID], *, by: Actor, still: StoredFileQuerySet | None = None) -> int:
    rows = (StoredFile.objects.all() if still is None else still).filter(pk__in=file_ids)
    gone = _discard(rows)
    news = [
        catalogue.FileDeleted(agent_id=row.agent_id, file_id=row.pk, message_id=row.message_id)
        for row in gone
    ]
    record_all(news, by=by)
    return len(gone)


def _discard(rows: StoredFileQuerySet) -> list[StoredFile]:
    """Delete these rows and their marked-up versions, and write down which bytes are to follow; the rows that were."""
    # Locked: a file that is attached between the look and the deletion would be taken from its message.
    gone = list(rows.order_by("pk").select_for_update())
    if gone:
        ids = [row.pk for row in gone]
        doomed = StoredFile.objects.filter(Q(pk__in=ids) | Q(original_id__in=ids))
        write_down(list(_keys_of(doomed)))
        doomed.delete()
    return gone


def _keys_of(rows: StoredFileQuerySet) -> Iterator[str]:
    """Of all that is in the storage because of these files."""
    shown = rows.order_by().values_list("storage_key", "preview__pictures", "preview__has_contents")
    for key, pictures, has_contents in shown:
        yield key
        names = [picture["name"] for picture in pictures or ()] + [CONTENTS] * bool(has_contents)
        yield from (preview_key(key, name) for name in names)


def write_down(keys: list[str]) -> None:
    """In the caller's transaction: these bytes are to be removed, at once if that is possible."""
    at = now()
    Discarded.objects.bulk_create(Discarded(storage_key=key, discarded_at=at) for key in keys)

    def remove() -> None:
        remove_discarded(limit=AT_ONCE)

    transaction.on_commit(remove)


def _remove(key: str) -> bool:
    try:
        storage().delete(key)
    except Exception:
        # Whatever ails the storage: the sweep comes back.
        log.exception("files.not_removed", extra={"storage_key": key})
        return False
    return True


def _discard_strays_of(day: datetime, before: datetime) -> int:
    folder = folder_of(day)
    try:
        _, names = storage().listdir(folder)
    except FileNotFoundError:
        return 0
    old = [f"{folder}/{name}" for name in names if (moment := made_at(name)) and moment < before]
    return sum(_discard_unknown(old[n : n + 500]) for n in range(0, len(old), 500))


def _discard_unknown(keys: list[str]) -> int:
    known = {
        *StoredFile.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True),
        *Discarded.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True),
    }
    strays = [key for key in keys if key not in known]
    write_down(strays)
    return len(strays)

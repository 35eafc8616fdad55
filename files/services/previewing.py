"""Previews come to be: a row says that one is wanted, whoever is free makes it, and the row says what came of it."""

import logging
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import F, Q

from files import previews
from files.making import workshop
from files.models import Preview, PreviewState, StoredFile
from files.services.leaving import write_down
from files.snapshots import CONTENTS, FileSnapshot, preview_key
from files.storage import storage
from placet.events import catalogue
from placet.events.outbox import record
from placet.lib.actors import SYSTEM
from placet.lib.clock import now

log = logging.getLogger(__name__)
#: A maker that has not said anything for so long has died with its process.
SILENCE = timedelta(minutes=3)
MOST_ATTEMPTS = 3
GAVE_UP = "It could not be made."
_busy = threading.Lock()


def want_previews(rows: Iterable[StoredFile]) -> None:
    """In the transaction of the files: those of a kind that is made are to be made."""
    kinds = ((row, previews.of(row.mime_type, row.filename)) for row in rows)
    Preview.objects.bulk_create(
        Preview(file_id=row.pk, kind=kind.slug) for row, kind in kinds if kind.is_made
    )


def make_due(*, most: int = 1000) -> int:
    """Make what is wanted, the latest first, until nothing is left; how many. In one thread of a process at a time."""
    made = 0
    # Asked again after letting go: what came meanwhile found the lock taken and went home.
    while made < most and _next_due() is not None and _busy.acquire(blocking=False):
        try:
            made += _make_all(most - made)
        finally:
            _busy.release()
    return made


def _make_all(most: int) -> int:
    made = 0
    while made < most and (row := _claimed()) is not None:
        _make(row)
        made += 1
    return made


def _next_due() -> UUID | None:
    at = now()
    given_up_on = Q(state=PreviewState.MAKING, claimed_at__lt=at - SILENCE)
    rows = Preview.objects.filter(Q(state=PreviewState.PENDING) | given_up_on)
    return rows.order_by("-file_id").values_list("file_id", flat=True).first()


def _claimed() -> Preview | None:
    """Compare-and-set: of two makers one gets it."""
    while (file_id := _next_due()) is not None:
        at = now()
        free = Q(state=PreviewState.PENDING) | Q(claimed_at__lt=at - SILENCE)
        rows = Preview.objects.filter(free, file_id=file_id).exclude(state=PreviewState.READY)
        if rows.update(state=PreviewState.MAKING, claimed_at=at, attempts=F("attempts") + 1):
            return Preview.objects.select_related("file").filter(pk=file_id).first()
    return None


def _make(row: Preview) -> None:
    if row.attempts > MOST_ATTEMPTS:
        _finish(row, {"failed": GAVE_UP})
        return
    with tempfile.TemporaryDirectory(prefix="placet-preview-") as folder:
        try:
            made = _made(row, Path(folder))
        except FileNotFoundError:
            # Its bytes have gone; so will its row.
            made = {"failed": GAVE_UP}
        _finish(row, made)


def _made(row: Preview, folder: Path) -> dict[str, Any]:
    out = folder / "out"
    out.mkdir()
    with at_hand(row.file, folder) as source:
        made = workshop().make(kind=row.kind, source=source, out=out, filename=row.file.filename)
    if "failed" not in made:
        _put_away(row, made, out)
    return made


@contextmanager
def at_hand(file: StoredFile | FileSnapshot, folder: Path) -> Iterator[Path]:
    """The file as a path: its own where it is in a folder, a copy of what is in a bucket."""
    try:
        yield Path(storage().path(file.storage_key))
        return
    except NotImplementedError:
        pass
    copy = folder / "source"
    with storage().open(file.storage_key) as stored, copy.open("wb") as written:
        shutil.copyfileobj(stored, written, 1024 * 1024)
    yield copy


def _put_away(row: Preview, made: dict[str, Any], out: Path) -> None:
    key = row.file.storage_key
    for picture in made["pictures"]:
        # Names come from the workshop: only what is really in its folder is taken.
        path = out / Path(picture["name"]).name
        picture["size"] = path.stat().st_size
        with path.open("rb") as file:
            _replace(preview_key(key, path.name), File(file))
    if made["data"]:
        _replace(preview_key(key, CONTENTS), ContentFile(orjson.dumps(made["data"])))


def _replace(key: str, content: Any) -> None:
    storage().delete(key)
    storage().save(key, content)


@transaction.atomic
def _finish(row: Preview, made: dict[str, Any]) -> None:
    failed = made.get("failed", "")
    rows = Preview.objects.filter(pk=row.pk, state=PreviewState.MAKING, claimed_at=row.claimed_at)
    finished = rows.update(
        state=PreviewState.FAILED if failed else PreviewState.READY,
        reason=failed[:300],
        cut=made.get("cut", "")[:200],
        pictures=made.get("pictures", []),
        has_contents=bool(made.get("data")),
        made_at=now(),
    )
    if finished:
        file = row.file
        event = catalogue.FilePreviewed(
            agent_id=file.agent_id, file_id=file.pk, message_id=file.message_id
        )
        record(event, by=SYSTEM)
    elif not failed and not StoredFile.objects.filter(pk=row.pk).exists():
        # Deleted while it was being made: what we have just put away belongs to nothing.
        names = [picture["name"] for picture in made["pictures"]]
        write_down([preview_key(row.file.storage_key, name) for name in (*names, CONTENTS)])

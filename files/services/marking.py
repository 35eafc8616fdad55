"""A person marks a picture up: the marks are data, kept as they are made, and drawn into a picture of their own in the end."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.db.models import F

from files import marks as shapes
from files.drawing import NAME
from files.errors import MarksChanged
from files.making import workshop
from files.models import Markup
from files.selectors import file_for, markup_for
from files.services.leaving import drop_loose
from files.services.previewing import at_hand
from files.services.storing import Arrival, store_file
from files.snapshots import FileSnapshot, MarkupSnapshot
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden, Invalid
from placet.lib.ids import id_or_nil
from placet.lib.wording import must_be


@transaction.atomic
def save_marks(*, by: Actor, file_id: object, version: Any, marks: Any) -> MarkupSnapshot:
    """Keep all marks of a picture as they are now; raises MarksChanged when `version` is not the one that is kept."""
    file = _picture_for(by, file_id)
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**31:
        raise Invalid.field("version", must_be("the number of the version drawn over", version))
    cleaned = shapes.clean(marks, width=file.width or 0, height=file.height or 0)
    Markup.objects.get_or_create(
        file_id=file.id, user_id=by.person_id, defaults={"changed_at": now()}
    )
    rows = Markup.objects.filter(file_id=file.id, user_id=by.person_id, version=version)
    won = rows.update(version=F("version") + 1, marks=cleaned, changed_at=now())
    kept = Markup.objects.get(file_id=file.id, user_id=by.person_id)
    if not won:
        raise MarksChanged(kept.version, kept.marks)
    if not cleaned and kept.picture_id:
        drop_loose(by=by, file_ids=[kept.picture_id])
    return MarkupSnapshot.of(file, kept)


def draw_marks(*, by: Actor, file_id: object) -> MarkupSnapshot:
    """Make the picture with the marks in it, unless there is one. When marks change while it is made, it is dropped again."""
    file = _picture_for(by, file_id)
    row = Markup.objects.filter(file_id=file.id, user_id=by.person_id).first()
    if row is None or not row.marks or row.is_drawn:
        return MarkupSnapshot.of(file, row)
    with _drawn(file, row.marks) as arrival:
        picture = store_file(by=by, agent_id=file.agent_id, arrival=arrival)
    _remember(row, picture.id, by=by)
    return markup_for(by, file.id)


def draw_due(*, by: Actor, message_id: object) -> bool:
    """Before a response, and outside its transaction, for it decodes: draw what the person marked on this message's pictures
    and nobody has drawn yet. Whether anything is marked at all."""
    rows = Markup.objects.filter(user_id=by.person_id, file__message_id=id_or_nil(message_id))
    marked = [row for row in rows if row.marks]
    for row in marked:
        if not row.is_drawn:
            _draw_for_response(by, row.file_id)
    return bool(marked)


def drawn(*, by: Actor, message_id: UUID) -> dict[str, str]:
    """{original: picture with the marks in it}, for the response that is being written in the caller's transaction."""
    rows = Markup.objects.filter(user_id=by.person_id, file__message_id=message_id)
    found = (row for row in rows.order_by("file__place") if row.marks and row.is_drawn)
    return {str(row.file_id): str(row.picture_id) for row in found}


def _picture_for(by: Actor, file_id: object) -> FileSnapshot:
    if not by.is_human:
        raise Forbidden("Only a person marks a picture up.")
    file = file_for(by, file_id)
    if not file.is_markable:
        raise Invalid.field("file", must_be("a picture whose size is known", file.mime_type))
    return file


def _remember(row: Markup, picture_id: UUID, *, by: Actor) -> None:
    """Compare-and-set: of two who drew the same version one is kept, and what was drawn of an older one is of no use."""
    with transaction.atomic():
        rows = Markup.objects.filter(pk=row.pk, version=row.version)
        rows = rows.exclude(pictured_version=row.version, picture__isnull=False)
        won = rows.update(picture_id=picture_id, pictured_version=row.version)
        useless = row.picture_id if won else picture_id
        drop_loose(by=by, file_ids=[useless] if useless else [])


def _draw_for_response(by: Actor, file_id: UUID) -> None:
    try:
        draw_marks(by=by, file_id=file_id)
    except Invalid as refused:
        message = f"must be drawn first; {refused.in_words()}"
        raise Invalid.field(f"modifiedFileIds.{file_id}", message) from refused


@contextmanager
def _drawn(file: FileSnapshot, marks: list[dict[str, Any]]) -> Iterator[Arrival]:
    with tempfile.TemporaryDirectory(prefix="placet-marks-") as folder:
        out = Path(folder)
        with at_hand(file, out) as source:
            made = workshop().draw(
                source=source, out=out, marks=marks, width=file.width or 1, height=file.height or 1
            )
        if "failed" in made:
            raise Invalid.field("marks", f"cannot be drawn: {made['failed']}")
        with (out / NAME).open("rb") as written:
            name = f"annotated-{PurePath(file.filename).stem}.png"
            yield Arrival(content=File(written, name=name), name=name, declared_type="image/png")

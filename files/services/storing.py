"""A file comes in: its bytes are put away, looked at and counted, and then there is a row."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import transaction

from agents.selectors import agent_for
from agents.snapshots import AgentSnapshot
from files import pictures, sniffing
from files.errors import OverLimit
from files.models import StoredFile, Uploader
from files.names import clean_name
from files.selectors import bytes_used
from files.services.previewing import want_previews
from files.snapshots import FileSnapshot
from files.storage import new_key, storage
from placet.events import catalogue
from placet.events.outbox import record_all
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden

LONGEST_TYPE = 100


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What somebody hands over: bytes, and what they say about them."""

    content: "File[Any]"
    name: str = ""
    declared_type: str = ""

    @classmethod
    def of_text(cls, content: str, *, name: str, declared_type: str) -> "Arrival":
        # Lone surrogates are JSON, but no text that could be stored.
        encoded = content.encode(errors="replace")
        return cls(content=ContentFile(encoded), name=name, declared_type=declared_type)

    @property
    def size(self) -> int:
        return self.content.size


@dataclass(frozen=True, kw_only=True)
class Put:
    """Bytes that are in the storage, and what is known about them; no row tells of them yet."""

    storage_key: str
    filename: str
    mime_type: str
    declared_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None


def store_file(*, by: Actor, agent_id: object, arrival: Arrival) -> FileSnapshot:
    """Keep a file that belongs to nothing yet. It can be attached by its id within a day; then it is collected."""
    agent = agent_for(by, agent_id)
    with putting(agent, [arrival]) as put, transaction.atomic():
        return keep(by=by, agent=agent, put=put)[0]


@contextmanager
def putting(agent: AgentSnapshot, arrivals: Sequence[Arrival]) -> Iterator[list[Put]]:
    """The bytes, for rows to be written inside. When that fails the bytes go again."""
    _refuse_too_much(agent, arrivals)
    put: list[Put] = []
    try:
        for arrival in arrivals:
            put.append(_put(arrival))  # noqa: PERF401 - what is put so far must be known when the next one fails
        yield put
    except BaseException:
        for one in put:
            storage().delete(one.storage_key)
        raise


def keep(*, by: Actor, agent: AgentSnapshot, put: Iterable[Put]) -> list[FileSnapshot]:
    """Rows for what has been put away, in the caller's transaction."""
    if by.kind == "system":
        raise Forbidden("Files are handed over by agents and people.")
    at = now()
    rows = StoredFile.objects.bulk_create(
        StoredFile(
            agent_id=agent.id,
            uploader_type=Uploader.USER if by.is_human else Uploader.AGENT,
            uploader_user_id=by.user_id if by.is_human else None,
            created_at=at,
            **vars(one),
        )
        for one in put
    )
    want_previews(rows)
    news = [catalogue.FileStored(agent_id=agent.id, file_id=row.pk) for row in rows]
    record_all(news, by=by)
    told = StoredFile.objects.select_related("preview").in_bulk([row.pk for row in rows])
    return [FileSnapshot.of(told[row.pk]) for row in rows]


def _refuse_too_much(agent: AgentSnapshot, arrivals: Sequence[Arrival]) -> None:
    most = settings.PLACET_FILE_MAX_BYTES
    for arrival in arrivals:
        if arrival.size > most:
            raise OverLimit("file", f"{most} bytes", arrival.size)
    # Two who upload in the same moment may both still fit: the quota bounds a disk, and is not worth a lock.
    quota, coming = settings.PLACET_FILES_QUOTA_BYTES, sum(arrival.size for arrival in arrivals)
    if arrivals and (total := bytes_used(agent.id) + coming) > quota:
        raise OverLimit("file", f"{quota} bytes together with the files of this agent", total)


def _put(arrival: Arrival) -> Put:
    content, name = arrival.content, clean_name(arrival.name)
    head = _look(content, 0, pictures.LOOKED_AT)
    tail = _look(content, max(0, content.size - sniffing.LOOKED_AT), sniffing.LOOKED_AT)
    kind = sniffing.sniff(
        head[: sniffing.LOOKED_AT], tail, name=name, declared=arrival.declared_type
    )
    width, height = pictures.size_of(head, kind) or (None, None)
    content.seek(0)
    # Both before saving: an upload that is a file already is not copied but moved.
    digest, size = hashlib.file_digest(content, "sha256").hexdigest(), content.size
    content.seek(0)
    return Put(
        storage_key=storage().save(new_key(), content),
        filename=name,
        mime_type=kind,
        declared_type=arrival.declared_type[:LONGEST_TYPE],
        size=size,
        sha256=digest,
        width=width,
        height=height,
    )


def _look(content: "File[Any]", start: int, length: int) -> bytes:
    content.seek(start)
    looked: bytes = content.read(length)
    return looked

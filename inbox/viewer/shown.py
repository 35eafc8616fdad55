"""What the viewer tells about a file: whose it is, what stands beside it, and what was drawn over it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from agents.selectors import agent_for
from agents.snapshots import AgentSnapshot
from files import selectors as files
from files.colours import COLOURS
from files.snapshots import FileSnapshot, MarkupSnapshot
from files.wire import markup_json
from inbox import selectors
from inbox.snapshots import MessageSnapshot
from placet.lib.actors import Actor
from placet.lib.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Shown:
    """`home` is the file itself, or what it is a marked-up version of: that has the place in the message."""

    file: FileSnapshot
    home: FileSnapshot
    agent: AgentSnapshot
    message: MessageSnapshot | None
    markup: MarkupSnapshot | None
    version: FileSnapshot | None
    is_mine: bool

    @property
    def siblings(self) -> tuple[FileSnapshot, ...]:
        return self.message.files if self.message else (self.home,)

    @property
    def place(self) -> int:
        """Counted from 1."""
        return [one.id for one in self.siblings].index(self.home.id) + 1

    @property
    def previous(self) -> FileSnapshot | None:
        return self.siblings[self.place - 2] if self.place > 1 else None

    @property
    def next(self) -> FileSnapshot | None:
        return self.siblings[self.place] if self.place < len(self.siblings) else None

    @property
    def is_version(self) -> bool:
        return self.file.original_id is not None

    @property
    def sender(self) -> str:
        """Who handed over this very file: a marked-up version comes from a person, whoever sent the original."""
        if self.is_mine:
            return "You"
        if self.file.uploader_type == "agent":
            return self.agent.name
        if self.message and not self.is_version:
            return self.message.sender_name
        return (self.message and self._responder(self.message)) or "Somebody"

    @property
    def conversation(self) -> str:
        chat = reverse("inbox:chat", args=[self.agent.id])
        return f"{chat}?at={self.message.id}#m-{self.message.id}" if self.message else chat

    @property
    def question(self) -> str:
        """Where it is decided; empty for a message that asks nothing."""
        asks = self.message is not None and self.message.review is not None
        return reverse("inbox:message", args=[self.message.id]) if self.message and asks else ""

    @property
    def picture(self) -> str:
        """The address of what an <img> shows: the file itself, or what was made of it for browsers."""
        shown_by_itself = self.file.is_inert or self.file.preview.kind == "svg"
        name = "download" if shown_by_itself else "preview/large"
        large = next((p for p in self.file.preview.pictures if p.name.startswith("large.")), None)
        if not shown_by_itself and large:
            name = f"preview/{large.name}"
        return f"/api/files/{self.file.id}/{name}"

    @property
    def marks(self) -> dict[str, Any]:
        return markup_json(self.markup) if self.markup else {}

    @property
    def colours(self) -> list[dict[str, Any]]:
        named = enumerate(COLOURS.items(), 1)
        return [{"n": n, "name": name, "code": code} for n, (name, code) in named]

    def _responder(self, message: MessageSnapshot) -> str:
        return message.review.responded_by_name if message.review else ""


def shown_to(actor: Actor, file_id: UUID) -> Shown:
    file = files.file_for(actor, file_id)
    home = files.file_for(actor, file.original_id) if file.original_id else file
    versions = files.marked_up_of(home.id) if home.is_image else ()
    is_markable = file.is_markable and file.original_id is None and file.preview.state == "ready"
    return Shown(
        file=file,
        home=home,
        agent=agent_for(actor, file.agent_id),
        message=_message_of(actor, home),
        markup=files.markup_for(actor, file.id) if is_markable else None,
        version=versions[0] if versions else None,
        is_mine=file.uploader_user_id is not None and file.uploader_user_id == actor.user_id,
    )


def _message_of(actor: Actor, file: FileSnapshot) -> MessageSnapshot | None:
    if file.message_id is None:
        return None
    try:
        message = selectors.message_for(actor, file.message_id)
    except NotFound:
        return None
    # Between the two reads it may have been deleted.
    return message if any(one.id == file.id for one in message.files) else None

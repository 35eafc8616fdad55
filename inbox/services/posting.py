"""An agent says something, and may ask."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from agents.snapshots import AgentSnapshot
from agents.webhook import clean_headers, clean_url
from inbox.channels import channel_for
from inbox.listing import snapshot
from inbox.models import IdempotencyRecord, Message, MessageStatus, SenderType
from inbox.services.arriving import (
    Attachments,
    Carried,
    clean_text,
    created,
    once,
    same_client_id,
)
from inbox.snapshots import MessageSnapshot
from placet.events.outbox import record
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Conflict, FieldError, Forbidden, Invalid
from placet.lib.ids import NIL, new_id
from placet.lib.wording import must_be, one_of, seen
from reviews import services as reviews

NOTHING = Carried(ids=(), put=())
CALLBACK_METHODS = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, kw_only=True)
class Question:
    """The `review` object of a message being posted."""

    type: str
    payload: Any = None
    expires_at: datetime | None = None
    expires_in_seconds: int | None = None
    callback: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Idempotency:
    """The `Idempotency-Key` header and a hash of the body it came with."""

    value: str
    body_hash: str

    @classmethod
    def of(cls, value: str, body: bytes) -> "Idempotency":
        if len(value) > 200:
            raise Invalid.field(
                "Idempotency-Key", f"must be at most 200 characters; got {len(value)}"
            )
        return cls(value=value, body_hash=hashlib.sha256(body).hexdigest())


def post_message(
    *,
    by: Actor,
    channel: object = None,
    text: str | None = None,
    status: str | None = None,
    metadata: dict[str, Any] | None = None,
    review: Question | None = None,
    client_id: str | None = None,
    webhook_url: str | None = None,
    attachments: Attachments = Attachments(),  # noqa: B008 - frozen
    idempotency: Idempotency | None = None,
) -> MessageSnapshot:
    """An agent says something, and may ask. The same `client_id` or `Idempotency-Key` again answers the same message."""
    if not by.is_key:
        raise Forbidden("Messages of agents are posted with an agent's key.")
    agent = channel_for(by, channel, named="channelId")
    if not ((text or "").strip() or review or status or attachments):
        raise _empty()
    fields = {
        "text": clean_text(text),
        "status": _clean_status(status),
        "client_id": client_id,
        "webhook_url": webhook_url and clean_url(webhook_url, path="webhookUrl"),
    }
    if review and review.callback:
        _refuse_bad_callback(review.callback)

    def insert() -> MessageSnapshot:
        with attachments.put(agent) as carried:
            return _insert_agents(
                by, agent, fields, _with_plugin(metadata, review), review, carried, idempotency
            )

    return once(by, agent, lambda: _posted_before(by, agent, client_id, idempotency), insert)


def speak(
    *,
    by: Actor,
    channel: AgentSnapshot,
    author: AgentSnapshot,
    text: str,
    status: str | None = None,
    metadata: dict[str, Any] | None = None,
    review: Question | None = None,
) -> MessageSnapshot:
    """An agent speaks in a conversation, its own or one it was let into. Not guarded: whoever calls knows that it may."""
    fields = {"text": clean_text(text), "status": _clean_status(status)}
    return _insert_agents(by, channel, fields, metadata, review, NOTHING, None, author=author)


def forget_idempotency(*, before: datetime) -> int:
    """Drop idempotency records older than `before`; how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=before).delete()[0]


@transaction.atomic
def _insert_agents(
    by: Actor,
    agent: AgentSnapshot,
    fields: dict[str, Any],
    metadata: dict[str, Any] | None,
    review: Question | None,
    carried: Carried,
    idempotency: Idempotency | None,
    *,
    author: AgentSnapshot | None = None,
) -> MessageSnapshot:
    at, message_id, asked = now(), new_id(), None
    files = carried.attach(by, agent, message_id)
    if not (files or review or fields["status"] or (fields["text"] or "").strip()):
        raise _empty(carried.ids)
    if review:
        asked = reviews.open_review(
            by=by, review_id=message_id, agent_id=agent.id, at=at, **vars(review)
        )
    row = Message.objects.create(
        id=message_id,
        agent_id=agent.id,
        sender_type=SenderType.AGENT,
        author_id=author.id if author and author.id != agent.id else None,
        sender_name=(author or agent).name,
        metadata=metadata,
        review_id=message_id if review else None,
        has_files=bool(files),
        created_at=at,
        updated_at=at,
        **fields,
    )
    if idempotency:
        IdempotencyRecord.objects.create(
            key_id=by.key_id or NIL,
            value=idempotency.value,
            body_hash=idempotency.body_hash,
            message=row,
            created_at=at,
        )
    record(created(row, review.type if review else None), by=by)
    return MessageSnapshot.just_written(row, agent=agent, review=asked, files=files)


def _posted_before(
    by: Actor, agent: AgentSnapshot, client_id: str | None, idempotency: Idempotency | None
) -> MessageSnapshot | None:
    if idempotency:
        used = IdempotencyRecord.objects.filter(key_id=by.key_id, value=idempotency.value)
        if (
            record_row := used.select_related("message__agent", "message__review").first()
        ) is not None:
            if record_row.body_hash != idempotency.body_hash:
                raise Conflict("This Idempotency-Key was already used with another body.")
            return snapshot(record_row.message)
    return same_client_id(agent, client_id, SenderType.AGENT)


def _empty(attachment_ids: Sequence[str] = ()) -> Invalid:
    """Attachments that are none of the channel's are skipped, as on the wire; a message of those alone would be empty."""
    one_of = "text, review, status, attachmentIds, textAttachments"
    errors = [FieldError("body", f"must have at least one of {one_of}")]
    if attachment_ids:
        rule = "must name files that were stored in this channel and belong to no message yet"
        ids = seen(", ".join(attachment_ids))
        errors.append(FieldError("attachmentIds", f"{rule}; got {ids}"))
    return Invalid("Validation failed", errors=errors)


def _clean_status(status: str | None) -> str | None:
    if status is not None and status not in MessageStatus.values:
        raise Invalid.field(
            "status", f'must be one of {", ".join(MessageStatus.values)}; got "{status}"'
        )
    return status


def _refuse_bad_callback(callback: dict[str, Any]) -> None:
    clean_url(str(callback.get("url") or ""), path="review.callback.url")
    clean_headers(callback.get("headers"), None, path="review.callback.headers")
    method = callback.get("method")
    if method and method.upper() not in CALLBACK_METHODS:
        raise Invalid.field("review.callback.method", must_be(one_of(CALLBACK_METHODS), method))


def _with_plugin(metadata: dict[str, Any] | None, review: Question | None) -> dict[str, Any] | None:
    """A freeform review that names a plugin is shown by it: the page looks for the name in the metadata."""
    payload = review.payload if review and review.type == "freeform" else None
    if isinstance(payload, dict) and isinstance(payload.get("plugin"), str):
        return {**(metadata or {}), "plugin": payload["plugin"]}
    return metadata

"""A message and its review as JSON: every key of the wire contract, null where its feature comes later."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from files.wire import attachment_json
from inbox.feed.page import FeedItem, FeedPage
from inbox.snapshots import MessagePage, MessageSnapshot
from placet.lib.actors import Actor
from placet.lib.addresses import origin_of
from placet.lib.clock import iso
from reviews.snapshots import ReviewSnapshot

NO_TEXTS: Mapping[UUID, str] = MappingProxyType({})
# Whom an event is for: `channelId` says it to an agent, and the rest is for people.
ADDRESSED = ("agentId", "userId", "conversationId")
DECISION = ("response", "feedback", "modifiedFileIds", "respondedBy")


def message_json(
    message: MessageSnapshot, *, reveal: bool = False, texts: Mapping[UUID, str] = NO_TEXTS
) -> dict[str, Any]:
    """`reveal` opens the secret values of a response: only for the agent that asked, reading this one message.

    `texts` are contents of attached files, by their ids: they go along where a message is made or waited for.
    """
    return {
        "id": str(message.id),
        "channelId": str(message.agent.id),
        "senderType": message.sender_type,
        "senderId": _sender_id(message),
        "text": message.text,
        "status": message.status,
        "review": review_json(message.review, reveal=reveal) if message.review else None,
        "metadata": message.metadata,
        "clientId": message.client_id,
        "streamId": None,
        "streamState": None,
        "deliveryStatus": message.delivery_status,
        "iterationGroupId": None,
        "iteration": None,
        "createdAt": iso(message.created_at),
        "updatedAt": iso(message.updated_at),
        "attachments": [attachment_json(file, text=texts.get(file.id)) for file in message.files],
    }


def to_its_agent(
    message: MessageSnapshot, *, by: Actor, texts: Mapping[UUID, str] = NO_TEXTS
) -> dict[str, Any]:
    """What a change answers: to a key that may not read, a repeated post tells no decision and nothing that was stored."""
    if "read" in by.scopes:
        return message_json(message, reveal=True, texts=texts)
    told = message_json(message)
    if told["review"]:
        told["review"] |= dict.fromkeys(DECISION)
    return told


def review_json(review: ReviewSnapshot, *, reveal: bool = False) -> dict[str, Any]:
    completed_at = iso(review.settled_at) if review.status == "completed" else None
    return {
        "type": review.type,
        "payload": review.payload if reveal else review.kind.redact(review.payload),
        "status": review.status,
        "expiresAt": iso(review.expires_at),
        "callback": review.callback if reveal else _host_of(review.callback),
        "response": review.revealed() if reveal else review.response,
        "feedback": review.feedback or None,
        "modifiedFileIds": review.modified_file_ids,
        # Both spellings: the reference sends the one and documents the other.
        "completedAt": completed_at,
        "completed_at": completed_at,
        "settledAt": iso(review.settled_at),
        "respondedBy": _person(review),
    }


def page_json(page: MessagePage) -> dict[str, Any]:
    """A page of messages; `statusEvents` belongs to lists and is empty until streams exist."""
    return {
        "data": [{**message_json(message), "statusEvents": []} for message in page.messages],
        "nextCursor": page.next_cursor,
    }


def feed_json(page: FeedPage) -> dict[str, Any]:
    """`nextCursor` is always there: a feed has no end."""
    return {
        "data": [event_json(item) for item in page.items],
        "nextCursor": str(page.cursor),
        "gap": page.gap,
    }


def event_json(item: FeedItem) -> dict[str, Any]:
    """The event's own ids as the catalogue has them, and its message as that is now, with what only its agent may read."""
    recorded = item.recorded
    own = {name: value for name, value in recorded.data.items() if name not in ADDRESSED}
    told = {
        "eventId": recorded.event_id,
        "type": recorded.type,
        "channelId": recorded.agent_id,
        "recordedAt": recorded.recorded_at,
        **own,
    }
    if "messageId" in own:
        told["message"] = message_json(item.message, reveal=True) if item.message else None
    return told


def _person(review: ReviewSnapshot) -> dict[str, str | None] | None:
    if not review.responded_by_name:
        return None
    return {
        "id": str(review.responded_by_id) if review.responded_by_id else None,
        "name": review.responded_by_name,
    }


def _sender_id(message: MessageSnapshot) -> str | None:
    """The agent's id or the person's; null once the person is gone."""
    if not message.is_human:
        return str(message.author_id or message.agent.id)
    return str(message.sender_user_id) if message.sender_user_id else None


def _host_of(callback: dict[str, Any] | None) -> dict[str, Any] | None:
    """Headers, paths and queries carry credentials: only the agent that sent them reads them back."""
    return callback and {"url": origin_of(str(callback.get("url") or ""))}

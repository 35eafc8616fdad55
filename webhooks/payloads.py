"""What is told, in the words of the wire contract, its mixed case included. Pure: facts and snapshots in, JSON out."""

from collections.abc import Callable
from typing import Any

from inbox.api.wire import message_json
from inbox.snapshots import MessageSnapshot
from placet.lib.clock import iso
from reviews.snapshots import ReviewSnapshot
from runs.snapshots import ActivitySnapshot, RunSnapshot
from runs.wire import activity_json, run_json
from webhooks.dialects import TEST

Facts = dict[str, Any]


def payload(
    event_type: str,
    event_id: str,
    facts: Facts,
    message: MessageSnapshot | None,
    *,
    reveal: bool,
    run: RunSnapshot | None = None,
    activity: ActivitySnapshot | None = None,
) -> dict[str, Any]:
    """The body of an event. A message that is gone by now leaves its ids; `reveal` opens secret values, for the agent alone."""
    head = {"event": event_type, "eventId": event_id}
    if "agentId" in facts:
        head["channelId"] = facts["agentId"]
    if "runId" in facts:
        return head | _of_run(facts, run, activity)
    return head | _WRITERS[event_type](facts, message, reveal)


def _created(facts: Facts, message: MessageSnapshot | None, reveal: bool) -> dict[str, Any]:
    if message is None:
        return {"message_id": facts["messageId"], "message": None}
    return {"message": message_json(message, reveal=reveal)}


def _deleted(facts: Facts, message: MessageSnapshot | None, reveal: bool) -> dict[str, Any]:
    return {"message_id": facts["messageId"], "deleted_at": facts["recordedAt"]}


def _responded(facts: Facts, message: MessageSnapshot | None, reveal: bool) -> dict[str, Any]:
    head, review = _review_head(facts, message)
    if review is None or message is None:
        return {**head, "response": None, "responded_at": facts["recordedAt"]}
    more = {"feedback": review.feedback, "modifiedFileIds": review.modified_file_ids}
    return {
        **head,
        "response": review.revealed() if reveal else review.response,
        **{name: value for name, value in more.items() if value},
        "responded_at": iso(review.settled_at),
        "responded_by": review.responded_by_name,
    }


def _ended(word: str) -> "Writer":
    def write(facts: Facts, message: MessageSnapshot | None, reveal: bool) -> dict[str, Any]:
        head, review = _review_head(facts, message)
        return {**head, word: iso(review.settled_at) if review else facts["recordedAt"]}

    return write


def _of_run(
    facts: Facts, run: RunSnapshot | None, activity: ActivitySnapshot | None
) -> dict[str, Any]:
    """The run as it is now; what people said in it as it was then, for that never changes."""
    body = {"runId": facts["runId"], "run": run_json(run) if run else None}
    if "activityId" in facts:
        told = activity_json(activity) if activity else None
        body |= {"activityId": facts["activityId"], "activity": told}
    return body


def _status(facts: Facts, message: MessageSnapshot | None, reveal: bool) -> dict[str, Any]:
    return {
        "agentId": facts["agentId"],
        "status": facts["status"],
        "statusMessage": facts.get("statusMessage") or None,
        "statusSince": facts["recordedAt"],
    }


def _test(facts: Facts, message: MessageSnapshot | None, reveal: bool) -> dict[str, Any]:
    return {"message": "This is a test from Placet.", "sentAt": facts["sentAt"]}


def _review_head(
    facts: Facts, message: MessageSnapshot | None
) -> tuple[dict[str, Any], ReviewSnapshot | None]:
    review = message.review if message else None
    head = {"message_id": facts["messageId"], "review_type": review.type if review else None}
    return head, review


Writer = Callable[[Facts, MessageSnapshot | None, bool], dict[str, Any]]
_WRITERS: dict[str, Writer] = {
    "message:created": _created,
    "message:deleted": _deleted,
    "review:responded": _responded,
    "review:expired": _ended("expired_at"),
    "review:cancelled": _ended("cancelled_at"),
    "agent:status": _status,
    TEST: _test,
}

"""Changes to reviews. Every way out of PENDING goes through `Review.settle`, and so happens once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from files.services import linking, marking
from placet.events import catalogue
from placet.events.models import Recorded
from placet.events.outbox import LARGEST_BATCH, record, record_all
from placet.lib.actors import SYSTEM, Actor
from placet.lib.clock import iso, now
from placet.lib.errors import FieldError, Forbidden, Invalid, NotFound
from placet.lib.sealing import seal
from reviews import deadlines, types
from reviews.errors import AlreadySettled
from reviews.models import Review, ReviewQuerySet, Status
from reviews.selectors import row_for
from reviews.snapshots import ReviewSnapshot
from reviews.types.base import REDACTED

LONGEST_FEEDBACK = 20_000
Ending = catalogue.ReviewResponded | catalogue.ReviewCancelled | catalogue.ReviewExpired


# Without a savepoint: the message that carries the question has begun the transaction, and a refusal ends it as a whole.
@transaction.atomic(savepoint=False)
def open_review(
    *,
    by: Actor,
    review_id: UUID,
    agent_id: UUID,
    type: str,
    payload: Any,
    expires_at: datetime | None = None,
    expires_in_seconds: int | None = None,
    callback: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> ReviewSnapshot:
    """Ask a question under the id of the message that carries it. The payload must satisfy its type.

    The message is the news: whoever posts it records `message:created`, so a review has no event of its own for being born.
    """
    at = at or now()
    row = Review.objects.create(
        id=review_id,
        agent_id=agent_id,
        type=_clean_type(type),
        payload=types.get(type).clean_payload(payload),
        callback=callback,
        created_at=at,
        expires_at=_deadline(at, expires_at, expires_in_seconds),
    )
    return ReviewSnapshot.of(row, at=at)


def respond(
    *,
    by: Actor,
    review_id: object,
    response: Any,
    feedback: str = "",
    modified_file_ids: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> ReviewSnapshot:
    """Give the one response a review ever gets; raises AlreadySettled when somebody, or the deadline, was first.

    What the person marked on the message's pictures travels along, unless `modified_file_ids` names another for the same one.
    """
    if not by.is_human:
        raise Forbidden("Only a person can respond to a review.")
    # Before the transaction: a picture that is still to be drawn takes its time.
    is_marked = marking.draw_due(by=by, message_id=review_id)
    return _respond(
        by=by,
        review_id=review_id,
        response=response,
        feedback=feedback,
        modified=modified_file_ids or {},
        is_marked=is_marked,
        at=at,
    )


@transaction.atomic
def _respond(
    *,
    by: Actor,
    review_id: object,
    response: Any,
    feedback: str,
    modified: dict[str, Any],
    is_marked: bool,
    at: datetime | None,
) -> ReviewSnapshot:
    """The deadline is asked about again once the row is ours: a change that had to wait for a lock is undone if that took too long."""
    at = at or now()
    row = row_for(by, review_id)
    _refuse_settled(row, at)
    kind = types.get(row.type)
    cleaned = kind.clean_response(row.payload, response)
    shown, sealed = _hide_secrets(cleaned, kind.secret_fields(row.payload))
    if is_marked:
        # The message that carries the review has its id.
        modified = {**marking.drawn(by=by, message_id=row.pk), **modified}
    if modified:
        linking.keep_modified(by=by, agent_id=row.agent_id, message_id=row.pk, modified=modified)
    return _settled(
        row,
        Status.COMPLETED,
        catalogue.ReviewResponded,
        by=by,
        at=at,
        response=shown,
        sealed=sealed,
        feedback=_clean_feedback(feedback),
        modified_file_ids=modified or None,
        responded_by_id=by.user_id,
        responded_by_name=by.name,
    )


@transaction.atomic
def cancel_review(*, by: Actor, review_id: object, at: datetime | None = None) -> ReviewSnapshot:
    """Take a question back: its agent's key may, and so may an owner of the workspace."""
    at = at or now()
    row = row_for(by, review_id)
    if by.is_human and not by.is_owner:
        raise Forbidden("Only the agent that asked, or an owner, can cancel a review.")
    _refuse_settled(row, at)
    return _settled(row, Status.CANCELLED, catalogue.ReviewCancelled, by=by, at=at)


@transaction.atomic
def expire_review(*, by: Actor, review_id: object, at: datetime | None = None) -> ReviewSnapshot:
    """End a review now as if its deadline had come: an owner's rescue tool."""
    at = at or now()
    row = row_for(by, review_id)
    if not (by.is_owner or by.kind == "system"):
        raise Forbidden("Only an owner can expire a review early.")
    return _settled(row, Status.EXPIRED, catalogue.ReviewExpired, by=by, at=at)


@transaction.atomic
def expire_due_reviews(*, at: datetime | None = None, batch: int = LARGEST_BATCH) -> int:
    """Expire up to `batch` reviews whose deadline has passed; how many did. Safe on any number of workers at once."""
    at = at or now()
    rows = deadlines.expire(at, batch)
    record_all(
        [catalogue.ReviewExpired(agent_id=agent_id, message_id=pk) for pk, agent_id in rows],
        by=SYSTEM,
    )
    return len(rows)


def hold(*, review_id: UUID) -> None:
    """Before a message and its review are deleted: who settles the review has it first, and what hangs on it afterwards."""
    _lock(Review.objects.filter(pk=review_id))


def hold_those_of_gone_agents(recorded: Sequence[Recorded]) -> None:
    """Beside `agent:deleted`: the same for all its open questions, before anybody touches what hangs on them."""
    for one in recorded:
        if one.type == catalogue.AgentDeleted.type and one.agent_id:
            _lock(Review.objects.pending().of_agents([UUID(one.agent_id)]))


def _lock(rows: ReviewQuerySet) -> None:
    list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))


def _settled(
    row: Review, to: Status, event: type[Ending], *, by: Actor, at: datetime, **fields: Any
) -> ReviewSnapshot:
    """The change, its event and what it made of the review; or who was first, be it whoever deleted it."""
    won = row.settle(to, at=at, **fields)
    if won and to != Status.EXPIRED and row.expires_at <= now():
        raise _too_late(row)
    try:
        row.refresh_from_db()
    except Review.DoesNotExist:
        raise NotFound("Review not found") from None
    if not won:
        raise _lost_to(row)
    record(event(agent_id=row.agent_id, message_id=row.pk), by=by)
    return ReviewSnapshot.of(row, at=at)


def _refuse_settled(row: Review, at: datetime) -> None:
    if row.status != Status.PENDING or row.expires_at <= at:
        raise _lost_to(row)


def _lost_to(row: Review) -> AlreadySettled:
    if row.status == Status.PENDING:
        return _too_late(row)
    word = "responded" if row.status == Status.COMPLETED else row.status
    facts: dict[str, Any] = {"status": row.status, "settledAt": iso(row.settled_at)}
    if row.responded_by_name:
        facts["respondedBy"] = row.responded_by_name
    return AlreadySettled(f"Review already {word}", **facts)


def _too_late(row: Review) -> AlreadySettled:
    return AlreadySettled(
        "Review already expired", status=Status.EXPIRED.value, settledAt=iso(row.expires_at)
    )


def _hide_secrets(response: dict[str, Any], names: frozenset[str]) -> tuple[dict[str, Any], str]:
    secrets = {
        name: value for name, value in response.items() if name in names and value is not None
    }
    if not secrets:
        return response, ""
    return {**response, **dict.fromkeys(secrets, REDACTED)}, seal(secrets)


def _deadline(at: datetime, expires_at: datetime | None, seconds: int | None) -> datetime:
    """`expiresInSeconds` wins over `expiresAt`; what is too long is shortened to the operator's cap, as on the wire."""
    longest = at + timedelta(seconds=settings.PLACET_REVIEW_MAX_SECONDS)
    if seconds is not None:
        return min(
            at + timedelta(seconds=min(seconds, settings.PLACET_REVIEW_MAX_SECONDS)), longest
        )
    if expires_at is None:
        return min(at + timedelta(seconds=settings.PLACET_REVIEW_DEFAULT_SECONDS), longest)
    if expires_at <= at:
        fault = FieldError("review.expiresAt", f"must be in the future; got {iso(expires_at)}")
        raise Invalid("Review expiration must be in the future", errors=[fault])
    return min(expires_at, longest)


def _clean_type(type: str) -> str:
    if not 1 <= len(type) <= 64:
        raise Invalid.field("review.type", f"must be 1 to 64 characters; got {len(type)}")
    return type


def _clean_feedback(feedback: str) -> str:
    if len(feedback) > LONGEST_FEEDBACK:
        raise Invalid.field(
            "feedback", f"must be at most {LONGEST_FEEDBACK} characters; got {len(feedback)}"
        )
    return feedback.replace("\r\n", "\n").strip()

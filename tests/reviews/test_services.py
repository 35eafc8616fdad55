"""What may happen to a review, and what may not."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from inbox.snapshots import MessageSnapshot
from placet.events.models import EventRow
from placet.lib.clock import now
from placet.lib.errors import Forbidden, Invalid, NotFound
from reviews import selectors, services
from reviews.errors import AlreadySettled
from reviews.models import Review
from tests import cast

pytestmark = pytest.mark.django_db


def settling_events(message: MessageSnapshot) -> list[str]:
    rows = EventRow.objects.filter(type__startswith="review:", data__messageId=str(message.id))
    return list(rows.values_list("type", flat=True))


def test_a_response_completes_the_review_and_is_one_event(
    ada: User, approval: MessageSnapshot
) -> None:
    done = cast.answer(ada, approval, feedback="well done")
    assert done.status == "completed"
    assert done.response == {"selectedOption": "approve", "comment": "Looks good"}
    assert (done.responded_by_name, done.feedback) == ("Ada", "well done")
    assert settling_events(approval) == ["review:responded"]


def test_a_second_response_is_refused_and_names_the_winner(
    ada: User, olga: User, approval: MessageSnapshot
) -> None:
    cast.answer(ada, approval)
    with pytest.raises(AlreadySettled) as lost:
        cast.answer(olga, approval)
    assert (lost.value.status, lost.value.message) == (403, "Review already responded")
    assert lost.value.extra["respondedBy"] == "Ada"
    assert settling_events(approval) == ["review:responded"]


def test_a_review_deleted_while_it_is_responded_to_is_no_review(
    ada: User, approval: MessageSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(row: Review, *_: Any, **__: Any) -> bool:
        Review.objects.filter(pk=row.pk).delete()
        return False

    monkeypatch.setattr(Review, "settle", too_late)
    with pytest.raises(NotFound):
        cast.answer(ada, approval)


def test_an_agent_key_can_never_respond(robot: cast.Robot, approval: MessageSnapshot) -> None:
    with pytest.raises(Forbidden):
        services.respond(
            by=robot.actor, review_id=approval.id, response={"selectedOption": "approve"}
        )
    assert settling_events(approval) == []


def test_a_stranger_sees_no_review_rather_than_a_forbidden_one(
    bob: User, approval: MessageSnapshot
) -> None:
    with pytest.raises(NotFound) as stranger:
        cast.answer(bob, approval)
    with pytest.raises(NotFound) as nothing:
        services.respond(by=bob.as_actor(), review_id="no-such-review", response={})
    assert stranger.value.message == nothing.value.message


def test_a_reviewer_who_is_not_the_owner_may_respond(
    bob: User, robot: cast.Robot, ada: User
) -> None:
    from agents.services import set_reviewers

    set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=[bob.pk])
    assert cast.answer(bob, cast.ask(robot)).responded_by_name == "Bob"


def test_a_wrong_response_is_refused_and_leaves_the_review_open(
    ada: User, approval: MessageSnapshot
) -> None:
    with pytest.raises(Invalid) as refused:
        cast.answer(ada, approval, {"selectedOption": "later"})
    assert refused.value.errors[0].path == "response.selectedOption"
    assert "later" in refused.value.errors[0].message
    assert selectors.review_for(ada.as_actor(), approval.id).is_open


def test_nobody_can_respond_at_or_after_the_deadline(ada: User, approval: MessageSnapshot) -> None:
    assert approval.review
    with pytest.raises(AlreadySettled) as late:
        cast.answer(ada, approval, at=approval.review.expires_at)
    assert late.value.extra["status"] == "expired"
    last_chance = approval.review.expires_at - timedelta(milliseconds=1)
    assert cast.answer(ada, approval, at=last_chance).status == "completed"


def test_nobody_is_told_expired_while_a_last_moments_response_may_still_be_committed(
    ada: User, approval: MessageSnapshot
) -> None:
    Review.objects.filter(pk=approval.id).update(expires_at=now())
    seen = selectors.review_for(ada.as_actor(), approval.id)
    assert (seen.status, seen.is_open, seen.is_final, seen.is_overdue) == (
        "pending", False, False, True,
    )  # fmt: skip


def test_a_review_reads_as_expired_before_the_sweep_has_been_there(
    ada: User, approval: MessageSnapshot
) -> None:
    Review.objects.filter(pk=approval.id).update(expires_at=now() - timedelta(seconds=1))
    seen = selectors.review_for(ada.as_actor(), approval.id)
    assert seen.status == "expired"
    assert Review.objects.get(pk=approval.id).status == "pending"


def test_the_sweep_expires_what_is_due_once_and_nothing_else(robot: cast.Robot, ada: User) -> None:
    due, open_, done = (
        cast.ask(robot, expires_in_seconds=10),
        cast.ask(robot),
        cast.ask(robot, expires_in_seconds=10),
    )
    cast.answer(ada, done)
    later = now() + timedelta(seconds=60)
    assert services.expire_due_reviews(at=later) == 1
    assert services.expire_due_reviews(at=later) == 0
    assert [settling_events(message) for message in (due, open_, done)] == [
        ["review:expired"],
        [],
        ["review:responded"],
    ]


def test_the_sweep_works_in_batches(robot: cast.Robot) -> None:
    for _ in range(5):
        cast.ask(robot, expires_in_seconds=10)
    later = now() + timedelta(seconds=60)
    assert [services.expire_due_reviews(at=later, batch=2) for _ in range(4)] == [2, 2, 1, 0]


def test_the_agent_that_asked_can_take_its_question_back_and_nobody_can_respond_then(
    robot: cast.Robot, ada: User, approval: MessageSnapshot
) -> None:
    assert services.cancel_review(by=robot.actor, review_id=approval.id).status == "cancelled"
    with pytest.raises(AlreadySettled) as late:
        cast.answer(ada, approval)
    assert late.value.message == "Review already cancelled"
    assert settling_events(approval) == ["review:cancelled"]


def test_another_agent_cannot_cancel_it(other_robot: cast.Robot, approval: MessageSnapshot) -> None:
    with pytest.raises(NotFound):
        services.cancel_review(by=other_robot.actor, review_id=approval.id)


def test_expiry_defaults_to_a_day_and_is_capped(robot: cast.Robot, settings: object) -> None:
    usual, long = cast.ask(robot), cast.ask(robot, expires_in_seconds=10**9)
    assert usual.review
    assert long.review
    assert usual.review.expires_at - usual.created_at == timedelta(hours=24)
    assert long.review.expires_at - long.created_at == timedelta(hours=36)


def test_an_expiry_in_the_past_is_refused_by_name(robot: cast.Robot) -> None:
    with pytest.raises(Invalid) as refused:
        cast.ask(robot, expires_at=now() - timedelta(seconds=1))
    assert refused.value.errors[0].path == "review.expiresAt"


def test_password_values_are_sealed_at_rest_and_opened_only_on_purpose(
    ada: User, robot: cast.Robot
) -> None:
    done = cast.answer(ada, cast.ask(robot, "form"))
    row = Review.objects.get(pk=done.id)
    assert "hunter2" not in str(row.response) + row.sealed + repr(done)
    assert done.response == {"region": "eu", "count": 3, "token": "***REDACTED***"}
    assert done.revealed() == {"region": "eu", "count": 3, "token": "hunter2-hunter2"}

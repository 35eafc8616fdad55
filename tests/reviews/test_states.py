"""Any order of asking, responding, cancelling, waiting and sweeping: the rows agree with a dict, and each end is told once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from inbox.snapshots import MessageSnapshot
from placet.events.models import EventRow
from reviews import selectors, services
from reviews.errors import AlreadySettled
from reviews.snapshots import LONGEST_COMMIT
from tests import cast

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
pick = st.integers(min_value=0, max_value=9)


class Questions(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.traveller = time_machine.travel(START, tick=False)
        self.clock = self.traveller.start()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.ada = cast.make_user("Ada")
        self.robot = cast.make_robot(self.ada)
        self.questions: list[MessageSnapshot] = []
        self.expected: list[str] = []
        self.swept: list[bool] = []
        self.time = START

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.traveller.stop()

    @rule(seconds=st.integers(min_value=1, max_value=100))
    def ask(self, seconds: int) -> None:
        self.questions.append(cast.ask(self.robot, expires_in_seconds=seconds))
        self.expected.append("pending")
        self.swept.append(False)

    @rule(seconds=st.integers(min_value=1, max_value=60))
    def time_passes(self, seconds: int) -> None:
        self.time += timedelta(seconds=seconds)
        self.clock.move_to(self.time)
        for n, question in enumerate(self.questions):
            assert question.review
            if self.expected[n] == "pending" and question.review.expires_at <= self.time:
                self.expected[n] = "expired"

    @rule(n=pick)
    def respond(self, n: int) -> None:
        self._try(n, "completed", lambda message: cast.answer(self.ada, message))

    @rule(n=pick)
    def cancel(self, n: int) -> None:
        self._try(
            n, "cancelled", lambda m: services.cancel_review(by=self.robot.actor, review_id=m.id)
        )

    @rule()
    def sweep(self) -> None:
        due = [
            n for n, status in enumerate(self.expected) if status == "expired" and not self.swept[n]
        ]
        assert services.expire_due_reviews() == len(due)
        for n in due:
            self.swept[n] = True

    @invariant()
    def rows_agree_with_the_model(self) -> None:
        seen = [selectors.review_for(self.ada.as_actor(), one.id) for one in self.questions]
        assert [one.is_open for one in seen] == [status == "pending" for status in self.expected]
        assert [one.status for one in seen] == [
            "pending" if self._may_be_contradicted(n) else status
            for n, status in enumerate(self.expected)
        ]

    @invariant()
    def every_end_is_told_once_and_none_before(self) -> None:
        rows = EventRow.objects.filter(type__startswith="review:").order_by("pk")
        told = Counter((row.data["messageId"], row.type) for row in rows)
        word = {
            "completed": "review:responded",
            "cancelled": "review:cancelled",
            "expired": "review:expired",
        }
        ended = [
            (str(one.id), word[status])
            for one, status, swept in zip(self.questions, self.expected, self.swept, strict=True)
            if status in {"completed", "cancelled"} or swept
        ]
        assert told == Counter(ended)

    def _may_be_contradicted(self, n: int) -> bool:
        """Past its deadline, but a response of the last moment may still be on its way into the database."""
        review = self.questions[n].review
        overdue = self.expected[n] == "expired" and not self.swept[n]
        return bool(review and overdue and self.time < review.expires_at + LONGEST_COMMIT)

    def _try(self, n: int, to: str, act: object) -> None:
        if n >= len(self.questions):
            return
        if self.expected[n] == "pending":
            act(self.questions[n])  # type: ignore[operator]
            self.expected[n] = to
        else:
            with pytest.raises(AlreadySettled) as lost:
                act(self.questions[n])  # type: ignore[operator]
            assert lost.value.extra["status"] == self.expected[n]


@pytest.mark.django_db
def test_any_history_of_a_review_is_a_legal_one() -> None:
    run_state_machine_as_test(
        Questions,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""Any order of writing, reporting, asking, answering, stopping and silence: the rows agree with a dict, and each step is told once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from placet.events.models import EventRow
from reviews import services as reviews
from reviews.models import Review
from runs import selectors
from runs.errors import RunEnded, RunStopping
from runs.models import Activity, Run
from runs.services import lapsing, prompting, stopping
from tests import cast
from tests.runs.parts import history, make_runner, run_of, tell, write
from tests.runs.test_states import EXPECTED

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OPEN = {"created", "in_progress", "awaiting", "stopping", "stale"}
REPORTS = st.sampled_from(["thought", "action", "elicitation", "response", "error"])


class Histories(RuleBasedStateMachine):
    """One conversation. The model: the newest run's state by the table, its open question, and how many activities there are."""

    def __init__(self) -> None:
        super().__init__()
        self.traveller = time_machine.travel(START, tick=False)
        self.clock = self.traveller.start()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.ada = cast.make_user("Ada")
        self.runner = make_runner(self.ada)
        self.time = self.heard = START
        self.status = ""
        self.stop_asked = False
        self.question: Any = None
        self.runs = self.activities = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.traveller.stop()

    def _after(self, what: str) -> str | None:
        stale_stop = self.status == "stale" and self.stop_asked
        return EXPECTED[(self.status, stale_stop, what)]

    def _happened(self, what: str) -> None:
        to = self._after(what)
        assert to
        if self.status == "stopped" and to != "stopped":
            self.stop_asked = False
        self.status, self.heard = to, self.time
        self.activities += 1

    @rule()
    def write(self) -> None:
        if self.status not in OPEN:
            self.status, self.stop_asked, self.question = "created", False, None
            self.runs += 1
            self.activities += 1
            self.heard = self.time
        else:
            self._happened("prompt")
            self.question = None
        write(self.ada, self.runner, "A message")
        assert history(run_of(self.runner).id)[-1] == ("prompt", "A message")

    @precondition(lambda self: self.status)
    @rule()
    def prompt_this_one(self) -> None:
        run = run_of(self.runner)
        self._happened("prompt")
        self.question = None
        prompting.prompt(by=self.ada.as_actor(), run_id=run.id, text="To this run")
        assert run_of(self.runner).id == run.id

    @precondition(lambda self: self.status)
    @rule(what=REPORTS)
    def report(self, what: str) -> None:
        if self._after(what) is None:
            with pytest.raises((RunStopping, RunEnded)):
                tell(self.runner, what)
            return
        self._happened(what)
        reported = tell(self.runner, what)
        if what == "elicitation":
            self.question = reported.activity.message_id
        elif what in {"response", "error"}:
            self.question = None

    @precondition(lambda self: self.question)
    @rule()
    def answer(self) -> None:
        by, question = self.ada.as_actor(), self.question
        self._happened("prompt")
        self.question = None
        reviews.respond(by=by, review_id=question, response={"text": "An answer"})
        assert history(run_of(self.runner).id)[-1] == ("prompt", "An answer")

    @precondition(lambda self: self.question)
    @rule()
    def take_back(self) -> None:
        """Its state stays: nothing was said."""
        reviews.cancel_review(by=self.runner.actor, review_id=self.question)
        self.question = None

    @precondition(lambda self: self.status)
    @rule()
    def stop(self) -> None:
        by, run_id = self.ada.as_actor(), run_of(self.runner).id
        if self.status in OPEN and self.stop_asked:
            assert stopping.stop(by=by, run_id=run_id).status == self.status
        elif self._after("stop") is None:
            with pytest.raises(RunEnded):
                stopping.stop(by=by, run_id=run_id)
        else:
            self._happened("stop")
            self.stop_asked, self.question = True, None
            stopping.stop(by=by, run_id=run_id)

    @rule(minutes=st.sampled_from([1, 10, 29, 31]))
    def time_passes(self, minutes: int) -> None:
        self.time += timedelta(minutes=minutes)
        self.clock.move_to(self.time)

    @rule()
    def sweep(self) -> None:
        due = self.status in {"created", "in_progress", "stopping"}
        due = due and self.time - self.heard >= timedelta(minutes=30)
        assert lapsing.mark_stale_runs() == due
        if due:
            self.status = "stale"

    @invariant()
    def the_rows_agree(self) -> None:
        if not self.status:
            assert not Run.objects.exists()
            return
        run = run_of(self.runner)
        assert (run.status, run.awaits) == (self.status, self.question)
        assert Run.objects.count() == self.runs
        assert Run.objects.open().count() == (self.status in OPEN)
        assert (run.ended_at is None) == (self.status in OPEN)
        assert Activity.objects.count() == self.activities

    @invariant()
    def only_the_newest_question_is_open(self) -> None:
        pending = list(Review.objects.pending().values_list("pk", flat=True))
        assert pending == ([self.question] if self.question else [])

    @invariant()
    def each_activity_is_told_once_and_numbered_in_a_row(self) -> None:
        rows = EventRow.objects.filter(type="run:activity")
        told = sorted(row.data["activityId"] for row in rows)
        assert told == sorted(str(pk) for pk in Activity.objects.values_list("pk", flat=True))
        for run in Run.objects.all():
            found = selectors.activities_page(self.runner.actor, run.pk, limit=100).activities
            assert [one.number for one in found] == list(range(1, run.length + 1))


@pytest.mark.django_db
def test_any_history_of_a_run_is_a_legal_one() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=30,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""The one thread that gets up when something is due."""

from datetime import timedelta

import pytest

from accounts.models import User
from placet.lib.clock import now
from placet.sleeper import settle_what_is_due
from runs.models import Run
from runs.tasks import mark_stale_runs
from tests.runs.parts import make_runner, run_of, write

pytestmark = pytest.mark.django_db


def test_it_gets_up_for_a_silence_and_marks_it(ada: User) -> None:
    runner = make_runner(ada)
    write(ada, runner)
    Run.objects.update(stale_at=now() + timedelta(seconds=0.4))
    assert 0 < settle_what_is_due() <= 0.4
    assert run_of(runner).status == "created"
    Run.objects.update(stale_at=now())
    settle_what_is_due()
    assert run_of(runner).status == "stale"


def test_a_sweep_stands_behind_it(ada: User) -> None:
    runner = make_runner(ada)
    write(ada, runner)
    Run.objects.update(stale_at=now())
    assert mark_stale_runs() == 1
    assert run_of(runner).status == "stale"


@pytest.mark.sqlite
def test_the_look_is_one_step_in_a_partial_index(ada: User) -> None:
    write(ada, make_runner(ada))
    plan = Run.objects.filter(stale_at__isnull=False).order_by("stale_at").explain()
    assert "SEARCH runs_run USING INDEX run_due" in plan

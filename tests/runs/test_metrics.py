from typing import Any

import pytest

from accounts.models import User
from placet.lib.metrics import read_database
from placet.totals import services
from runs.services import opening
from tests.runs.parts import make_runner, tell, write

pytestmark = pytest.mark.django_db


def labelled(name: str) -> dict[str, Any]:
    figure = next(one for one in read_database() if one.name == name)
    return {next(iter(s.labels.values())): s.value for s in figure.samples if s.value}


def test_runs_and_what_happens_in_them_are_counted(ada: User) -> None:
    runner, sibling = make_runner(ada), make_runner(ada, "Sibling")
    write(ada, runner)
    tell(runner, "thought")
    tell(runner, "response")
    opening.open_run(by=sibling.actor)
    services.count_up()
    assert labelled("placet_runs_begun") == {"message": 1, "agent": 1}
    assert labelled("placet_run_activities") == {"prompt": 1, "thought": 1, "response": 1}

"""What /metrics says of open questions."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from placet.lib.clock import as_of, now
from reviews import metrics
from tests import cast

pytestmark = pytest.mark.django_db


def told() -> dict[str, float]:
    pending, overdue = metrics.open_reviews()
    counts = {sample.labels["type"]: sample.value for sample in pending.samples}
    return {**counts, "overdue": overdue.samples[0].value}


NONE = {**dict.fromkeys(metrics.TYPES, 0), "overdue": 0}


def test_open_questions_are_counted_by_type(robot: cast.Robot, ada: Any) -> None:
    assert told() == NONE
    asked = [cast.ask(robot), cast.ask(robot), cast.ask(robot, "form")]
    for word in ("aproval", "go?"):
        cast.ask(robot, word, payload={})
    assert told() == {**NONE, "approval": 2, "form": 1, "other": 2}
    cast.answer(ada, asked[0])
    assert told()["approval"] == 1


def test_they_are_counted_no_further_than_is_cheap(robot: cast.Robot) -> None:
    for _ in range(4):
        cast.ask(robot)
    with patch.object(metrics, "MOST_COUNTED", 3):
        assert told()["approval"] == 3


def test_one_sees_that_nobody_expires_what_is_due(robot: cast.Robot) -> None:
    with as_of(now() - timedelta(minutes=5)):
        cast.ask(robot, expires_in_seconds=60)
        cast.ask(robot, expires_in_seconds=120)
    assert 240 <= told()["overdue"] < 300


def test_a_scrape_walks_the_index_of_open_questions(robot: cast.Robot) -> None:
    """And reads the rows of no settled one, however many there are."""
    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute("SET LOCAL enable_seqscan = off")
                how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
                cursor.cursor.execute(f"{how} {sql}", params)
                plans.append(str(cursor.cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        told()
    assert len(plans) == 2
    assert all("review_open_expiry" in plan for plan in plans), plans

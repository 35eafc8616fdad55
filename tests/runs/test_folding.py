"""A run as a person reads it: whatever happened, every activity stands in it once and in its order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.folding import at_work, fold
from runs.models import ActivityType
from runs.snapshots import ActivitySnapshot

BEGAN = datetime(2026, 5, 5, 12, tzinfo=UTC)


def activities(types: list[str]) -> list[ActivitySnapshot]:
    run_id = uuid4()
    return [
        ActivitySnapshot(
            id=uuid4(),
            run_id=run_id,
            number=n,
            type=type,
            content={"body": f"{type} {n}"},
            content_metadata=None,
            ephemeral=False,
            signal=None,
            signal_metadata=None,
            user_id=None,
            user_name="",
            message_id=None,
            created_at=BEGAN + timedelta(seconds=n),
        )
        for n, type in enumerate(types, 1)
    ]


@given(st.lists(st.sampled_from([one.value for one in ActivityType]), max_size=30))
def test_nothing_is_left_out_and_nothing_told_twice(types: list[str]) -> None:
    given_ = activities(types)
    legs = fold(given_)
    told = [one for leg in legs for one in (*leg.steps, *([leg.said] if leg.said else []))]
    assert told == given_
    assert all(leg.steps or leg.said for leg in legs)
    assert all(leg.said for leg in legs[:-1])


def test_the_latest_step_stands_for_those_before_it() -> None:
    leg = at_work(activities(["prompt", "thought", "action", "thought"]))
    assert [step.number for step in leg.steps] == [2, 3, 4]
    assert leg.latest is not None
    assert leg.latest.number == 4


def actions(*contents: dict[str, Any] | str) -> list[ActivitySnapshot]:
    """Actions by their content, and thoughts by their text."""
    made = activities(["thought" if isinstance(one, str) else "action" for one in contents])
    bodies = [{"body": one} if isinstance(one, str) else one for one in contents]
    return [replace(one, content=body) for one, body in zip(made, bodies, strict=True)]


def shown(*contents: dict[str, Any] | str) -> list[tuple[int, Any]]:
    """The number of each step, and its result or text."""
    leg = at_work(actions(*contents))
    return [(one.number, one.content.get("result", one.body)) for one in leg.steps]


LOOKED = {"action": "Looked", "parameters": {"at": "the log"}}
RUNNING, FOUND = {**LOOKED, "result": None}, {**LOOKED, "result": "3 errors"}


def test_an_action_and_its_later_result_are_one_step_where_it_began() -> None:
    assert shown(RUNNING, FOUND) == [(1, "3 errors")]
    assert shown("Hm", RUNNING, "Slow", FOUND, "Ah") == [
        (1, "Hm"), (2, "3 errors"), (3, "Slow"), (5, "Ah"),
    ]  # fmt: skip
    assert shown(RUNNING, {**FOUND, "result": ""}) == [(1, "")], "Nothing is a result, too."


def test_it_is_the_latest_step_when_its_result_was_the_last_that_was_told() -> None:
    leg = at_work(actions(RUNNING, "Slow", FOUND))
    assert leg.latest == leg.steps[0]
    assert leg.latest.content["result"] == "3 errors"


@pytest.mark.parametrize(
    "other",
    [
        {**FOUND, "action": "Listened"},
        {**FOUND, "parameters": {"at": "the door"}},
        {**FOUND, "parameters": {"at": "the log", "since": "noon"}},
        {**FOUND, "parameters": {}},
        RUNNING,
    ],
)
def test_what_is_another_action_or_brings_nothing_stays_a_step(other: dict[str, Any]) -> None:
    assert len(shown(RUNNING, other)) == 2


def test_a_result_that_nothing_announced_is_a_step_and_each_belongs_to_one_action() -> None:
    second = {**FOUND, "result": "none"}
    assert shown(FOUND, RUNNING) == [(1, "3 errors"), (2, None)]
    assert shown(FOUND, second) == [(1, "3 errors"), (2, "none")]
    assert shown(RUNNING, FOUND, second) == [(1, "3 errors"), (3, "none")]
    assert shown(RUNNING, RUNNING, FOUND, second) == [(1, "3 errors"), (2, "none")]


def test_what_was_said_in_between_parts_them() -> None:
    began, found = actions(RUNNING, FOUND)
    prompt = replace(began, type="prompt", number=2, content={"body": "Hurry"})
    first, last = fold([began, prompt, replace(found, number=3)])
    assert [len(leg.steps) for leg in (first, last)] == [1, 1]


def test_who_has_said_something_is_at_no_step() -> None:
    assert at_work(activities(["prompt", "thought", "elicitation"])).steps == ()

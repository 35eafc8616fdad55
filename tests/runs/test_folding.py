"""A run as a person reads it: whatever happened, every activity stands in it once and in its order."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

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


def test_who_has_said_something_is_at_no_step() -> None:
    assert at_work(activities(["prompt", "thought", "elicitation"])).steps == ()

"""The state machine alone: the table of the contract, written down a second time."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from runs.states import LIVE, OPEN, Happening, Status, after, is_live, is_open

AGENTS = ("thought", "action", "elicitation", "response", "error")
# Columns: prompt, thought, action, elicitation, response, error, stop, silence. A dot is a refusal.
ROWS = """
created      in_progress  in_progress in_progress awaiting completed failed  stopping stale
in_progress  in_progress  in_progress in_progress awaiting completed failed  stopping stale
awaiting     in_progress  in_progress in_progress awaiting completed failed  stopping .
completed    in_progress  in_progress in_progress awaiting completed failed  .        .
failed       in_progress  in_progress in_progress awaiting completed failed  .        .
stopping     stopping     stopping    stopping    .        stopped   stopped stopping stale
stopped      in_progress  stopped     stopped     .        stopped   stopped .        .
stale        in_progress  in_progress in_progress awaiting completed failed  stopping .
stale+stop   stopping     stopping    stopping    .        stopped   stopped stopping .
"""
COLUMNS = ("prompt", *AGENTS, "stop", "silence")
EXPECTED = {
    (row[0].partition("+")[0], row[0].endswith("+stop"), what): None if to == "." else to
    for row in map(str.split, ROWS.strip().splitlines())
    for what, to in zip(COLUMNS, row[1:], strict=True)
}
STEPS = st.lists(st.sampled_from(list(Happening)), max_size=40)


def test_every_state_and_happening_is_as_the_table_says() -> None:
    for (status, stop_asked, what), to in EXPECTED.items():
        got = after(Status(status), Happening(what), stop_asked=stop_asked)
        assert got == to, (status, stop_asked, what)
    assert len(EXPECTED) == (len(Status) + 1) * len(Happening)


def test_only_the_prompt_that_opens_a_run_leaves_it_as_it_is() -> None:
    for status, what in product(Status, Happening):
        usual, first = after(status, what), after(status, what, is_first=True)
        opens = (status, what) == (Status.CREATED, Happening.PROMPT)
        assert first == (Status.CREATED if opens else usual)


def test_open_live_and_ended_are_what_the_table_makes_of_them() -> None:
    assert set(LIVE) == {status for status in Status if after(status, Happening.SILENCE)}
    assert set(OPEN) == {status for status in Status if after(status, Happening.STOP)}
    assert set(LIVE) < set(OPEN)
    assert [is_open("completed"), is_open("stale"), is_live("stale")] == [False, True, False]


def walk(steps: list[Happening]) -> tuple[Status, bool, list[tuple[Status, Happening, Status]]]:
    status, stop_asked, way = Status.CREATED, False, []
    for what in steps:
        to = after(status, what, stop_asked=stop_asked)
        if to is None:
            continue
        way.append((status, what, to))
        if what == Happening.STOP:
            stop_asked = True
        elif status == Status.STOPPED and to != Status.STOPPED:
            stop_asked = False
        status = to
    return status, stop_asked, way


@given(STEPS)
def test_whatever_happens_a_stop_ends_as_stopped_or_is_waited_for(steps: list[Happening]) -> None:
    status, stop_asked, _ = walk(steps)
    assert not stop_asked or status in {Status.STOPPING, Status.STALE, Status.STOPPED}


@given(STEPS)
def test_only_a_person_opens_what_a_person_has_stopped(steps: list[Happening]) -> None:
    for before, what, to in walk(steps)[2]:
        if before == Status.STOPPED and to != Status.STOPPED:
            assert what == Happening.PROMPT


@given(STEPS)
def test_any_word_of_the_agent_recovers_a_stale_run(steps: list[Happening]) -> None:
    for before, what, to in walk(steps)[2]:
        if before == Status.STALE and what in AGENTS:
            assert to != Status.STALE


@given(STEPS)
def test_nothing_goes_stale_that_waits_for_a_person(steps: list[Happening]) -> None:
    for before, _, to in walk(steps)[2]:
        if to == Status.STALE:
            assert before in LIVE

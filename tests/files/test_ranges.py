"""Which bytes a request asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.ranges import MOST, Span, Unsatisfiable, spans_in


@pytest.mark.parametrize(
    ("header", "spans"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=2-5", [(2, 6)]),
        ("bytes=5-", [(5, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-99", [(0, 10)]),
        ("bytes=8-99", [(8, 10)]),
        ("Bytes = 1 - 2", [(1, 3)]),
        ("bytes=0-1,4-5", [(0, 2), (4, 6)]),
        ("bytes=4-5, 0-1", [(0, 2), (4, 6)]),
        ("bytes=0-3,2-5", [(0, 6)]),
        ("bytes=0-1,2-3", [(0, 4)]),
        ("bytes=0-1,50-60", [(0, 2)]),
        ("", []),
        ("items=0-1", []),
        ("bytes 0-1", []),
        ("bytes=", []),
        ("bytes=-", []),
        ("bytes=a-b", []),
        ("bytes=5-2", []),
        ("bytes=0-1,x", []),
        ("bytes=-1-2", []),
        ("bytes=" + ",".join(["0-1"] * (MOST + 1)), []),
        ("bytes=" + "9" * 5000 + "-", []),
    ],
)
def test_a_range_is_read_as_the_standard_says(header: str, spans: list[tuple[int, int]]) -> None:
    assert spans_in(header, 10) == [Span(*span) for span in spans]


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_bytes_that_are_not_there_cannot_be_sent(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        spans_in(header, size)


@given(st.from_regex(r"bytes=(\d{0,4}-\d{0,4}, ?){0,9}\d{0,4}-\d{0,4}"), st.integers(0, 2000))
def test_every_answer_lies_within_the_file_in_order_and_apart(header: str, size: int) -> None:
    try:
        spans = spans_in(header, size)
    except Unsatisfiable:
        return
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(set(edges))
    assert all(0 <= edge <= size for edge in edges)

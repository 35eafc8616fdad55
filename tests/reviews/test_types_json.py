"""Rules of every payload and every response, whatever the type."""

from typing import Any

import pytest

from reviews import types
from tests.reviews.refusals import refused

ANY = types.get("anything")


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(levels - 1):
        inner = {"a": inner}
    return inner


@pytest.mark.parametrize(
    "slug", ["approval", "selection", "form", "text-input", "freeform", "anything"]
)
@pytest.mark.parametrize(
    ("value", "word"),
    [
        ([], "an array"),
        ("hunter2", "a string"),
        (7, "a number"),
        (1.5, "a number"),
        (True, "a boolean"),
    ],
)
def test_only_objects_pass_and_what_was_sent_instead_is_not_echoed(slug, value, word):
    kind = types.get(slug)
    payload = {"options": [{"id": "a", "label": "A"}]}
    assert refused(kind.clean_payload, value) == {
        "review.payload": f"must be an object; got {word}"
    }
    assert refused(kind.clean_response, payload, value) == {
        "response": f"must be an object; got {word}"
    }


def test_null_is_no_response():
    assert refused(ANY.clean_response, {}, None) == {"response": "must be an object; got null"}


@pytest.mark.parametrize(
    ("response", "path", "phrase"),
    [
        ({"a": ["x", "b\x00"]}, "response.a.1", "must not contain the character U+0000"),
        ({"a": "\ud800"}, "response.a", "must not contain half of a surrogate pair"),
        ({"a": {"b\x00": 1}}, "response.a", "has a key that must not contain the character U+0000"),
        (
            {"a": float("nan")},
            "response.a",
            "must be a number from -9223372036854775808 to 18446744073709551615; got NaN",
        ),
        (
            {"a": float("-inf")},
            "response.a",
            "must be a number from -9223372036854775808 to 18446744073709551615; got -Infinity",
        ),
        (
            {"a": 2**64},
            "response.a",
            "must be a number from -9223372036854775808 to 18446744073709551615; got 18446744073709551616",
        ),
        (
            {"a": -(2**63) - 1},
            "response.a",
            "must be a number from -9223372036854775808 to 18446744073709551615; got -9223372036854775809",
        ),
        (
            {"a": 1e30},
            "response.a",
            "must be a number from -9223372036854775808 to 18446744073709551615; got 1e+30",
        ),
        (nested(65), "response" + ".a" * 64, "must not nest deeper than 64 levels"),
    ],
)
def test_what_a_database_or_a_strict_reader_would_choke_on_is_refused(response, path, phrase):
    assert refused(ANY.clean_response, {}, response) == {path: phrase}


def test_sixty_four_levels_pass():
    assert ANY.clean_response({}, nested(64)) == nested(64)


def test_a_flood_of_errors_is_cut_and_long_keys_too():
    flood = {f"{n}" + "k" * 100: float("nan") for n in range(50)}
    errors = refused(ANY.clean_response, {}, flood)
    assert len(errors) == 20
    assert max(map(len, errors)) == len("response.") + 80


def test_long_values_are_cut_in_messages():
    errors = refused(types.get("approval").clean_payload, {"options": "x" * 500})
    assert errors["review.payload.options"] == 'must be an array; got "' + "x" * 78 + "…"

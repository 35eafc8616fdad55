import json

import pytest

from reviews import types
from tests.reviews.refusals import posted, refused

every_open_type = pytest.mark.parametrize("kind", [types.get("freeform"), types.get("signature")])


@every_open_type
def test_any_object_may_be_asked_and_answered(kind):
    payload = {"plugin": "chart", "deep": [{"x": None}], "_dismissed": 1}
    assert kind.clean_payload(None) == {}
    assert kind.clean_payload(payload) == payload
    assert kind.clean_response({}, payload) == payload
    assert kind.clean_response({}, {}) == {}


@every_open_type
def test_the_form_posts_json(kind):
    assert kind.from_form({}, posted(("json", ' {"a": [1, null]}\r\n'))) == {"a": [1, None]}


@every_open_type
@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("", "must be JSON; Expecting value at line 1, column 1"),
        ('{"a":\r\n tru}', "must be JSON; Expecting value at line 2, column 2"),
        ('{"a": NaN}', "must be JSON; NaN is not a JSON value"),
        ("[" * 100_000, "must be JSON; maximum recursion depth exceeded"),
        ('{"a": ' + "9" * 5_000 + "}", "must be JSON; Exceeds the limit"),
        ("[]", "must be an object; got an array"),
        ("null", "must be an object; got null"),
    ],
)
def test_what_is_no_json_object_is_refused_with_the_place(kind, text, phrase):
    errors = refused(kind.from_form, {}, posted(("json", text)))
    assert list(errors) == ["response"]
    assert errors["response"].startswith(phrase)


def test_a_number_too_big_for_a_float_is_refused():
    errors = refused(types.get("freeform").from_form, {}, posted(("json", '{"a": 1e999}')))
    assert errors == {
        "response.a": "must be a number from -9223372036854775808 to 18446744073709551615; got Infinity"
    }


@every_open_type
def test_an_outcome_lists_the_keys(kind):
    outcome = kind.outcome({}, {"text": "as it is", "list": [1, "ü"], "no": None})
    assert outcome == types.Outcome(
        label="Responded",
        tone="neutral",
        lines=(("text", "as it is"), ("list", '[1, "ü"]'), ("no", "null")),
    )
    assert len(kind.outcome({}, {str(n): n for n in range(50)}).lines) == 20


@every_open_type
def test_the_card_shows_the_draft_even_when_it_is_not_json_yet(kind):
    assert kind.card({}, None)["value"] == ""
    assert json.loads(kind.card({}, {"a": 1})["value"]) == {"a": 1}
    assert kind.card({}, {"_json": '{"a": '})["value"] == '{"a": '
    assert json.loads(kind.card({}, {"_json": 1})["value"]) == {"_json": 1}


def test_the_card_shows_the_schema_an_agent_sent():
    assert json.loads(
        types.get("freeform").card({"schema": {"type": "object"}}, None)["schema"]
    ) == {"type": "object"}
    assert types.get("freeform").card({}, None)["schema"] == ""

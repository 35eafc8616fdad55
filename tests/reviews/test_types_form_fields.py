"""What each of the twelve kinds of field takes, and what it says when it does not."""

from typing import Any

import pytest

from reviews import types
from tests.reviews.refusals import refused

KIND = types.get("form")
SIZES: dict[str, Any] = {"options": [{"value": "s", "label": "Small"}, 2, True, 0.5]}
EVEN: dict[str, Any] = {"min": 0, "max": 10, "step": 2}
TENTHS: dict[str, Any] = {"min": 0, "max": 1, "step": 0.1}
MARCH: dict[str, Any] = {"min": "2026-03-01", "max": "2026-03-31"}
OFFICE: dict[str, Any] = {"min": "09:00", "max": "17:30"}


def form(kind: str, **spec: Any) -> dict[str, Any]:
    return {"fields": [{"name": "x", "type": kind, "label": "X", **spec}]}


GOOD: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("text", {}, "a", "a"),
    ("text", {}, " a ", " a "),
    ("text", {"minLength": 2, "maxLength": 2}, "🦉🦉", "🦉🦉"),
    (
        "text",
        {"min": "words", "max": []},
        "bounds of other kinds do not matter",
        "bounds of other kinds do not matter",
    ),
    ("textarea", {"maxLength": 3}, "a\r\nb", "a\nb"),
    ("email", {}, " ada@example.org ", "ada@example.org"),
    ("url", {}, " https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
    ("url", {}, "http://localhost:8000/", "http://localhost:8000/"),
    ("password", {}, "  ", "  "),
    ("password", {}, " a\r\n", " a\r\n"),
    ("number", {}, 3, 3),
    ("number", {}, 3.0, 3.0),
    ("number", {}, "3", 3),
    ("number", {}, " -3 ", -3),
    ("number", {}, "+3", 3),
    ("number", {}, "3.50", 3.5),
    ("number", {}, ".5", 0.5),
    ("number", {}, "5.", 5.0),
    ("number", {}, "1e3", 1000.0),
    ("number", {}, 2**63, 2**63),
    ("number", {}, 0, 0),
    ("number", EVEN, 0, 0),
    ("number", EVEN, "10", 10),
    ("number", {"min": 1, "step": 2}, 5, 5),
    ("number", {"step": "any"}, 0.123, 0.123),
    ("number", {"step": 0.1}, 0.1 + 0.2, 0.1 + 0.2),
    ("number", {"step": 0.1}, 1e17, 1e17),
    ("number", {"max": -5}, -6, -6),
    ("range", {}, 50, 50),
    ("range", TENTHS, 0.7, 0.7),
    ("range", {"step": "any"}, 0.123, 0.123),
    ("select", SIZES, "s", "s"),
    ("select", SIZES, 2, 2),
    ("select", SIZES, "2", 2),
    ("select", SIZES, True, True),
    ("select", SIZES, "true", True),
    ("select", SIZES, "0.5", 0.5),
    ("select", {"options": [1.0]}, 1, 1.0),
    ("checkbox", {}, True, True),
    ("checkbox", {"required": True}, True, True),
    ("date", {}, "2024-02-29", "2024-02-29"),
    ("date", MARCH, "2026-03-01", "2026-03-01"),
    ("date", MARCH, "2026-03-31", "2026-03-31"),
    ("time", {}, "09:30", "09:30"),
    ("time", OFFICE, "17:30:00", "17:30:00"),
    ("time", {"step": 900}, "10:07", "10:07"),
    ("datetime", {}, "2026-03-01T09:30", "2026-03-01T09:30"),
    ("datetime", {"max": "2026-03-01T09:30:30"}, "2026-03-01T09:30:15", "2026-03-01T09:30:15"),
]

BAD: list[tuple[str, dict[str, Any], Any, str]] = [
    ("text", {}, 5, "must be a string; got 5"),
    ("text", {}, {"a": 1}, "must be a string; got an object"),
    ("text", {"minLength": 2}, "a", "must have at least 2 characters; got 1"),
    ("text", {"maxLength": 2}, "abc", "must have at most 2 characters; got 3"),
    ("text", {"maxLength": 0}, "a", "must have at most 0 characters; got 1"),
    ("textarea", {}, "x" * 100_001, "must have at most 100000 characters; got 100001"),
    ("email", {}, "ada@", 'must be an e-mail address; got "ada@"'),
    ("email", {}, ["ada@example.org"], "must be a string; got an array"),
    ("email", {}, "Ada <ada@example.org>", 'must be an e-mail address; got "Ada <ada@example.org>"'),
    ("url", {}, "example.org", 'must be an http or https URL; got "example.org"'),
    ("url", {}, "javascript:alert(1)", 'must be an http or https URL; got "javascript:alert(1)"'),
    ("url", {}, "ftp://example.org", 'must be an http or https URL; got "ftp://example.org"'),
    ("url", {}, "http://", 'must be an http or https URL; got "http://"'),
    ("url", {}, "http://a b.example", 'must be an http or https URL; got "http://a b.example"'),
    ("url", {}, "http://a.example\\@b.example", 'must be an http or https URL; got "http://a.example\\\\@b.example"'),
    ("url", {}, "http://a.example:99999", 'must be an http or https URL; got "http://a.example:99999"'),
    ("url", {}, "http://[::1", 'must be an http or https URL; got "http://[::1"'),
    ("url", {"maxLength": 8}, "https://example.org", "must have at most 8 characters; got 19"),
    ("password", {"maxLength": 2}, "abc", "must have at most 2 characters"),
    ("number", {}, True, "must be a number; got true"),
    ("number", {}, False, "must be a number; got false"),
    ("number", {}, "three", 'must be a number; got "three"'),
    ("number", {}, "NaN", 'must be a number; got "NaN"'),
    ("number", {}, "Infinity", 'must be a number; got "Infinity"'),
    ("number", {}, "1e400", 'must be a number; got "1e400"'),
    ("number", {}, "1_000", 'must be a number; got "1_000"'),
    ("number", {}, "٣", 'must be a number; got "٣"'),
    ("number", {}, "3,5", 'must be a number; got "3,5"'),
    ("number", {}, [3], "must be a number; got an array"),
    ("number", {}, 10**400, "must be a number from -9223372036854775808 to 18446744073709551615; got 1" + "0" * 78 + "…"),
    ("number", {}, "1e25", 'must be a number from -9223372036854775808 to 18446744073709551615; got "1e25"'),
    ("number", EVEN, -2, "must be at least 0; got -2"),
    ("number", EVEN, 12, "must be at most 10; got 12"),
    ("number", EVEN, 5, "must be in steps of 2; got 5"),
    ("number", {"min": 1, "step": 2}, 4, "must be in steps of 2 from 1; got 4"),
    ("number", {"step": 0.1}, 0.25, "must be in steps of 0.1; got 0.25"),
    ("range", {}, -1, "must be at least 0; got -1"),
    ("range", {}, 101, "must be at most 100; got 101"),
    ("range", {}, 0.5, "must be in steps of 1; got 0.5"),
    ("select", SIZES, "m", 'must be one of s, 2, true, 0.5; got "m"'),
    ("select", SIZES, 1, "must be one of s, 2, true, 0.5; got 1"),
    ("select", SIZES, ["s"], "must be one of s, 2, true, 0.5; got an array"),
    ("checkbox", {}, "true", 'must be true or false; got "true"'),
    ("checkbox", {}, 1, "must be true or false; got 1"),
    ("checkbox", {}, 0, "must be true or false; got 0"),
    ("date", {}, "2026-02-29", 'must be a date like 2026-01-31; got "2026-02-29"'),
    ("date", {}, "20260131", 'must be a date like 2026-01-31; got "20260131"'),
    ("date", {}, "2026-01-31T00:00", 'must be a date like 2026-01-31; got "2026-01-31T00:00"'),
    ("date", {}, "0000-01-01", 'must be a date like 2026-01-31; got "0000-01-01"'),
    ("date", {}, 20260131, "must be a date like 2026-01-31; got 20260131"),
    ("date", MARCH, "2026-02-28", 'must be 2026-03-01 or later; got "2026-02-28"'),
    ("date", MARCH, "2026-04-01", 'must be 2026-03-31 or earlier; got "2026-04-01"'),
    ("time", {}, "9:30", 'must be a time like 09:30 or 09:30:15; got "9:30"'),
    ("time", {}, "25:00", 'must be a time like 09:30 or 09:30:15; got "25:00"'),
    ("time", {}, "09:30Z", 'must be a time like 09:30 or 09:30:15; got "09:30Z"'),
    ("time", OFFICE, "17:30:01", 'must be 17:30 or earlier; got "17:30:01"'),
    ("time", OFFICE, "08:59", 'must be 09:00 or later; got "08:59"'),
    ("datetime", {}, "2026-03-01", 'must be a date and time like 2026-01-31T09:30; got "2026-03-01"'),
    ("datetime", {}, "2026-03-01 09:30", 'must be a date and time like 2026-01-31T09:30; got "2026-03-01 09:30"'),
    ("datetime", {}, "2026-03-01T09:30Z", 'must be a date and time like 2026-01-31T09:30; got "2026-03-01T09:30Z"'),
]  # fmt: skip

WRONG_SPECS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("text", {"minLength": 3, "maxLength": 2}, {"maxLength": "must not be less than minLength (3); got 2"}),
    ("text", {"minLength": -1}, {"minLength": "must be at least 0; got -1"}),
    ("text", {"maxLength": 100_001}, {"maxLength": "must be at most 100000; got 100001"}),
    ("number", {"min": "0"}, {"min": 'must be a number; got "0"'}),
    ("number", {"max": True}, {"max": "must be a number; got true"}),
    ("number", {"step": "one"}, {"step": 'must be a number; got "one"'}),
    ("number", {"step": 0}, {"step": "must be more than 0; got 0"}),
    ("number", {"step": -1}, {"step": "must be more than 0; got -1"}),
    ("number", {"min": 3, "max": 2}, {"max": "must not be less than min (3); got 2"}),
    ("number", {"min": "a", "step": "b"}, {"min": 'must be a number; got "a"', "step": 'must be a number; got "b"'}),
    ("range", {"min": 200}, {"max": "must not be less than min (200); got 100"}),
    ("range", {"max": -1}, {"max": "must not be less than min (0); got -1"}),
    ("select", {}, {"options": "must have at least 1 item; got 0"}),
    ("select", {"options": "a,b"}, {"options": 'must be an array; got "a,b"'}),
    ("select", {"options": []}, {"options": "must have at least 1 item; got 0"}),
    ("select", {"options": ["a", "b", "a"]}, {"options.2.value": 'must be unique; got "a" again'}),
    ("select", {"options": [1, "1"]}, {"options.1.value": 'must be unique; got "1" again'}),
    ("select", {"options": [None]}, {"options.0": "must be an object; got null"}),
    ("select", {"options": [{"label": "A"}]}, {"options.0.value": "is required"}),
    ("select", {"options": [{"value": []}]}, {"options.0.value": "must be a string, a number or a boolean; got an array"}),
    ("select", {"options": [{"value": "a", "label": 5}]}, {"options.0.label": "must be a string; got 5"}),
    ("select", {"options": [str(n) for n in range(101)]}, {"options": "must have at most 100 items; got 101"}),
    ("date", {"min": "today"}, {"min": 'must be a date like 2026-01-31; got "today"'}),
    ("date", {"min": "a", "max": 5}, {"min": 'must be a date like 2026-01-31; got "a"', "max": "must be a date like 2026-01-31; got 5"}),
    ("date", {"min": "2026-03-02", "max": "2026-03-01"}, {"max": 'must not be before min (2026-03-02); got "2026-03-01"'}),
    ("time", {"step": "often"}, {"step": 'must be a number more than 0; got "often"'}),
    ("time", {"step": -60}, {"step": "must be a number more than 0; got -60"}),
    ("datetime", {"max": "2026-03-01"}, {"max": 'must be a date and time like 2026-01-31T09:30; got "2026-03-01"'}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "spec", "value", "cleaned"), GOOD)
def test_a_good_value_passes_with_its_json_type(kind, spec, value, cleaned):
    response = KIND.clean_response(KIND.clean_payload(form(kind, **spec)), {"x": value})
    assert response == {"x": cleaned}
    assert type(response["x"]) is type(cleaned)


@pytest.mark.parametrize(("kind", "spec", "value", "message"), BAD)
def test_a_bad_value_is_refused_by_rule_and_value(kind, spec, value, message):
    payload = KIND.clean_payload(form(kind, **spec))
    assert refused(KIND.clean_response, payload, {"x": value}) == {"response.x": message}


@pytest.mark.parametrize(
    ("kind", "spec", "value", "cleaned"), [row for row in GOOD if row[0] != "password"]
)
def test_a_default_is_a_value_by_the_same_rules(kind, spec, value, cleaned):
    stored = KIND.clean_payload(form(kind, **spec, defaultValue=value))["fields"][0]["defaultValue"]
    assert (stored, type(stored)) == (cleaned, type(cleaned))


@pytest.mark.parametrize(("kind", "spec", "value", "message"), BAD)
def test_a_bad_default_is_refused_when_it_is_posted(kind, spec, value, message):
    errors = refused(KIND.clean_payload, form(kind, **spec, defaultValue=value))
    assert errors == {"review.payload.fields.0.defaultValue": message}


@pytest.mark.parametrize(
    "kind", ["text", "number", "select", "checkbox", "date", "range", "password"]
)
@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_default_is_none_even_of_a_required_field(kind, empty):
    spec = form(kind, options=["a"], required=True, defaultValue=empty)
    assert refused(KIND.clean_payload, spec) == {}


@pytest.mark.parametrize(("kind", "spec", "errors"), WRONG_SPECS)
def test_a_spec_that_makes_no_sense_is_refused_before_its_default(kind, spec, errors):
    found = refused(KIND.clean_payload, form(kind, **spec, defaultValue=["nonsense"]))
    assert found == {f"review.payload.fields.0.{path}": what for path, what in errors.items()}


@pytest.mark.parametrize(
    "kind",
    [
        "text",
        "number",
        "email",
        "url",
        "textarea",
        "select",
        "date",
        "time",
        "datetime",
        "range",
        "password",
    ],
)
@pytest.mark.parametrize("empty", [{}, {"x": None}, {"x": ""}])
def test_a_required_field_refuses_nothing_at_all(kind, empty):
    asked = form(kind, options=["a"], required=True)
    assert refused(KIND.clean_response, asked, empty) == {"response.x": "is required"}


@pytest.mark.parametrize("kind", ["text", "textarea", "email", "url"])
def test_blanks_are_nothing_except_in_a_password(kind):
    assert refused(KIND.clean_response, form(kind, required=True), {"x": " \n"}) == {
        "response.x": "is required"
    }
    assert KIND.clean_response(form("password", required=True), {"x": " "}) == {"x": " "}


@pytest.mark.parametrize("empty", [{}, {"x": None}, {"x": ""}, {"x": False}])
def test_a_required_checkbox_must_be_checked(empty):
    assert refused(KIND.clean_response, form("checkbox", required=True), empty) == {
        "response.x": "must be checked"
    }
    assert KIND.clean_response(form("checkbox"), empty) == {"x": False}


def test_an_empty_option_is_a_way_to_choose_nothing():
    asked = KIND.clean_payload(form("select", options=[{"value": "", "label": "None"}, "a"]))
    assert KIND.clean_response(asked, {"x": ""}) == {}
    assert KIND.card(asked, None)["fields"][0]["has_blank"] is True


def test_plain_options_are_stored_spelled_out():
    stored = KIND.clean_payload(
        form("select", options=["a", 1, {"value": True}, {"value": 2, "label": "Two"}])
    )
    assert stored["fields"][0]["options"] == [
        {"value": "a", "label": "a"},
        {"value": 1, "label": "1"},
        {"value": True, "label": "true"},
        {"value": 2, "label": "Two"},
    ]


@pytest.mark.parametrize(
    ("kind", "spec", "value", "shown"),
    [
        ("text", {}, "a", "a"),
        ("number", {"unit": "%"}, 80.0, "80 %"),
        ("range", {}, 0.5, "0.5"),
        ("select", SIZES, "s", "Small"),
        ("select", SIZES, True, "true"),
        ("select", SIZES, "gone", "gone"),
        ("checkbox", {}, False, "No"),
        ("datetime", {}, "2026-03-01T09:30", "2026-03-01 09:30"),
        ("password", {}, "hunter2", "••••••"),
        ("password", {}, {"sealed": "x"}, "••••••"),
    ],
)
def test_values_read_as_humans_write_them(kind, spec, value, shown):
    assert KIND.outcome(form(kind, **spec), {"x": value}).lines == (("X", shown),)


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        ("number", {}, {"min": "", "max": "", "step": "any", "value": ""}),
        ("number", EVEN, {"min": "0", "max": "10", "step": "2"}),
        ("range", {}, {"min": "0", "max": "100", "step": "1", "value": "50"}),
        ("range", {"max": 5}, {"value": "2"}),
        ("range", TENTHS, {"value": "0.5"}),
        ("range", {"max": 1, "step": "any"}, {"value": "0.5", "step": "any"}),
        ("range", {"defaultValue": 7}, {"value": "7"}),
        ("date", MARCH, {"min": "2026-03-01", "max": "2026-03-31", "step": ""}),
        ("time", {"step": 900}, {"step": "900"}),
        ("time", {"defaultValue": "09:30:15"}, {"step": "1"}),
        ("datetime", {}, {"input_type": "datetime-local", "step": ""}),
        (
            "text",
            {"minLength": 2, "defaultValue": "abc"},
            {"counter": {"now": 3, "min": 2, "max": None}},
        ),
        ("password", {"maxLength": 8}, {"counter": {"now": 0, "min": None, "max": 8}, "value": ""}),
        (
            "textarea",
            {"unit": "words"},
            {"unit": "", "control": "reviews/types/fields/textarea.html"},
        ),
    ],
)
def test_the_card_gives_each_control_what_it_needs(kind, spec, expected):
    (field,) = KIND.card(form(kind, **spec), None)["fields"]
    assert {key: field[key] for key in expected} == expected

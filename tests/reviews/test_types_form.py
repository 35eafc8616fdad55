"""The form as a whole; what each of the twelve kinds of field takes is in test_types_form_fields.py."""

from typing import Any

import pytest

from reviews import types
from tests.reviews.refusals import posted, refused

KIND = types.get("form")
DEPLOY: dict[str, Any] = KIND.clean_payload(
    {
        "fields": [
            {"name": "environment", "type": "select", "label": "Environment", "required": True,
             "options": [{"value": "staging", "label": "Staging"}, {"value": "prod", "label": "Production"}]},
            {"name": "version", "type": "text", "label": "Version"},
            {"name": "replicas", "type": "number", "unit": "pods", "min": 1, "max": 9},
            {"name": "token", "type": "password", "label": "Token", "minLength": 4},
            {"name": "notify", "type": "checkbox", "label": "Send notification"},
        ]
    }
)  # fmt: skip
FULL = {
    "environment": "prod",
    "version": "2.1.0",
    "replicas": 3,
    "token": "hunter2",
    "notify": True,
}


def fields(*given: Any) -> dict[str, Any]:
    return {"fields": list(given)}


@pytest.mark.parametrize(
    ("payload", "errors"),
    [
        (None, {"fields": "is required"}),
        ({}, {"fields": "is required"}),
        (fields(), {"fields": "must have at least 1 item; got 0"}),
        ({"fields": {"a": {"type": "password"}}}, {"fields": "must be an array; got an object"}),
        (fields("name"), {"fields.0": 'must be an object; got "name"'}),
        (fields({"type": "text"}), {"fields.0.name": "is required"}),
        (fields({"name": 5, "type": "text"}), {"fields.0.name": "must be a string; got 5"}),
        (fields({"name": " ", "type": "text"}), {"fields.0.name": 'must not be blank; got " "'}),
        (
            fields({"name": "x" * 201, "type": "text"}),
            {"fields.0.name": "must have at most 200 characters; got 201"},
        ),
        (
            fields({"name": "_dismissed", "type": "text"}),
            {"fields.0.name": 'must not start with "_"; got "_dismissed"'},
        ),
        (fields({"name": "a"}), {"fields.0.type": "is required"}),
        (
            fields({"name": "a", "type": "color"}),
            {
                "fields.0.type": "must be one of text, number, email, url, textarea, select, checkbox, date, time, "
                'datetime, range, password; got "color"'
            },
        ),
        (
            fields({"name": "a", "type": "text", "label": 5}),
            {"fields.0.label": "must be a string; got 5"},
        ),
        (
            fields({"name": "a", "type": "text", "label": "  "}),
            {"fields.0.label": 'must not be blank; got "  "'},
        ),
        (
            fields({"name": "a", "type": "text", "required": "yes"}),
            {"fields.0.required": 'must be true or false; got "yes"'},
        ),
        (
            fields({"name": "a", "type": "text"}, {"name": "a", "type": "date"}),
            {"fields.1.name": 'must be unique; got "a" again'},
        ),
        (
            fields(*({"name": f"n{n}", "type": "text"} for n in range(101))),
            {"fields": "must have at most 100 items; got 101"},
        ),
        (
            {**fields({"name": "a", "type": "text"}), "submitLabel": 1},
            {"submitLabel": "must be a string; got 1"},
        ),
    ],
)
def test_a_broken_payload_is_refused_by_path_rule_and_value(payload, errors):
    assert refused(KIND.clean_payload, payload) == {
        f"review.payload.{path}": what for path, what in errors.items()
    }


def test_every_broken_field_is_told_at_once():
    payload = fields(
        {"name": "a", "type": "number", "min": 2, "max": 1}, {"name": "b", "type": "select"}
    )
    assert sorted(refused(KIND.clean_payload, payload)) == [
        "review.payload.fields.0.max",
        "review.payload.fields.1.options",
    ]


@pytest.mark.parametrize("label", [{}, {"label": None}, {"label": ""}])
def test_a_field_without_a_label_is_called_by_its_name(label):
    assert KIND.clean_payload(fields({"name": "city", "type": "text", **label})) == fields(
        {"name": "city", "type": "text", "label": "city"}
    )


def test_a_full_response_is_stored_in_the_order_of_the_fields():
    cleaned = KIND.clean_response(DEPLOY, dict(reversed(FULL.items())))
    assert list(cleaned.items()) == list(FULL.items())


def test_what_was_left_empty_has_no_key_but_a_checkbox_always_has():
    empty = {"environment": "staging", "version": " ", "replicas": "", "token": None}
    assert KIND.clean_response(DEPLOY, empty) == {"environment": "staging", "notify": False}


def test_keys_that_are_no_fields_are_named():
    errors = refused(KIND.clean_response, DEPLOY, {**FULL, "verison": "2", "k" * 100: 1})
    long = "k" * 79 + "…"
    assert errors == {
        "response.verison": 'the form has no field "verison"',
        f"response.{long}": f'the form has no field "{long}"',
    }


@pytest.mark.parametrize("empty", [{}, {"environment": None}, {"environment": ""}])
def test_a_required_field_must_be_there(empty):
    assert refused(KIND.clean_response, DEPLOY, empty) == {"response.environment": "is required"}


def test_every_broken_answer_is_told_at_once_and_no_password_with_it():
    broken = {"environment": "dev", "replicas": 12, "token": "abc", "notify": "yes"}
    assert refused(KIND.clean_response, DEPLOY, broken) == {
        "response.environment": 'must be one of staging, prod; got "dev"',
        "response.replicas": "must be at most 9; got 12",
        "response.token": "must have at least 4 characters",
        "response.notify": 'must be true or false; got "yes"',
    }


@pytest.mark.parametrize(
    ("secret", "rule"), [(81549300, "must be a string"), ("abc", "must have at least 4 characters")]
)
def test_a_password_is_never_echoed(secret, rule):
    asked = fields({"name": "t", "type": "password", "minLength": 4, "defaultValue": secret})
    assert refused(KIND.clean_payload, asked) == {"review.payload.fields.0.defaultValue": rule}
    assert refused(KIND.clean_response, DEPLOY, {**FULL, "token": secret}) == {
        "response.token": rule
    }


def test_a_password_s_default_is_neither_stored_nor_shown():
    field = {"name": "t", "type": "password", "label": "T"}
    other = {"name": "u", "type": "text", "label": "U", "defaultValue": "kept"}
    asked = fields({**field, "defaultValue": "hunter2"}, other)
    assert KIND.clean_payload(asked) == fields(field, other)
    assert KIND.redact(asked) == fields(field, other)
    assert "hunter2" not in repr(KIND.card(asked, {"t": "hunter2"}))
    assert "hunter2" not in repr(KIND.card(asked, None))


def test_password_fields_are_the_secret_ones():
    assert KIND.secret_fields(DEPLOY) == {"token"}


def test_the_form_posts_every_field_even_the_empty_ones():
    data = posted(
        ("field.environment", "prod"), ("field.replicas", "3,5"), ("field.notify", "true")
    )
    assert KIND.from_form(DEPLOY, data) == {
        "environment": "prod",
        "version": "",
        "replicas": "3,5",
        "token": "",
        "notify": True,
    }
    assert KIND.from_form(DEPLOY, posted())["notify"] is False


def test_what_the_form_posts_cleans_like_json():
    pairs = [(f"field.{name}", str(value)) for name, value in FULL.items()]
    assert KIND.clean_response(DEPLOY, KIND.from_form(DEPLOY, posted(*pairs))) == FULL


def test_an_outcome_counts_the_fields_and_shows_values_as_humans_read_them():
    assert KIND.outcome(DEPLOY, FULL) == types.Outcome(
        label="5 of 5 fields filled",
        tone="neutral",
        lines=(
            ("Environment", "Production"),
            ("Version", "2.1.0"),
            ("replicas", "3 pods"),
            ("Token", "••••••"),
            ("Send notification", "Yes"),
        ),
    )
    partly = KIND.outcome(DEPLOY, {"environment": "prod", "notify": False})
    assert partly.label == "2 of 5 fields filled"
    assert partly.lines == (("Environment", "Production"), ("Send notification", "No"))


def test_the_outcome_of_one_field_is_in_the_singular():
    assert (
        KIND.outcome(fields({"name": "a", "type": "text"}), {"a": "x"}).label
        == "1 of 1 field filled"
    )


def test_the_card_shows_defaults_until_there_is_a_draft():
    asked = fields(
        {"name": "a", "type": "text", "defaultValue": "x"},
        {"name": "b", "type": "checkbox", "defaultValue": True},
    )

    def shown(draft: dict[str, Any] | None) -> list[tuple[str, bool | None]]:
        return [
            (field["value"], field.get("checked")) for field in KIND.card(asked, draft)["fields"]
        ]

    assert shown(None) == [("x", None), ("true", True)]
    assert shown({}) == [("", None), ("", False)]
    assert KIND.card(asked, None)["submit_label"] == "Submit"


def test_the_card_shows_a_draft_as_it_was_typed():
    draft = {"environment": "prod", "replicas": "3,5", "notify": True}
    by_path = {field["path"]: field for field in KIND.card(DEPLOY, draft)["fields"]}
    assert by_path["response.replicas"]["value"] == "3,5"
    assert by_path["response.notify"]["checked"] is True
    assert [o["label"] for o in by_path["response.environment"]["options"] if o["selected"]] == [
        "Production"
    ]

from typing import Any

import pytest

from reviews import types
from tests.reviews.refusals import posted, refused

KIND = types.get("approval")
ASKED: dict[str, Any] = {
    "options": [
        {"id": "ship", "label": "Ship it", "style": "primary"},
        {"id": "canary", "label": "Only the canary"},
        {"id": "stop", "label": "Stop", "style": "danger"},
        {"id": "later", "label": "Ask me later", "style": "ghost"},
    ],
    "allowComment": True,
}
SILENT = {"options": ASKED["options"]}
DEFAULT = [
    {"id": "approve", "label": "Approve", "style": "primary"},
    {"id": "reject", "label": "Reject", "style": "danger"},
]


def options(*given: Any) -> dict[str, Any]:
    return {"options": list(given)}


@pytest.mark.parametrize("payload", [None, {}, {"options": None}])
def test_without_options_one_may_approve_or_reject(payload):
    assert KIND.clean_payload(payload) == {"options": DEFAULT}


def test_the_default_options_keep_what_else_was_asked():
    assert KIND.clean_payload({"allowComment": True}) == {"options": DEFAULT, "allowComment": True}


@pytest.mark.parametrize(
    ("payload", "errors"),
    [
        (options(), {"options": "must have at least 1 item; got 0"}),
        ({"options": "yes"}, {"options": 'must be an array; got "yes"'}),
        ({"options": {"id": "a"}}, {"options": "must be an array; got an object"}),
        (options("yes"), {"options.0": 'must be an object; got "yes"'}),
        (options({}), {"options.0.id": "is required", "options.0.label": "is required"}),
        (options({"id": None, "label": "A"}), {"options.0.id": "is required"}),
        (options({"id": 1, "label": "A"}), {"options.0.id": "must be a string; got 1"}),
        (options({"id": " ", "label": "A"}), {"options.0.id": 'must not be blank; got " "'}),
        (options({"id": "a", "label": ""}), {"options.0.label": 'must not be blank; got ""'}),
        (
            options({"id": "reject", "label": "\u202eevorppA"}),
            {"options.0.label": "must not turn the order of letters around; got U+202E"},
        ),
        (
            options({"id": "a", "label": "x" * 501}),
            {"options.0.label": "must have at most 500 characters; got 501"},
        ),
        (
            options({"id": "x" * 201, "label": "A"}),
            {"options.0.id": "must have at most 200 characters; got 201"},
        ),
        (
            options({"id": "a", "label": "A", "style": "blue"}),
            {"options.0.style": 'must be one of primary, danger, secondary, ghost; got "blue"'},
        ),
        (
            options(
                {"id": "a", "label": "A"}, {"id": "b", "label": "B"}, {"id": "a", "label": "C"}
            ),
            {"options.2.id": 'must be unique; got "a" again'},
        ),
        (
            options(*({"id": str(n), "label": "A"} for n in range(101))),
            {"options": "must have at most 100 items; got 101"},
        ),
        ({"allowComment": "yes"}, {"allowComment": 'must be true or false; got "yes"'}),
        ({"allowComment": 1}, {"allowComment": "must be true or false; got 1"}),
    ],
)
def test_a_broken_payload_is_refused_by_path_rule_and_value(payload, errors):
    assert refused(KIND.clean_payload, payload) == {
        f"review.payload.{path}": what for path, what in errors.items()
    }


@pytest.mark.parametrize(
    ("response", "cleaned"),
    [
        ({"selectedOption": "ship"}, {"selectedOption": "ship"}),
        ({"selectedOption": "ship", "comment": None}, {"selectedOption": "ship"}),
        ({"selectedOption": "ship", "comment": " \n"}, {"selectedOption": "ship"}),
        (
            {"selectedOption": "stop", "comment": " a\r\nb "},
            {"selectedOption": "stop", "comment": "a\nb"},
        ),
        ({"selectedOption": "later", "seen": True}, {"selectedOption": "later"}),
        (
            {"selectedOption": "ship", "comment": "x" * 10_000},
            {"selectedOption": "ship", "comment": "x" * 10_000},
        ),
    ],
)
def test_a_response_is_stored_tidy(response, cleaned):
    assert KIND.clean_response(ASKED, response) == cleaned


@pytest.mark.parametrize(
    ("payload", "response", "errors"),
    [
        (ASKED, {}, {"selectedOption": "is required"}),
        (ASKED, {"selectedOption": None}, {"selectedOption": "is required"}),
        (ASKED, {"selectedOption": ["ship"]}, {"selectedOption": "must be a string; got an array"}),
        (
            ASKED,
            {"selectedOption": "Ship it"},
            {"selectedOption": 'must be one of ship, canary, stop, later; got "Ship it"'},
        ),
        (
            ASKED,
            {"selectedOption": "ship", "comment": "x" * 10_001},
            {"comment": "must have at most 10000 characters; got 10001"},
        ),
        (ASKED, {"selectedOption": "ship", "comment": 5}, {"comment": "must be a string; got 5"}),
        (
            SILENT,
            {"selectedOption": "no", "comment": "hm"},
            {
                "selectedOption": 'must be one of ship, canary, stop, later; got "no"',
                "comment": 'must be empty: this review takes no comment; got "hm"',
            },
        ),
        (ASKED, {"_dismissed": True}, {"selectedOption": "is required"}),
    ],
)
def test_a_broken_response_is_refused(payload, response, errors):
    assert refused(KIND.clean_response, payload, response) == {
        f"response.{path}": what for path, what in errors.items()
    }


def test_an_empty_comment_is_no_comment_where_none_is_taken():
    assert KIND.clean_response(SILENT, {"selectedOption": "ship", "comment": " "}) == {
        "selectedOption": "ship"
    }


def test_a_long_list_of_options_is_cut_in_the_message():
    asked = options(*({"id": f"o{n}", "label": "A"} for n in range(40)))
    message = refused(KIND.clean_response, asked, {"selectedOption": "x"})[
        "response.selectedOption"
    ]
    assert message.endswith('o10, o11, …; got "x"')


def test_the_form_posts_the_button_and_the_comment():
    data = posted(("selectedOption", "ship"), ("comment", "a\r\nb"), ("csrfmiddlewaretoken", "t"))
    assert KIND.from_form(ASKED, data) == {"selectedOption": "ship", "comment": "a\r\nb"}
    assert KIND.from_form(ASKED, posted()) == {}


@pytest.mark.parametrize(
    ("chosen", "label", "tone"),
    [
        ("ship", "Ship it", "yes"),
        ("stop", "Stop", "no"),
        ("canary", "Only the canary", "neutral"),
        ("later", "Ask me later", "neutral"),
    ],
)
def test_an_outcome_reads_as_the_label_of_the_button(chosen, label, tone):
    outcome = KIND.outcome(ASKED, {"selectedOption": chosen, "comment": "why"})
    assert outcome == types.Outcome(
        label=label, tone=tone, lines=(("Decision", label),), comment="why"
    )
    assert KIND.outcome(ASKED, {"selectedOption": chosen}).comment == ""


def test_only_the_first_primary_and_the_first_danger_option_get_a_letter():
    many = options(*({"id": str(n), "label": "L", "style": style} for n, style in enumerate(
        ["ghost", "danger", "primary", "primary", "danger", "secondary", "ghost", "ghost", "ghost", "ghost"]
    )))  # fmt: skip
    buttons = KIND.card(many, None)["options"]
    assert [button["key"] for button in buttons] == [
        "1",
        "R",
        "A",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "",
    ]
    assert [button["n"] for button in buttons if button["is_primary"]] == [3]
    assert [button["n"] for button in buttons if button["is_danger"]] == [2]


def test_the_card_carries_the_draft_of_the_comment():
    assert KIND.card(ASKED, {"comment": "half a tho"})["comment"] == "half a tho"
    assert KIND.card(ASKED, None)["comment"] == ""
    assert KIND.card(SILENT, None)["allow_comment"] is False

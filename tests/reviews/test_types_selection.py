from typing import Any

import pytest

from reviews import types
from tests.reviews.refusals import posted, refused

KIND = types.get("selection")
ITEMS = [
    {"id": "team", "label": "Team", "description": "no SSO"},
    {"id": "business", "label": "Business"},
    {"id": "enterprise", "label": "Enterprise"},
]
ONE: dict[str, Any] = {"mode": "single", "items": ITEMS}
SOME: dict[str, Any] = {
    "mode": "multi",
    "items": ITEMS,
    "submitLabel": "Book",
    "dismissLabel": "None of these",
}


def test_without_a_mode_one_item_is_chosen():
    assert KIND.clean_payload({"items": ITEMS}) == ONE
    assert KIND.clean_payload({"items": ITEMS, "mode": None}) == ONE


@pytest.mark.parametrize(
    ("payload", "errors"),
    [
        (None, {"items": "is required"}),
        ({"items": []}, {"items": "must have at least 1 item; got 0"}),
        ({"items": [5]}, {"items.0": "must be an object; got 5"}),
        ({"items": [{"id": "a"}]}, {"items.0.label": "is required"}),
        ({"items": [*ITEMS, ITEMS[1]]}, {"items.3.id": 'must be unique; got "business" again'}),
        ({"items": ITEMS, "mode": "both"}, {"mode": 'must be one of single, multi; got "both"'}),
        ({"items": ITEMS * 40}, {"items": "must have at most 100 items; got 120"}),
        ({"items": ITEMS, "submitLabel": 5}, {"submitLabel": "must be a string; got 5"}),
        (
            {"items": ITEMS, "dismissLabel": "x" * 501},
            {"dismissLabel": "must have at most 500 characters; got 501"},
        ),
        (
            {"items": [{"id": "a", "label": "A", "description": "x" * 2001}]},
            {"items.0.description": "must have at most 2000 characters; got 2001"},
        ),
    ],
)
def test_a_broken_payload_is_refused_by_path_rule_and_value(payload, errors):
    assert refused(KIND.clean_payload, payload) == {
        f"review.payload.{path}": what for path, what in errors.items()
    }


@pytest.mark.parametrize(
    ("payload", "chosen", "cleaned"),
    [
        (ONE, ["team"], ["team"]),
        (ONE, ["team", "team"], ["team"]),
        (SOME, ["enterprise", "team"], ["team", "enterprise"]),
        (SOME, ["business", "team", "business"], ["team", "business"]),
    ],
)
def test_ids_are_stored_once_and_in_the_order_of_the_items(payload, chosen, cleaned):
    assert KIND.clean_response(payload, {"selectedIds": chosen, "extra": 1}) == {
        "selectedIds": cleaned
    }


@pytest.mark.parametrize(
    ("payload", "response", "errors"),
    [
        (ONE, {}, {"selectedIds": "is required"}),
        (ONE, {"selectedIds": "team"}, {"selectedIds": 'must be an array; got "team"'}),
        (ONE, {"selectedIds": [1]}, {"selectedIds.0": "must be a string; got 1"}),
        (ONE, {"selectedIds": []}, {"selectedIds": "must have at least 1 item; got 0"}),
        (SOME, {"selectedIds": []}, {"selectedIds": "must have at least 1 item; got 0"}),
        (
            ONE,
            {"selectedIds": ["team", "business"]},
            {"selectedIds": "must have exactly 1 item; got 2"},
        ),
        (
            SOME,
            {"selectedIds": ["team"] * 101},
            {"selectedIds": "must have at most 100 items; got 101"},
        ),
        (
            SOME,
            {"selectedIds": ["team", "Team"]},
            {"selectedIds.1": 'must be one of team, business, enterprise; got "Team"'},
        ),
    ],
)
def test_a_broken_response_is_refused(payload, response, errors):
    assert refused(KIND.clean_response, payload, response) == {
        f"response.{path}": what for path, what in errors.items()
    }


def test_the_form_posts_every_ticked_box():
    data = posted(("selectedIds", "team"), ("selectedIds", "enterprise"))
    assert KIND.from_form(SOME, data) == {"selectedIds": ["team", "enterprise"]}
    assert KIND.from_form(SOME, posted()) == {"selectedIds": []}


def test_an_outcome_reads_as_labels():
    assert KIND.outcome(SOME, {"selectedIds": ["team", "business"]}) == types.Outcome(
        label="Team, Business",
        tone="neutral",
        lines=(("Selected", "Team"), ("Selected", "Business")),
    )


def test_a_long_outcome_is_summed_up_but_keeps_every_line():
    many = {"mode": "multi", "items": [{"id": str(n), "label": f"L{n}"} for n in range(5)]}
    outcome = KIND.outcome(many, {"selectedIds": list("01234")})
    assert outcome.label == "L0, L1, L2 and 2 more"
    assert len(outcome.lines) == 5


def test_the_card_ticks_the_draft_and_numbers_the_first_nine():
    asked = {"items": [{"id": str(n), "label": "L"} for n in range(10)]}
    card = KIND.card(asked, {"selectedIds": ["3"]})
    assert [item["id"] for item in card["items"] if item["checked"]] == ["3"]
    assert [item["key"] for item in card["items"]] == [*"123456789", ""]
    assert (card["multi"], card["submit_label"], card["dismiss_label"]) == (False, "Choose", "")
    assert KIND.card(SOME, None)["submit_label"] == "Book"
    assert KIND.card(SOME, {"selectedIds": None})["multi"] is True


WORDS: dict[str, Any] = {**ONE, "allowText": True}


def test_a_text_of_ones_own_is_an_answer_where_the_agent_allows_it():
    assert KIND.clean_payload(WORDS) == WORDS
    choices: list[dict[str, Any]] = [{}, {"selectedIds": []}, {"selectedIds": ["team"]}]
    for chosen in choices:
        given = {**chosen, "text": "Neither,\r\nthanks"}
        answer = KIND.clean_response(WORDS, given)
        assert answer == {"selectedIds": [], "text": "Neither,\nthanks"}
        assert KIND.clean_response(WORDS, answer) == answer
    assert KIND.outcome(WORDS, answer).label == "Responded"
    assert KIND.outcome(WORDS, answer).lines == (("Text", "Neither,\nthanks"),)


def test_a_choice_stays_one_where_a_text_is_allowed_too():
    chosen = {"selectedIds": ["team"], "text": "  "}
    assert KIND.clean_response(WORDS, chosen) == {"selectedIds": ["team"]}
    assert refused(KIND.clean_response, WORDS, {"selectedIds": []}) == {
        "response.selectedIds": "must have at least 1 item; got 0"
    }
    assert refused(KIND.clean_response, WORDS, {"selectedIds": [], "text": 5}) == {
        "response.text": "must be a string; got 5"
    }


def test_a_text_is_no_answer_where_the_agent_did_not_allow_it():
    assert refused(KIND.clean_response, ONE, {"text": "Neither"}) == {
        "response.selectedIds": "is required"
    }
    assert KIND.from_form(ONE, posted(("text", "x"))) == {"selectedIds": []}


def test_the_form_posts_the_text_along_and_the_card_shows_it_again():
    data = posted(("selectedIds", "team"), ("text", "Neither"))
    draft = KIND.from_form(WORDS, data)
    assert draft == {"selectedIds": ["team"], "text": "Neither"}
    card = KIND.card(WORDS, draft)
    assert (card["allow_text"], card["text"]) == (True, "Neither")

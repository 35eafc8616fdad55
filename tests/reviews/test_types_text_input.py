import pytest

from reviews import types
from tests.reviews.refusals import posted, refused

KIND = types.get("text-input")


@pytest.mark.parametrize("payload", [None, {}, {"prefill": "", "minLength": 0, "maxLength": 1}])
def test_everything_is_optional(payload):
    assert KIND.clean_payload(payload) == (payload or {})


@pytest.mark.parametrize(
    ("payload", "errors"),
    [
        ({"minLength": -1}, {"minLength": "must be at least 0; got -1"}),
        ({"minLength": "10"}, {"minLength": 'must be a whole number; got "10"'}),
        ({"minLength": 1.5}, {"minLength": "must be a whole number; got 1.5"}),
        ({"minLength": True}, {"minLength": "must be a whole number; got true"}),
        ({"maxLength": 0}, {"maxLength": "must be at least 1; got 0"}),
        ({"maxLength": 100_001}, {"maxLength": "must be at most 100000; got 100001"}),
        (
            {"minLength": 5, "maxLength": 4},
            {"maxLength": "must not be less than minLength (5); got 4"},
        ),
        (
            {"prefill": "abcde", "maxLength": 4},
            {"prefill": "must have at most 4 characters; got 5"},
        ),
        (
            {"prefill": "x" * 100_001},
            {"prefill": "must have at most 100000 characters; got 100001"},
        ),
        ({"markdown": "yes"}, {"markdown": 'must be true or false; got "yes"'}),
        ({"placeholder": ["x"]}, {"placeholder": "must be a string; got an array"}),
    ],
)
def test_a_broken_payload_is_refused_by_path_rule_and_value(payload, errors):
    assert refused(KIND.clean_payload, payload) == {
        f"review.payload.{path}": what for path, what in errors.items()
    }


def test_a_prefill_is_measured_as_the_answer_will_be():
    payload = {"prefill": "ab\r\ncd", "maxLength": 5}
    assert KIND.clean_payload(payload) == payload


@pytest.mark.parametrize(
    ("payload", "text", "cleaned"),
    [
        ({}, "x", "x"),
        ({}, " a\r\nb\rc ", " a\nb\nc "),
        ({"minLength": 3, "maxLength": 3}, "a\r\nb", "a\nb"),
        ({"maxLength": 2}, "🦉🦉", "🦉🦉"),
        ({"minLength": 0}, "", ""),
        ({"minLength": 0}, "  ", "  "),
    ],
)
def test_line_breaks_are_one_character_and_so_is_an_owl(payload, text, cleaned):
    assert KIND.clean_response(payload, {"text": text, "extra": 1}) == {"text": cleaned}


@pytest.mark.parametrize(
    ("payload", "response", "message"),
    [
        ({}, {}, "is required"),
        ({}, {"text": None}, "is required"),
        ({}, {"text": 5}, "must be a string; got 5"),
        ({}, {"text": ""}, "must not be blank"),
        ({}, {"text": " \n"}, "must not be blank"),
        ({"minLength": 3}, {"text": "    "}, "must not be blank"),
        ({"minLength": 3}, {"text": "ab"}, "must have at least 3 characters; got 2"),
        ({"minLength": 1}, {"text": ""}, "must have at least 1 character; got 0"),
        ({"maxLength": 1}, {"text": "ab"}, "must have at most 1 character; got 2"),
        ({}, {"text": "x" * 100_001}, "must have at most 100000 characters; got 100001"),
    ],
)
def test_a_broken_response_is_refused(payload, response, message):
    assert refused(KIND.clean_response, payload, response) == {"response.text": message}


def test_the_form_posts_text_with_the_browser_s_line_breaks():
    assert KIND.from_form({}, posted(("text", "a\r\nb"))) == {"text": "a\nb"}
    assert KIND.from_form({}, posted()) == {"text": ""}


def test_an_outcome_shows_the_whole_text():
    assert KIND.outcome({}, {"text": "It broke."}) == types.Outcome(
        label="Responded", tone="neutral", lines=(("Text", "It broke."),)
    )


def test_the_card_prefers_the_draft_to_the_prefill():
    asked = {"prefill": "Dear", "submitLabel": "Post", "minLength": 2}
    assert KIND.card(asked, None)["value"] == "Dear"
    assert KIND.card(asked, {"text": "Dear Ad"})["value"] == "Dear Ad"
    assert KIND.card(asked, {})["value"] == ""
    assert KIND.card(asked, None)["submit_label"] == "Post"
    assert KIND.card({}, None)["submit_label"] == "Send"


@pytest.mark.parametrize(
    ("asked", "counter"),
    [
        ({}, None),
        ({"minLength": 0}, None),
        ({"minLength": 2}, {"now": 3, "min": 2, "max": None}),
        ({"maxLength": 9}, {"now": 3, "min": None, "max": 9}),
    ],
)
def test_a_bounded_text_is_counted(asked, counter):
    assert KIND.card(asked, {"text": "abc"})["counter"] == counter


def test_only_an_explicit_zero_makes_the_answer_optional():
    assert [
        KIND.card(asked, None)["required"] for asked in ({}, {"minLength": 3}, {"minLength": 0})
    ] == [True, True, False]

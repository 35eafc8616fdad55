from typing import Any

import pytest

from reviews import types
from tests.reviews.refusals import posted, refused

KIND = types.get("link")
ASKED: dict[str, Any] = {"url": "https://bot.example/auth/github?session=xyz", "provider": "GitHub"}


@pytest.mark.parametrize(
    ("payload", "errors"),
    [
        (None, {"url": "is required"}),
        ({"url": 5}, {"url": "must be a string; got 5"}),
        (
            {"url": "http://bot.example/"},
            {"url": 'must be an https URL; got "http://bot.example/"'},
        ),
        (
            {"url": "http://localhost:8000/"},
            {"url": 'must be an https URL; got "http://localhost:8000/"'},
        ),
        (
            {"url": "javascript:alert(1)"},
            {"url": 'must be an https URL; got "javascript:alert(1)"'},
        ),
        ({"url": "https://[broken"}, {"url": 'must be an https URL; got "https://[broken"'}),
        ({**ASKED, "provider": 5}, {"provider": "must be a string; got 5"}),
    ],
)
def test_only_an_https_page_can_be_asked_for(payload, errors):
    assert refused(KIND.clean_payload, payload) == {
        f"review.payload.{path}": what for path, what in errors.items()
    }


def test_in_development_a_page_on_ones_own_machine_will_do(settings):
    settings.DEBUG = True
    assert KIND.clean_payload({"url": "http://127.0.0.1:9000/auth"})
    assert refused(KIND.clean_payload, {"url": "http://bot.example/"})


def test_it_is_done_or_there_is_something_to_say():
    assert KIND.clean_response(ASKED, {"done": True}) == {"done": True}
    assert KIND.clean_response(ASKED, {"text": "Not\r\nmine", "done": True}) == {
        "text": "Not\nmine"
    }
    for nothing in ({}, {"done": False}, {"text": " "}):
        assert refused(KIND.clean_response, ASKED, nothing) == {
            "response.done": "must be true, where there is no text; got false"
        }


def test_a_form_without_a_text_says_that_it_is_done():
    assert KIND.from_form(ASKED, posted(("text", " "))) == {"done": True}
    assert KIND.from_form(ASKED, posted(("text", "Not mine"))) == {"text": "Not mine"}


def test_an_outcome_names_the_page_by_its_host_alone():
    done = KIND.outcome(ASKED, {"done": True})
    assert (done.label, done.lines) == ("Linked", (("Page", "bot.example"),))
    assert KIND.outcome(ASKED, {"text": "Not mine"}).lines == (("Text", "Not mine"),)


def test_the_card_says_where_the_link_leads():
    card = KIND.card(ASKED, None)
    assert (card["url"], card["host"], card["provider"]) == (ASKED["url"], "bot.example", "GitHub")
    assert (card["submit_label"], card["text"]) == ("Done", "")
    assert KIND.card(ASKED, {"text": "so far"})["text"] == "so far"

from typing import Any

import pytest

from reviews import types
from tests.reviews.refusals import posted, refused

PAYLOADS: dict[str, dict[str, Any]] = {
    "selection": {"items": [{"id": "a", "label": "A"}]},
    "form": {"fields": [{"name": "a", "type": "text", "label": "A", "required": True}]},
    "text-input": {},
}
every_dismissible_type = pytest.mark.parametrize("slug", PAYLOADS)


def asked(slug: str, label: Any = "Skip") -> dict[str, Any]:
    return types.get(slug).clean_payload({**PAYLOADS[slug], "dismissLabel": label})


@every_dismissible_type
def test_a_review_with_a_dismiss_label_can_be_dismissed(slug):
    kind, payload = types.get(slug), asked(slug)
    assert kind.clean_response(payload, {"_dismissed": True}) == {"_dismissed": True}
    assert kind.outcome(payload, {"_dismissed": True}) == types.Outcome(
        label="Skip", tone="neutral", lines=()
    )
    assert kind.card(payload, None)["dismiss_label"] == "Skip"


@every_dismissible_type
@pytest.mark.parametrize("label", [None, "", "  "])
def test_a_review_without_one_cannot(slug, label):
    errors = refused(types.get(slug).clean_response, asked(slug, label), {"_dismissed": True})
    assert errors == {
        "response._dismissed": "this review cannot be dismissed: it has no dismissLabel"
    }


@every_dismissible_type
@pytest.mark.parametrize(
    ("value", "shown"), [(False, "false"), (None, "null"), (1, "1"), ("true", '"true"')]
)
def test_dismissed_is_true_or_absent(slug, value, shown):
    errors = refused(types.get(slug).clean_response, asked(slug), {"_dismissed": value})
    assert errors == {"response._dismissed": f"must be true; got {shown}"}


@every_dismissible_type
def test_a_dismissal_answers_nothing_else(slug):
    errors = refused(
        types.get(slug).clean_response, asked(slug), {"_dismissed": True, "a": "hunter2"}
    )
    assert errors == {"response.a": "must be absent when the review is dismissed"}


@every_dismissible_type
def test_the_dismiss_button_wins_over_what_was_typed(slug):
    data = posted(("field.a", "half"), ("text", "half"), ("selectedIds", "a"), ("_dismissed", "1"))
    assert types.get(slug).from_form(asked(slug), data) == {"_dismissed": True}


@every_dismissible_type
def test_a_dismissal_without_a_label_still_reads_as_one(slug):
    assert types.get(slug).outcome(PAYLOADS[slug], {"_dismissed": True}).label == "Dismissed"

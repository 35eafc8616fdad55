"""The documented examples pass letter by letter: what was posted is what is stored and sent."""

from typing import Any

import pytest

from reviews import types

EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "approval": (
        {
            "options": [
                {"id": "approve", "label": "Approve", "style": "primary"},
                {"id": "reject", "label": "Reject", "style": "danger"},
            ],
            "allowComment": True,
        },
        {"selectedOption": "approve", "comment": "Looks good"},
    ),
    "selection": (
        {
            "mode": "single",
            "items": [
                {"id": "option_a", "label": "Option A", "description": "First choice"},
                {"id": "option_b", "label": "Option B", "description": "Second choice"},
            ],
        },
        {"selectedIds": ["option_a"]},
    ),
    "form": (
        {
            "fields": [
                {
                    "name": "environment",
                    "type": "select",
                    "label": "Environment",
                    "required": True,
                    "options": [
                        {"value": "staging", "label": "Staging"},
                        {"value": "prod", "label": "Production"},
                    ],
                },
                {
                    "name": "version",
                    "type": "text",
                    "label": "Version",
                    "placeholder": "e.g. 2.1.0",
                },
                {"name": "notify", "type": "checkbox", "label": "Send notification"},
            ],
            "submitLabel": "Deploy",
        },
        {"environment": "prod", "version": "2.1.0", "notify": True},
    ),
    "text-input": (
        {
            "placeholder": "Describe the issue...",
            "markdown": True,
            "minLength": 10,
            "maxLength": 2000,
        },
        {"text": "The deployment failed because..."},
    ),
    "link": (
        {"url": "https://bot.example/auth/github?session=xyz", "provider": "GitHub"},
        {"done": True},
    ),
    "freeform": ({}, {"anything": ["goes", {"here": None}], "n": 1.5}),
}


@pytest.mark.parametrize("slug", EXAMPLES)
def test_the_documented_payload_is_stored_as_posted(slug):
    payload, _ = EXAMPLES[slug]
    assert types.get(slug).clean_payload(payload) == payload


@pytest.mark.parametrize("slug", EXAMPLES)
def test_the_documented_response_is_sent_as_given(slug):
    payload, response = EXAMPLES[slug]
    assert types.get(slug).clean_response(payload, response) == response


def test_the_approval_without_comment_passes_too():
    payload = {"options": EXAMPLES["approval"][0]["options"]}
    assert types.get("approval").clean_payload(payload) == payload


def test_keys_we_do_not_know_are_kept_at_every_level():
    payload = {"plugin": "chart", "options": [{"id": "a", "label": "A", "icon": {"name": None}}]}
    assert types.get("approval").clean_payload(payload) == payload


def test_null_is_the_same_as_absent():
    kind = types.get("text-input")
    assert kind.clean_payload({"placeholder": None, "minLength": None, "markdown": True}) == {
        "markdown": True
    }


def test_the_posted_payload_is_not_changed_in_place():
    payload: dict[str, Any] = {"fields": [{"name": "n", "type": "number", "defaultValue": "5"}]}
    types.get("form").clean_payload(payload)
    assert payload == {"fields": [{"name": "n", "type": "number", "defaultValue": "5"}]}

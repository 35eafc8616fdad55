"""What a human gets to see: every input labelled, every error tied to its input, nothing secret, nothing inline."""

import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string

from reviews import types

VOID = {"input", "br", "img"}
EVERY_FIELD: list[dict[str, Any]] = [
    {
        "name": "t",
        "type": "text",
        "required": True,
        "placeholder": "e.g. 2.1",
        "description": "As tagged",
        "maxLength": 9,
    },
    {"name": "n", "type": "number", "min": 0, "unit": "GB"},
    {"name": "e", "type": "email"},
    {"name": "u", "type": "url"},
    {"name": "a", "type": "textarea", "unit": "words", "placeholder": "Why?"},
    {"name": "s", "type": "select", "options": ["x", 1], "unit": "size", "required": True},
    {"name": "c", "type": "checkbox", "required": True, "description": "Both of them"},
    {"name": "d", "type": "date", "min": "2026-01-01"},
    {"name": "h", "type": "time"},
    {"name": "dt", "type": "datetime"},
    {"name": "r", "type": "range", "unit": "%", "required": True},
    {"name": "p", "type": "password", "required": True, "minLength": 8},
]
PAYLOADS: dict[str, dict[str, Any] | None] = {
    "approval": {"options": None, "allowComment": True},
    "selection": {
        "items": [{"id": "a", "label": "A", "description": "first"}],
        "allowText": True,
        "dismissLabel": "None",
    },
    "form": {"fields": EVERY_FIELD, "dismissLabel": "Skip"},
    "text-input": {
        "markdown": True,
        "maxLength": 20,
        "minLength": 2,
        "placeholder": "Why?",
        "dismissLabel": "Skip",
    },
    "link": {"url": "https://bot.example/auth", "provider": "GitHub", "dismissLabel": "Skip"},
    "freeform": {"schema": {"type": "object"}},
    "signature": None,
}
MULTI = {"mode": "multi", "items": [{"id": str(n), "label": f"L{n}"} for n in range(10)]}
ERRORS = {
    "approval": ["response.comment", "response.selectedOption"],
    "selection": ["response.selectedIds", "response.text"],
    "link": ["response.text"],
    "form": [f"response.{field['name']}" for field in EVERY_FIELD],
    "text-input": ["response.text"],
    "freeform": ["response"],
    "signature": ["response"],
}
every_type = pytest.mark.parametrize("slug", PAYLOADS)


class Page(HTMLParser):
    """Elements with their attributes and text; fails on tags that do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says something twice: {names}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, Any]]:
        return [attrs for tag, attrs in self.elements if tag in tags]

    def controls(self) -> list[dict[str, Any]]:
        return self.all("input", "select", "textarea")

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.elements if attrs.get("id")]  # type: ignore[misc]


def html_of(
    slug: str,
    payload: Any,
    *,
    draft: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    kind = types.get(slug)
    cleaned = kind.clean_payload(payload)
    context: dict[str, Any] = {
        "review": SimpleNamespace(id="r1", payload=cleaned),
        "card": kind.card(cleaned, draft),
    }
    if errors is not None:
        context["errors"] = errors
    return render_to_string(kind.template, context)


def page_of(slug: str, payload: Any, **given: Any) -> Page:
    return Page(html_of(slug, payload, **given))


@pytest.fixture(params=["fresh", "refused"])
def page(request, slug) -> Page:
    errors = dict.fromkeys(ERRORS[slug], "is required") if request.param == "refused" else None
    return page_of(slug, PAYLOADS[slug], errors=errors)


@every_type
def test_ids_are_unique_and_belong_to_the_review(page):
    assert len(page.ids) == len(set(page.ids))
    assert all(each.startswith("r-r1-") for each in page.ids)


@every_type
def test_every_control_has_a_label(page):
    labelled = {label["for"] for label in page.all("label")}
    assert {control["id"] for control in page.controls()} == labelled


@every_type
def test_every_reference_leads_somewhere(page):
    for _, attrs in page.elements:
        for name in (
            "for",
            "aria-describedby",
            "aria-controls",
            "data-counter-for",
            "data-preview-for",
        ):
            assert set((attrs.get(name) or "").split()) <= set(page.ids)


@every_type
def test_no_script_and_no_style_stand_in_the_html(page):
    assert not page.all("script", "style")
    assert not [
        name
        for _, attrs in page.elements
        for name in attrs
        if name == "style" or name.startswith("on")
    ]


@every_type
def test_it_works_as_a_plain_form_post(page):
    assert all(control["name"] for control in page.controls())
    assert {button["type"] for button in page.all("button")} <= {"submit", "button"}
    assert "submit" in {button["type"] for button in page.all("button")}
    assert not page.all("form")


@every_type
def test_every_error_is_shown_once_beside_what_it_is_about(slug):
    errors = {path: f"is wrong <{n}>" for n, path in enumerate(ERRORS[slug])}
    html = html_of(slug, PAYLOADS[slug], errors=errors)
    for n in range(len(errors)):
        assert html.count(f"is wrong &lt;{n}&gt;") == 1
    described = " ".join(
        attrs.get("aria-describedby") or "" for _, attrs in Page(html).elements
    ).split()
    assert sum(each.endswith("-error") for each in described) == len(errors)


@every_type
def test_invalid_controls_say_so_and_valid_ones_do_not(slug):
    assert 'aria-invalid="true"' not in html_of(slug, PAYLOADS[slug])
    assert 'aria-invalid="true"' in html_of(
        slug, PAYLOADS[slug], errors={ERRORS[slug][0]: "is wrong"}
    )


def test_the_error_of_one_field_marks_only_that_field():
    page = page_of("form", PAYLOADS["form"], errors={"response.e": "must be an e-mail address"})
    assert [control["name"] for control in page.controls() if control.get("aria-invalid")] == [
        "field.e"
    ]


@every_type
def test_hostile_words_stay_words(slug):
    evil = '"><script>alert(1)</script>'
    payload = {
        "approval": {"options": [{"id": evil, "label": evil}]},
        "selection": {"items": [{"id": evil, "label": evil, "description": evil}], "submitLabel": evil},
        "form": {
            "fields": [{**field, "name": evil + str(n), "label": evil, "description": evil, "placeholder": evil}
                       for n, field in enumerate(EVERY_FIELD)]
        },
        "text-input": {"placeholder": evil, "prefill": evil, "dismissLabel": evil},
        "link": {"url": "https://bot.example/?a=%22", "provider": evil, "submitLabel": evil},
        "freeform": {"schema": evil},
        "signature": {"schema": evil},
    }[slug]  # fmt: skip
    assert "<script" not in html_of(slug, payload, errors=dict.fromkeys(ERRORS[slug], evil))


def test_approval_buttons_carry_their_keys():
    payload = {
        "options": [
            {"id": "y", "label": "Yes", "style": "primary"},
            {"id": "m", "label": "Maybe"},
            {"id": "l", "label": "Later", "style": "ghost"},
            {"id": "n", "label": "No", "style": "danger"},
        ]
    }
    yes, maybe, later, no = page_of("approval", payload).all("button")
    assert [each["class"] for each in (yes, maybe, later, no)] == [
        "btn primary",
        "btn",
        "btn ghost",
        "btn danger",
    ]
    assert [each["data-option"] for each in (yes, maybe, later, no)] == ["1", "2", "3", "4"]
    assert ("data-primary" in yes, "data-danger" in yes) == (True, False)
    assert ("data-primary" in no, "data-danger" in no) == (False, True)
    assert (maybe["name"], maybe["value"]) == ("selectedOption", "m")
    assert re.findall(r"<kbd[^>]*>(.)</kbd>", html_of("approval", payload)) == ["A", "2", "3", "R"]


def test_a_comment_is_asked_only_where_it_is_taken():
    assert page_of("approval", None).all("textarea") == []
    assert page_of("approval", PAYLOADS["approval"]).all("textarea")[0]["name"] == "comment"


def test_one_of_several_are_radios_and_some_of_them_checkboxes():
    asked = {"items": [{"id": "a", "label": "A"}]}
    (free,) = page_of("selection", {**asked, "allowText": True}).all("input")
    assert "required" not in free, "A text will do."
    (radio,) = page_of("selection", asked).all("input")
    assert (radio["type"], radio["name"], radio["data-option"], "required" in radio) == (
        "radio",
        "selectedIds",
        "1",
        True,
    )
    boxes = page_of("selection", MULTI, draft={"selectedIds": ["3"]}).all("input")
    assert {(box["type"], "required" in box) for box in boxes} == {("checkbox", False)}
    assert [box["value"] for box in boxes if "checked" in box] == ["3"]


@pytest.mark.parametrize("slug", ["selection", "form", "text-input", "link"])
def test_submitting_comes_first_and_dismissing_skips_validation(slug):
    buttons = [
        button
        for button in page_of(slug, PAYLOADS[slug]).all("button")
        if button["type"] == "submit"
    ]
    submit, dismiss = buttons
    assert "data-submit" in submit
    assert "data-dismiss" in dismiss
    assert "formnovalidate" in dismiss
    assert (dismiss["name"], dismiss["value"]) == ("_dismissed", "1")


@pytest.mark.parametrize("slug", ["selection", "form", "text-input"])
def test_without_a_dismiss_label_there_is_no_way_out(slug):
    payload = {**(PAYLOADS[slug] or {}), "dismissLabel": " "}
    assert "_dismissed" not in html_of(slug, payload)


def test_every_kind_of_field_gets_its_own_control():
    page = page_of("form", PAYLOADS["form"])
    controls = {control["name"].removeprefix("field."): control for control in page.controls()}
    assert {name: control.get("type") for name, control in controls.items()} == {
        "t": "text", "n": "number", "e": "email", "u": "url", "a": None, "s": None, "c": "checkbox",
        "d": "date", "h": "time", "dt": "datetime-local", "r": "range", "p": "password",
    }  # fmt: skip
    assert [name for name, control in controls.items() if "required" in control] == [
        "t",
        "s",
        "c",
        "p",
    ]
    assert controls["n"]["step"] == "any"
    assert (controls["n"]["min"], "max" in controls["n"]) == ("0", False)
    assert [output["for"] for output in page.all("output")] == [controls["r"]["id"]]
    assert [option["value"] for option in page.all("option")] == ["", "x", "1"]


def test_required_is_a_word_and_not_only_a_colour():
    html = html_of("form", {"fields": [{"name": "a", "type": "text", "required": True}]})
    assert re.search(r"<label[^>]*>a <span[^>]*>required</span></label>", html)


def test_a_password_is_never_rendered():
    payload = {"fields": [{"name": "p", "type": "password", "defaultValue": "hunter2"}]}
    html = html_of("form", payload, draft={"p": "hunter2"})
    assert "hunter2" not in html
    (box,) = Page(html).all("input")
    assert (box["type"], box["autocomplete"], "value" in box) == ("password", "new-password", False)


def test_defaults_and_drafts_fill_the_controls():
    payload = {
        "fields": [
            {"name": "n", "type": "number", "defaultValue": 0},
            {"name": "s", "type": "select", "options": [1, 2], "defaultValue": 2},
            {"name": "c", "type": "checkbox", "defaultValue": True},
        ]
    }
    page = page_of("form", payload)
    assert [box.get("value") for box in page.all("input")] == ["0", "true"]
    assert [option["value"] for option in page.all("option") if "selected" in option] == ["2"]
    assert "checked" in page.all("input")[1]


def test_an_empty_option_takes_the_place_of_the_blank_one():
    payload = {
        "fields": [
            {"name": "s", "type": "select", "options": [{"value": "", "label": "None"}, "a"]}
        ]
    }
    assert [option["value"] for option in page_of("form", payload).all("option")] == ["", "a"]


def test_a_bounded_text_has_a_counter_and_markdown_a_preview():
    page = page_of("text-input", PAYLOADS["text-input"], draft={"text": "abc"})
    (counter,) = [attrs for attrs in page.all("span") if "data-counter-for" in attrs]
    assert (counter["data-counter-for"], counter["data-min"], counter["data-max"]) == (
        "r-r1-text",
        "2",
        "20",
    )
    (preview,) = [button for button in page.all("button") if "data-preview-for" in button]
    assert (preview["type"], preview["data-preview-for"]) == ("button", "r-r1-text")
    assert [
        attrs
        for attrs in page.all("div")
        if attrs["class"] == "preview prose" and "hidden" in attrs
    ]
    plain = html_of("text-input", None)
    assert "data-counter-for" not in plain
    assert "data-preview-for" not in plain


@pytest.mark.parametrize(
    ("slug", "payload", "draft"),
    [
        ("approval", PAYLOADS["approval"], {"comment": "\n a"}),
        ("text-input", None, {"text": "\n a"}),
        ("form", {"fields": [{"name": "a", "type": "textarea"}]}, {"a": "\n a"}),
        ("freeform", None, {"_json": "\n a"}),
    ],
)
def test_a_textarea_keeps_its_text_to_the_letter(slug, payload, draft):
    # An HTML parser drops the first line break after <textarea>; the second one is the human's.
    assert re.search(r"<textarea[^>]*>\n\n a</textarea>", html_of(slug, payload, draft=draft))


def test_a_page_without_errors_may_leave_them_out():
    assert html_of("text-input", None) == html_of("text-input", None, errors={})

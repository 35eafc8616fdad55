"""For every type: what cleans, cleans to itself, and any valid answer to it does too."""

import contextlib
import json
import string
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from placet.lib.errors import Invalid
from reviews import types

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
LABELS = WORDS.filter(lambda text: bool(text.strip()))
IDS = st.text(string.ascii_letters + string.digits + "-.é ", min_size=1, max_size=8).filter(
    str.strip
)
INTEGERS = st.integers(-(2**63), 2**64 - 1)
FLOATS = st.floats(-(2.0**63), 1.8e19)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(WORDS, JSON, max_size=4)
CAPTIONS = st.fixed_dictionaries(
    {}, optional={"submitLabel": WORDS, "dismissLabel": WORDS | st.none()}
)
UNIT_DAY = {"min": "2026-03-01", "max": "2026-03-31"}


def labelled(key: str, extra: dict[str, Any]) -> Any:
    shape = st.fixed_dictionaries({"id": IDS, "label": LABELS}, optional=extra)
    return st.lists(shape, min_size=1, max_size=6, unique_by=lambda each: each["id"]).map(
        lambda given: {key: given}
    )


@st.composite
def approvals(draw) -> tuple[dict[str, Any], dict[str, Any]]:
    style = st.sampled_from(["primary", "danger", "secondary", "ghost", None])
    payload = draw(labelled("options", {"style": style})) | {"allowComment": draw(st.booleans())}
    response = {"selectedOption": draw(st.sampled_from(payload["options"]))["id"]}
    return payload, response | ({"comment": draw(WORDS)} if payload["allowComment"] else {})


@st.composite
def selections(draw) -> tuple[dict[str, Any], dict[str, Any]]:
    mode = draw(st.sampled_from(["single", "multi"]))
    payload = draw(labelled("items", {"description": WORDS})) | draw(CAPTIONS) | {"mode": mode}
    ids = st.sampled_from([item["id"] for item in payload["items"]])
    chosen = draw(st.lists(ids, min_size=1, max_size=1 if mode == "single" else 6))
    return payload, {"selectedIds": chosen}


@st.composite
def texts(draw) -> tuple[dict[str, Any], dict[str, Any]]:
    text = draw(LABELS)
    most = draw(st.none() | st.integers(len(text), 200))
    payload = {"minLength": 0, "maxLength": most, "markdown": draw(st.booleans())} | draw(CAPTIONS)
    return payload, {"text": text}


VALUES: dict[str, tuple[dict[str, Any], st.SearchStrategy[Any]]] = {
    "text": ({}, WORDS),
    "textarea": ({}, WORDS),
    "password": ({}, WORDS),
    "email": ({}, st.sampled_from(["ada@example.org", " a@b.example "])),
    "url": ({}, st.sampled_from(["https://example.org/x", "http://localhost"])),
    "number": (
        {},
        INTEGERS | FLOATS | INTEGERS.map(str),
    ),
    "range": ({"min": -1, "max": 1, "step": 0.25}, st.integers(-4, 4).map(lambda n: n / 4)),
    "select": (
        {"options": ["a", 1, 2.5, True]},
        st.sampled_from(["a", 1, "1", 2.5, "2.5", True, "true"]),
    ),
    "checkbox": ({}, st.booleans()),
    "date": (UNIT_DAY, st.integers(1, 31).map(lambda day: f"2026-03-{day:02}")),
    "time": ({}, st.times().map(lambda at: at.strftime("%H:%M"))),
    "datetime": ({}, st.integers(0, 59).map(lambda n: f"2026-03-01T09:{n:02}:{n:02}")),
}


@st.composite
def forms(draw) -> tuple[dict[str, Any], dict[str, Any]]:
    names = draw(st.lists(IDS, min_size=1, max_size=6, unique=True))
    fields, response = [], {}
    for name in names:
        kind = draw(st.sampled_from(sorted(VALUES)))
        spec, values = VALUES[kind]
        default = {"defaultValue": draw(values)} if draw(st.booleans()) else {}
        fields.append({"name": name, "type": kind, **spec, **default})
        if draw(st.booleans()):
            response[name] = draw(values | st.none())
    return {"fields": fields} | draw(CAPTIONS), response


def check_round_trip(slug: str, payload: Any, response: Any) -> None:
    kind = types.get(slug)
    asked = kind.clean_payload(payload)
    assert kind.clean_payload(asked) == asked
    assert json.loads(json.dumps(asked, allow_nan=False)) == asked
    answer = kind.clean_response(asked, response)
    assert kind.clean_response(asked, answer) == answer
    assert json.dumps(kind.clean_response(asked, json.loads(json.dumps(answer)))) == json.dumps(
        answer
    )
    assert kind.outcome(asked, answer).label.strip()
    assert kind.card(asked, answer)
    assert kind.secret_fields(asked) <= set(asked_names(asked))
    assert kind.redact(asked) == asked


def asked_names(payload: dict[str, Any]) -> list[str]:
    return [
        field["name"]
        for field in payload.get("fields") or []
        if isinstance(field, dict) and "name" in field
    ]


@given(approvals())
def test_approvals(pair):
    check_round_trip("approval", *pair)


@given(selections())
def test_selections(pair):
    check_round_trip("selection", *pair)


@given(forms())
def test_forms(pair):
    check_round_trip("form", *pair)


@given(texts())
def test_texts(pair):
    check_round_trip("text-input", *pair)


@given(OBJECTS, OBJECTS)
def test_anything_else(payload, response):
    check_round_trip("freeform", payload, response)
    check_round_trip("signature", payload, response)


@given(st.sampled_from([kind.slug for kind in types.all_types()]), OBJECTS | JSON, OBJECTS | JSON)
def test_no_json_at_all_makes_a_cleaner_stumble(slug, payload, response):
    """Whatever arrives is stored or refused, never a crash."""
    kind = types.get(slug)
    with contextlib.suppress(Invalid):
        kind.clean_response(kind.clean_payload(payload), response)

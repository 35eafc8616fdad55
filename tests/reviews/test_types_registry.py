from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from reviews import types
from reviews.types import generic


class Signature(generic.Generic):
    pass


@pytest.fixture
def _clean_registry(monkeypatch):
    monkeypatch.setattr(types, "_by_slug", dict(types._by_slug))


def test_the_six_built_in_types_are_found_by_their_wire_word_in_their_order():
    words = ["approval", "selection", "form", "text-input", "freeform", "link"]
    assert [kind.slug for kind in types.BUILT_IN] == words
    assert types.all_types() == types.BUILT_IN
    assert [types.get(word) for word in words] == list(types.BUILT_IN)
    assert [kind.label for kind in types.BUILT_IN] == [
        "Approval",
        "Selection",
        "Form",
        "Text",
        "Freeform",
        "Link",
    ]


def test_each_type_has_a_template_of_its_own():
    assert [kind.template for kind in types.BUILT_IN] == [
        f"reviews/types/{kind.slug}.html" for kind in types.BUILT_IN
    ]


def test_a_word_nobody_registered_still_gets_a_type():
    kind = types.get("signature")
    assert (kind.slug, kind.label, kind.template) == (
        "signature",
        "signature",
        "reviews/types/generic.html",
    )
    assert types.get("signature") not in types.all_types()


@pytest.mark.usefixtures("_clean_registry")
def test_a_plugin_may_register_one_more_type():
    kind = Signature("signature")
    types.register(kind)
    assert types.get("signature") is kind
    assert types.all_types()[-1] is kind


@pytest.mark.usefixtures("_clean_registry")
@pytest.mark.parametrize("thing", [None, "approval", Signature, object()])
def test_what_is_not_a_review_type_is_not_registered(thing: Any):
    with pytest.raises(TypeError, match="is not a ReviewType"):
        types.register(thing)


def test_a_word_is_registered_once():
    with pytest.raises(ImproperlyConfigured, match="'approval' is registered twice"):
        types.register(Signature("approval"))


def test_most_types_keep_no_secret_and_show_their_whole_payload():
    for kind in types.BUILT_IN:
        if kind.slug != "form":
            assert kind.secret_fields({}) == frozenset()
            assert kind.redact({"a": 1}) == {"a": 1}

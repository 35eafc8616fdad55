"""How tests of the review types read a refusal, and how they post a form."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from placet.lib.errors import Invalid


def refused(clean: Callable[..., Any], *args: Any) -> dict[str, str]:
    """Path → message of everything the call refused; empty where it refused nothing."""
    try:
        clean(*args)
    except Invalid as refusal:
        told = refusal
    else:
        return {}
    assert told.errors, "a refusal that names no field helps nobody"
    assert told.__cause__ is None
    assert told.__context__ is None, "what the library saw must not travel with the refusal"
    return {error.path: error.message for error in told.errors}


def posted(*pairs: tuple[str, str]) -> QueryDict:
    return QueryDict(urlencode(pairs))

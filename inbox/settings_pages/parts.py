"""What the settings pages share: who may come in, how a refusal reads, and what is shown exactly once."""

from collections.abc import Mapping
from typing import Any, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from inbox.views.door import View, for_people, render
from placet.lib.errors import PlacetError
from placet.lib.sealing import InvalidToken, seal, unseal

P = ParamSpec("P")


def settings_page(view: View[P]) -> View[P]:
    """A page for people that may show or take a secret: never kept by a browser, never in an error report."""
    return never_cache(sensitive_post_parameters()(for_people(view)))


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    refusal: PlacetError | None = None,
) -> HttpResponse:
    """The page, or the page with what was refused beside the fields that were."""
    shown = {
        "here": "settings",
        **context,
        "refusal": refusal,
        "errors": faults(refusal),
        "values": request.POST if refusal else {},
    }
    return render(request, template, shown, status=refusal.status if refusal else 200)


def faults(refusal: PlacetError | None) -> dict[str, str]:
    """By field, as sentences: the API's "must be …; got …" without the echo a person does not need."""
    if refusal and refusal.code == "email_taken":
        return {"email": refusal.message}
    return {error.path: _sentence(error.message) for error in refusal.errors} if refusal else {}


def keep_once(request: HttpRequest, name: str, value: dict[str, str]) -> None:
    """For the next page only. Sealed: the session table must hold nothing that signs anybody in."""
    request.session[f"once.{name}"] = seal(value)


def take_once(request: HttpRequest, name: str) -> dict[str, str]:
    """What was kept, and it is gone; empty the second time."""
    sealed = request.session.pop(f"once.{name}", None)
    try:
        kept: dict[str, str] = unseal(sealed) if sealed else {}
    except InvalidToken:
        return {}
    return kept


def _sentence(message: str) -> str:
    text = message.partition("; got")[0]
    return text if text[:1].isupper() else f"This {text}."

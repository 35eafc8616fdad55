"""In whose words a refusal is said where no view has been asked yet. The floors above register theirs for their own paths."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from placet.lib.errors import PlacetError
from placet.lib.rest import error_response

Accent = Callable[[PlacetError, HttpRequest], HttpResponse]
_by_start: dict[str, Accent] = {}


def register(start: str, accent: Accent) -> None:
    """For every path that begins so; of two that match the longer one."""
    _by_start[start] = accent


def refused(refusal: PlacetError, request: HttpRequest) -> HttpResponse:
    starts = [start for start in _by_start if request.path.startswith(start)]
    accent = _by_start[max(starts, key=len)] if starts else error_response
    return accent(refusal, request)

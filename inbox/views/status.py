"""How the agents are."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from accounts.auth import human
from inbox.status import board
from inbox.status.window import WINDOWS, Window, window_of
from inbox.views.door import for_people, render, wants_fragment


@for_people
def status(request: HttpRequest) -> HttpResponse:
    window = _window(request)
    found = board.board(human(request), window)
    context = {"here": "status", "board": found, "window": window, "windows": WINDOWS}
    fragment = wants_fragment(request)
    return render(request, "inbox/_status_board.html" if fragment else "inbox/status.html", context)


@for_people
def tiles(request: HttpRequest) -> HttpResponse:
    window = _window(request)
    context = {"tiles": board.tiles(human(request), window), "window": window}
    return render(request, "inbox/_status_tiles.html", context)


@for_people
def row(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    window = _window(request)
    context = {"line": board.line(human(request), agent_id, window), "window": window}
    return render(request, "inbox/_status_row.html", context)


def _window(request: HttpRequest) -> Window:
    return window_of(request.GET.get("range", ""))

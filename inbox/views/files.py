"""All files a person may see: a wall of them, filtered, and what is done with several at once."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.auth import human
from agents.snapshots import AgentSnapshot
from files import selectors
from files.groups import GROUPS
from files.serving import zip_response
from files.snapshots import FilePage, FileSnapshot
from inbox.context import shell_of
from inbox.views.door import for_people, render, wants_fragment
from inbox.views.file_filters import LIMIT, FileFilters
from placet.lib.errors import Invalid, NotFound
from placet.lib.wording import at_most

SHAPES = ("grid", "list")
SHAPE_COOKIE, A_YEAR = "placet_files", 365 * 86400


class Shown(NamedTuple):
    """A file, and whose conversation it is in: None past the most agents a rail lists."""

    file: FileSnapshot
    agent: AgentSnapshot | None


@for_people
def page(request: HttpRequest) -> HttpResponse:
    """Whole page; for a fragment request the results, or with a cursor more of them."""
    filters = FileFilters.of(request.GET)
    cursor = request.GET.get("cursor")
    # Ten thousand digits are no number: Python refuses to read them.
    limit = request.GET.get("limit", "")[:9]
    found = filters.page(
        human(request), cursor=cursor, limit=int(limit) if limit.isdecimal() else LIMIT
    )
    context = {"filters": filters, "here": "files", "pane": "list", "groups": GROUPS}
    context |= _listed(request, found)
    if wants_fragment(request):
        return render(request, "files/_tiles.html" if cursor else "files/_results.html", context)
    return _remembered(request, render(request, "files/page.html", context))


@for_people
def tiles(request: HttpRequest) -> HttpResponse:
    """These files, those of them that there are: what a page that stays open fetches anew."""
    ids = request.GET.getlist("id")[: selectors.MOST_AT_ONCE]
    shown = _with_agents(request, selectors.files_for(human(request), ids))
    return render(request, "files/_tiles.html", {"shown": shown})


@require_POST
@for_people
def zipped(request: HttpRequest) -> HttpResponseBase:
    """A form and no JSON: the browser writes the archive to the disk while it comes."""
    ids = request.POST.getlist("ids")
    if len(ids) > selectors.MOST_AT_ONCE:
        raise Invalid.field("ids", at_most(selectors.MOST_AT_ONCE, "id", len(ids)))
    files = selectors.files_for(human(request), ids)
    if not files:
        raise NotFound("File not found")
    return zip_response(files, name="files.zip")


def _listed(request: HttpRequest, found: FilePage) -> dict[str, Any]:
    return {
        "shown": _with_agents(request, found.files),
        "next_cursor": found.next_cursor,
        "shape": _shape(request),
        "shapes": SHAPES,
    }


def _with_agents(request: HttpRequest, files: Iterable[FileSnapshot]) -> list[Shown]:
    agents = {line.agent.id: line.agent for line in shell_of(request).channels}
    return [Shown(file, agents.get(file.agent_id)) for file in files]


def _shape(request: HttpRequest) -> str:
    wanted = request.GET.get("as") or request.COOKIES.get(SHAPE_COOKIE, "")
    return wanted if wanted in SHAPES else SHAPES[0]


def _remembered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """How somebody likes to see their files is the business of this browser alone."""
    if request.GET.get("as") in SHAPES:
        response.set_cookie(
            SHAPE_COOKIE,
            request.GET["as"],
            max_age=A_YEAR,
            path=reverse("inbox:files"),
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response

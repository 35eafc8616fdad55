"""The inbox: a list of questions, and one of them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from accounts.auth import human
from inbox import selectors
from inbox.context import shell_of
from inbox.snapshots import MessagePage, MessageSnapshot
from inbox.views.door import for_people, render, wants_fragment
from inbox.views.filters import LIMIT, Filters
from inbox.views.today import today
from reviews import types


@for_people
def page(request: HttpRequest, message_id: UUID | None = None) -> HttpResponse:
    """Whole page; for a fragment request the detail when one is addressed, else the list, else more rows."""
    filters = Filters.of(request.GET)
    if message_id is not None:
        opened = selectors.question_for(human(request), message_id)
        if wants_fragment(request):
            return render(request, "inbox/_detail.html", _about(filters, opened))
        return whole(request, filters, opened)
    if wants_fragment(request):
        return _list(request, filters)
    return whole(request, filters, None)


@for_people
def row(request: HttpRequest, message_id: UUID) -> HttpResponse:
    filters = Filters.of(request.GET)
    return render(
        request,
        "inbox/_row.html",
        {"filters": filters, "message": selectors.question_for(human(request), message_id)},
    )


@for_people
def card(request: HttpRequest, message_id: UUID) -> HttpResponse:
    message = selectors.message_for(human(request), message_id)
    return render(request, "inbox/_card.html", {"message": message})


def whole(
    request: HttpRequest,
    filters: Filters,
    opened: MessageSnapshot | None,
    *,
    status: int = 200,
    **card: Any,
) -> HttpResponse:
    """The page with `opened` at its right; without one a wide screen shows the first of the list there."""
    found = filters.page(human(request), cursor=request.GET.get("cursor"))
    shown = opened or (found.messages[0] if found.messages else None)
    context = {
        **_listed(request, filters, found),
        **_about(filters, shown),
        "is_listed": any(message.id == shown.id for message in found.messages) if shown else False,
        "pane": "detail" if opened else "list",
        "here": "inbox",
        # Only here: a row that is fetched alone has it from the rail of the page it comes into.
        "beside": shell_of(request).beside,
        **card,
    }
    return render(request, "inbox/page.html", context, status=status)


def _list(request: HttpRequest, filters: Filters) -> HttpResponse:
    cursor = request.GET.get("cursor")
    # Ten thousand digits are no number: Python refuses to read them.
    limit = request.GET.get("limit", "")[:9]
    found = filters.page(
        human(request), cursor=cursor, limit=int(limit) if limit.isdecimal() else LIMIT
    )
    template = "inbox/_rows.html" if cursor else "inbox/_list.html"
    return render(request, template, _listed(request, filters, found))


def _listed(request: HttpRequest, filters: Filters, found: MessagePage) -> dict[str, Any]:
    empty = not found.messages and filters == Filters()
    return {
        "filters": filters,
        "messages": found.messages,
        "next_cursor": found.next_cursor,
        "types": types.all_types(),
        "today": today(human(request)) if empty else None,
    }


def _about(filters: Filters, opened: MessageSnapshot | None) -> dict[str, Any]:
    return {"filters": filters, "message": opened, "selected": opened}

"""The deliveries: a list of them, and one of them whole, with every try."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.auth import human
from agents.selectors import managed_agents_for
from inbox.views.door import for_people, render, wants_fragment
from placet.lib.clock import now
from webhooks import listing, selectors
from webhooks.dialects import TEST
from webhooks.pages.filters import Filters
from webhooks.pages.parts import EVENTS
from webhooks.services import queueing
from webhooks.snapshots import DeliveryLine, DeliverySheet, LinePage

#: What waits is looked at again when it is due, but neither in a rush nor after it has long been over.
SOONEST_SECONDS, LATEST_SECONDS = 2, 60


@for_people
def page(request: HttpRequest, delivery_id: UUID | None = None) -> HttpResponse:
    """Whole page; for a fragment request the detail when one is addressed, else the list, else more rows."""
    filters = Filters.of(request.GET)
    if delivery_id is not None:
        opened = listing.sheet_for(human(request), delivery_id)
        if wants_fragment(request):
            return render(request, "webhooks/_delivery.html", _about(filters, opened))
        return _whole(request, filters, opened)
    if wants_fragment(request):
        return _list(request, filters)
    return _whole(request, filters, None)


@for_people
def row(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    line = listing.line_for(human(request), delivery_id)
    return render(
        request, "webhooks/_line.html", {"filters": Filters.of(request.GET), "line": line}
    )


@require_POST
@for_people
def replay(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    by, filters = human(request), Filters.behind(request)
    queueing.replay(by=by, delivery_id=delivery_id)
    if wants_fragment(request):
        opened = listing.sheet_for(by, delivery_id)
        return render(request, "webhooks/_delivery.html", _about(filters, opened))
    messages.success(request, "It goes out again.")
    return redirect(reverse("webhooks:delivery", args=[delivery_id]) + filters.query)


@require_POST
@for_people
def replay_failed(request: HttpRequest) -> HttpResponse:
    """All that failed and fits the filters, which the form carries: what was confirmed is what is done."""
    filters = replace(Filters.of(request.POST), status="pending")
    replayed = queueing.replay_failed(by=human(request), **filters.chosen)
    said = "1 delivery goes" if replayed == 1 else f"{replayed} deliveries go"
    messages.success(request, f"{said} out again.")
    return redirect(reverse("webhooks:deliveries") + filters.query)


def _whole(request: HttpRequest, filters: Filters, opened: DeliverySheet | None) -> HttpResponse:
    """The page with `opened` at its right; without one a wide screen shows the first of the list there."""
    by = human(request)
    found = filters.page(by, cursor=request.GET.get("cursor"))
    shown = opened or (listing.sheet_for(by, found.lines[0].id) if found.lines else None)
    context = {
        **_listed(request, filters, found),
        **_about(filters, shown),
        "is_listed": any(line.id == shown.line.id for line in found.lines) if shown else False,
        "pane": "detail" if opened else "list",
        "here": "deliveries",
    }
    return render(request, "webhooks/deliveries.html", context)


def _list(request: HttpRequest, filters: Filters) -> HttpResponse:
    cursor = request.GET.get("cursor")
    # Ten thousand digits are no number: Python refuses to read them.
    limit = request.GET.get("limit", "")[:9]
    found = filters.page(
        human(request),
        cursor=cursor,
        limit=int(limit) if limit.isdecimal() else selectors.PAGE,
    )
    template = "webhooks/_lines.html" if cursor else "webhooks/_deliveries.html"
    return render(request, template, _listed(request, filters, found))


def _listed(request: HttpRequest, filters: Filters, found: LinePage) -> dict[str, Any]:
    by = human(request)
    failed = filters.status == "failed" and found.lines
    return {
        "filters": filters,
        "lines": found.lines,
        "next_cursor": found.next_cursor,
        "again": _again(found.lines),
        "agents": managed_agents_for(by),
        "endpoints": selectors.endpoint_names(by),
        "events": [type for type, _ in EVENTS] + [TEST],
        "failed": selectors.count_failed(by, **filters.chosen) if failed else 0,
    }


def _about(filters: Filters, opened: DeliverySheet | None) -> dict[str, Any]:
    if opened is None:
        return {"filters": filters}
    return {
        "filters": filters,
        "sheet": opened,
        "selected": opened.line,
        "sheet_again": _again([opened.line]),
    }


def _again(lines: Iterable[DeliveryLine]) -> int | None:
    """In how many seconds something that is shown will have changed; None when nothing waits."""
    at = now()
    waits = [
        0.0 if line.is_under_way else (line.due_at - at).total_seconds()
        for line in lines
        if line.is_pending
    ]
    return round(min(max(min(waits), SOONEST_SECONDS), LATEST_SECONDS)) if waits else None

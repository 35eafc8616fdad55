"""Deliveries as a page shows them, in a fixed number of queries however many there are; no body is read for a list."""

from collections.abc import Sequence
from uuid import UUID

from agents.webhook import webhooks_of
from placet.lib.actors import Actor
from placet.lib.addresses import host_of
from placet.lib.ids import parse_id
from webhooks.models import Attempt, Delivery, DeliveryQuerySet, Endpoint, Kind
from webhooks.parcels import Packer, Parcel
from webhooks.selectors import MOST_ATTEMPTS, PAGE, chosen_rows, delivery_row_for
from webhooks.snapshots import (
    AttemptSnapshot,
    DeliveryLine,
    DeliverySheet,
    DeliverySnapshot,
    LinePage,
)


def lines_page(
    by: Actor, *, cursor: str | None = None, limit: int = PAGE, **chosen: object
) -> LinePage:
    """One page of lines, newest first; `chosen` as for the deliveries themselves."""
    rows = _bare(chosen_rows(by, **chosen))
    if cursor:
        if (before := parse_id(cursor)) is None:
            return LinePage(lines=(), next_cursor=None)
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    shown, more = found[:limit], len(found) > limit
    return LinePage(lines=_lines(shown), next_cursor=str(shown[-1].pk) if more else None)


def line_for(by: Actor, delivery_id: object) -> DeliveryLine:
    return _lines([delivery_row_for(by, delivery_id)])[0]


def sheet_for(by: Actor, delivery_id: object) -> DeliverySheet:
    """One delivery with its tries, the latest first, and with what a try would send now."""
    row = delivery_row_for(by, delivery_id)
    tries = Attempt.objects.filter(delivery=row).order_by("-pk")[:MOST_ATTEMPTS]
    parcel = Packer([row]).pack(row)
    return DeliverySheet(
        line=_lines([row])[0],
        delivery=DeliverySnapshot.of(row),
        attempts=tuple(AttemptSnapshot.of(one) for one in tries),
        headers=() if parcel.fault else _headers(parcel),
        fault=parcel.fault,
    )


def _headers(parcel: Parcel) -> tuple[tuple[str, str], ...]:
    """A dialect makes its headers of the body: before the first try has written that there are none."""
    if parcel.dialect and not parcel.body:
        return ()
    return tuple(parcel.masked_headers())


def newest_for_message(by: Actor, message_id: object) -> UUID | None:
    """The last delivery that a message's ticks tell of, if the actor may see one."""
    rows = chosen_rows(by, message_id=message_id).shown_on_messages().order_by("-pk")
    return rows.values_list("pk", flat=True).first()


def _bare(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    return rows.select_related("agent").defer("body", "headers", "facts", "hidden")


def _lines(rows: Sequence[Delivery]) -> tuple[DeliveryLine, ...]:
    places = _Places(rows)
    return tuple(
        DeliveryLine.of(row, host=places.host(row), endpoint_name=places.name(row)) for row in rows
    )


class _Places:
    """Where some deliveries go: read at once, whosever address it is."""

    def __init__(self, rows: Sequence[Delivery]) -> None:
        shared = {row.endpoint_id for row in rows if row.kind == Kind.WORKSPACE}
        own = {row.agent_id for row in rows if row.agent_id and row.kind == Kind.AGENT}
        found = Endpoint.objects.filter(pk__in=shared).only("name", "url")
        self._shared = {row.pk: row for row in found}
        self._hooks = webhooks_of(own)

    def host(self, row: Delivery) -> str:
        return host_of(row.url or self._url(row) or "")

    def name(self, row: Delivery) -> str:
        endpoint = self._endpoint(row)
        return endpoint.name if endpoint else ""

    def _url(self, row: Delivery) -> str | None:
        if endpoint := self._endpoint(row):
            url: str | None = endpoint.url
            return url
        hook = self._hooks.get(row.agent_id) if row.agent_id else None
        return hook.url if hook else None

    def _endpoint(self, row: Delivery) -> Endpoint | None:
        return self._shared.get(row.endpoint_id) if row.endpoint_id else None

"""Changes to endpoints: those of the workspace, which its owners manage, and the agents' own."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from agents import services as agents
from agents.selectors import existing_agents, managed_ids
from agents.snapshots import AgentSnapshot
from agents.webhook import clean_headers, clean_url, moves, webhooks_of
from placet.events import catalogue
from placet.events.models import Recorded
from placet.events.outbox import record
from placet.lib import signing
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Conflict, Forbidden, Invalid, NotFound
from placet.lib.ids import id_or_nil, parse_id
from placet.lib.wording import must_be, one_of
from webhooks import dialects
from webhooks.models import Endpoint, Off
from webhooks.selectors import endpoint_row_for
from webhooks.services import circuits
from webhooks.services.forgetting import forget
from webhooks.snapshots import EndpointSnapshot, MintedEndpoint
from webhooks.targets import TO_WORKSPACE, keys_of

LONGEST_NAME = 100
#: How long both secrets sign while a new one replaces an old one.
OVERLAP = timedelta(hours=24)


@transaction.atomic
def create_endpoint(
    *,
    by: Actor,
    name: str,
    url: str,
    events: Sequence[str] = (),
    agent_ids: Sequence[object] = (),
    headers: Mapping[str, str] | None = None,
) -> MintedEndpoint:
    """Add an endpoint of the workspace: an owner's. No events mean every event, no agents every agent."""
    _refuse_strangers(by)
    secret = signing.mint_secret()
    fields = _clean({"name": name, "url": url, "events": events, "headers": headers})
    row = Endpoint.objects.create(secret=secret, created_at=now(), **fields)
    _limit(row, agent_ids)
    _tell(row, by)
    return MintedEndpoint(endpoint=EndpointSnapshot.of(row), secret=secret)


@transaction.atomic
def change_endpoint(
    *,
    by: Actor,
    endpoint_id: object,
    changes: Mapping[str, Any],
    agent_ids: Sequence[object] | None = None,
    on: bool | None = None,
) -> EndpointSnapshot:
    """Change some of name, url, events, headers, the agents and the switch. Another address starts with a clean record."""
    row = _of_workspace(by, endpoint_id)
    moved = moves(row.url, changes.get("url"))
    if moved:
        changes = {"headers": None, **changes}
    fields = _clean(changes, before=None if moved else row.headers)
    Endpoint.objects.filter(pk=row.pk).update(**fields)
    if agent_ids is not None:
        _limit(row, agent_ids)
    if fields.get("url", row.url) != row.url:
        _start_afresh(row)
    if on is not None:
        _switch(row, on=on)
    _tell(row, by)
    return _reread(row)


@transaction.atomic
def delete_endpoint(*, by: Actor, endpoint_id: object) -> None:
    """Remove an endpoint of the workspace with the record of its deliveries; what still waits for it is not sent."""
    row = _of_workspace(by, endpoint_id)
    _tell(row, by)
    forget(row.deliveries.all())
    row.delete()


@transaction.atomic
def rotate_secret(*, by: Actor, endpoint_id: object) -> MintedEndpoint:
    """A new secret; the old one signs beside it for a day, so that the receiver can change over when it likes."""
    row, secret = endpoint_row_for(by, endpoint_id), signing.mint_secret()
    until = now() + OVERLAP
    rows = Endpoint.objects.filter(pk=row.pk)
    rows.update(secret=secret, old_secret=row.secret, old_secret_until=until)
    _tell(row, by)
    return MintedEndpoint(endpoint=_reread(row), secret=secret)


@transaction.atomic
def switch_endpoint(*, by: Actor, endpoint_id: object, on: bool) -> EndpointSnapshot:
    """Off: nothing is queued for it any more, and one we gave up on is no longer news. On again: it starts with a clean record."""
    row = endpoint_row_for(by, endpoint_id)
    _switch(row, on=on)
    _tell(row, by)
    return _reread(row)


@transaction.atomic
def set_agent_webhook(
    *,
    by: Actor,
    agent_id: object,
    url: str,
    headers: Mapping[str, str] | None = None,
    auth: Mapping[str, str] | None = None,
) -> tuple[AgentSnapshot, str]:
    """The agent's own webhook, and its secret if nobody has read it yet (else "": it can be rotated)."""
    agent = agents.set_webhook(by=by, agent_id=agent_id, url=url, headers=headers, auth=auth)
    row = Endpoint.objects.get(agent_id=agent.id)
    # Setting it says "try it", also where the address is the one that had died.
    _start_afresh(row)
    unread = Endpoint.objects.filter(pk=row.pk, shown=False).update(shown=True)
    return agent, row.secret if unread else ""


@transaction.atomic
def open_agent_endpoint(
    *, by: Actor, agent_id: UUID, url: str = "", told_in: Sequence[str] = ()
) -> MintedEndpoint:
    """For an agent that has just been made: its endpoint with the secret, though there be no address yet; and its dialects."""
    if url:
        agents.set_webhook(by=by, agent_id=agent_id, url=url)
    row = Endpoint.objects.filter(agent_id=agent_id).first() or _own_endpoint(agent_id)
    rows = Endpoint.objects.filter(pk=row.pk, shown=False)
    if not rows.update(shown=True, dialects=dialects.clean(told_in)):
        raise Conflict("The secret of this endpoint has been read.")
    return MintedEndpoint(endpoint=_reread(row), secret=row.secret)


@transaction.atomic
def speak(*, by: Actor, agent_id: object, told_in: Sequence[str]) -> EndpointSnapshot:
    """From now on the agent is told in these dialects; in none means in ours. What has been written stays as it is."""
    row = Endpoint.objects.filter(agent_id=id_or_nil(agent_id)).first()
    if row is None or row.agent_id not in managed_ids(by):
        raise NotFound("Agent not found")
    Endpoint.objects.filter(pk=row.pk).update(dialects=dialects.clean(told_in))
    _tell(row, by)
    return _reread(row)


@transaction.atomic
def rotate_agent_secret(*, by: Actor, agent_id: object) -> MintedEndpoint:
    """The same for an agent, whether it has an address yet or not: what goes to a message's own address is signed with it too."""
    wanted = id_or_nil(agent_id)
    if wanted not in managed_ids(by):
        raise NotFound("Agent not found")
    row = Endpoint.objects.filter(agent_id=wanted).first() or _own_endpoint(wanted)
    return rotate_secret(by=by, endpoint_id=row.pk)


def follow_agents(events: Iterable[Recorded]) -> None:
    """Beside a change of an agent: whichever door its webhook came in by, it has an endpoint, and a new address a clean record."""
    kinds = {catalogue.AgentCreated.type, catalogue.AgentUpdated.type}
    ids = {UUID(one.agent_id) for one in events if one.type in kinds and one.agent_id}
    if not ids:
        return
    known = {row.agent_id: row for row in Endpoint.objects.filter(agent_id__in=ids)}
    hooks = webhooks_of(ids)
    for agent_id in known.keys() - hooks.keys():
        _start_afresh(known[agent_id])
    for agent_id, hook in hooks.items():
        row = known.get(agent_id) or _own_endpoint(agent_id)
        address = hashlib.sha256(hook.url.encode()).hexdigest()
        if row.address_hash != address:
            Endpoint.objects.filter(pk=row.pk).update(address_hash=address)
            _start_afresh(row)


def _own_endpoint(agent_id: UUID) -> Endpoint:
    row, _ = Endpoint.objects.get_or_create(
        agent_id=agent_id,
        defaults={"secret": signing.mint_secret(), "shown": False, "created_at": now()},
    )
    return row


def _start_afresh(row: Endpoint) -> None:
    Endpoint.objects.filter(pk=row.pk).update(off="", off_since=None)
    for key in keys_of(row):
        circuits.start_afresh(key)


def _switch(row: Endpoint, *, on: bool) -> None:
    if on:
        _start_afresh(row)
    else:
        rows = Endpoint.objects.exclude(off=Off.BY_HAND).filter(pk=row.pk)
        rows.update(off=Off.BY_HAND, off_since=now())


def _of_workspace(by: Actor, endpoint_id: object) -> Endpoint:
    _refuse_strangers(by)
    row = endpoint_row_for(by, endpoint_id)
    if row.agent_id:
        raise NotFound("Endpoint not found")
    return row


def _refuse_strangers(by: Actor) -> None:
    if not by.is_human or not by.is_owner:
        raise Forbidden("Only an owner manages the endpoints of the workspace.")


def _reread(row: Endpoint) -> EndpointSnapshot:
    return EndpointSnapshot.of(Endpoint.objects.prefetch_related("only_agents").get(pk=row.pk))


def _tell(row: Endpoint, by: Actor) -> None:
    record(catalogue.EndpointChanged(agent_id=row.agent_id, endpoint_id=row.pk), by=by)


def _clean(changes: Mapping[str, Any], before: Mapping[str, str] | None = None) -> dict[str, Any]:
    cleaned = {name: value for name, value in changes.items() if name in _CLEANERS}
    return {name: _CLEANERS[name](value, before) for name, value in cleaned.items()}


def _clean_name(name: str, _: object) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        rule = f"must be 1 to {LONGEST_NAME} characters; got {len(name)}"
        raise Invalid.field("name", rule)
    return name


def _clean_events(events: Sequence[str], _: object) -> list[str]:
    if unknown := [event for event in events if event not in TO_WORKSPACE]:
        raise Invalid.field("events", must_be(one_of(sorted(TO_WORKSPACE)), unknown[0]))
    return sorted(set(events))


def _clean_address(url: str, _: object) -> str:
    return clean_url(url, path="url")


def _clean_headers(
    headers: Mapping[str, str] | None, before: Mapping[str, str] | None
) -> dict[str, str] | None:
    return clean_headers(headers, before, path="headers")


_CLEANERS: dict[str, Any] = {
    "name": _clean_name,
    "url": _clean_address,
    "events": _clean_events,
    "headers": _clean_headers,
}


def _limit(row: Endpoint, agent_ids: Sequence[object]) -> None:
    row.only_agents.set(_known_agents(agent_ids))  # type: ignore[arg-type]  # ids are allowed, the stubs do not know


def _known_agents(agent_ids: Sequence[object]) -> set[UUID]:
    wanted = {value: parse_id(value) for value in map(str, agent_ids)}
    known = existing_agents({key for key in wanted.values() if key})
    if strange := [value for value, key in wanted.items() if key not in known]:
        raise Invalid.field("agentIds", must_be("ids of agents of this workspace", strange[0]))
    return known

"""An agent's own webhook: where it is, and with which credentials. What is sent there, and how, is for upper floors."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from agents.models import Agent, AgentWebhook
from agents.snapshots import MASKED, WebhookSnapshot
from placet.lib.actors import Actor
from placet.lib.addresses import origin_of
from placet.lib.errors import FieldError, Invalid
from placet.lib.outbound import Refused, check_url
from placet.lib.wording import at_most, must_be, seen

MOST_HEADERS, LONGEST_HEADER = 30, 4_000
ANEW = f'must be given anew: "{MASKED}" stands for a value that was given for this host, and there is none'
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x20-\x7e\x80-\xff\t]*")
#: What makes a request one, and what says that it is ours.
_OURS = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"}


def webhooks_of(agent_ids: Iterable[UUID]) -> dict[UUID, WebhookSnapshot]:
    """The webhooks of those agents that have one. Not guarded: for services that deliver, and doors that have asked."""
    rows = AgentWebhook.objects.filter(agent_id__in=list(agent_ids))
    return {row.agent_id: WebhookSnapshot.of(row) for row in rows}


def managed_webhooks(by: Actor, agent_ids: Iterable[UUID]) -> dict[UUID, WebhookSnapshot]:
    """The same of the agents the actor manages: a reviewer does not read where answers go, nor a key that may not read."""
    if by.is_key and "read" not in by.scopes:
        return {}
    managed = Agent.objects.managed_by(by).filter(pk__in=list(agent_ids)).values("pk")
    rows = AgentWebhook.objects.filter(agent_id__in=managed)
    return {row.agent_id: WebhookSnapshot.of(row) for row in rows}


def write(agent_id: UUID, changes: Mapping[str, Any]) -> WebhookSnapshot | None:
    """For this app's services, in their transaction: some of url, headers, auth; no url means no webhook.

    A masked value that comes back stands for what it masked, so a form that shows masks may be sent as it is; but another
    host starts without what was given for the old one.
    """
    row = AgentWebhook.objects.filter(agent_id=agent_id).first() or AgentWebhook(agent_id=agent_id)
    url = changes.get("url", row.url)
    if moves(row.url, url):
        # What was given for one host is never sent to another, or whoever may move it could read it there.
        row.headers = row.auth = None
    wanted = {"url": url, "headers": row.headers, "auth": row.auth, **changes}
    if not wanted["url"]:
        _refuse_stray(changes)
        AgentWebhook.objects.filter(agent_id=agent_id).delete()
        return None
    row.url = clean_url(wanted["url"], path="webhookUrl")
    row.headers = clean_headers(wanted["headers"], row.headers, path="webhookHeaders")
    row.auth = _clean_auth(wanted["auth"], row.auth)
    # A whole row: one webhook has one owner, who is changing it now.
    AgentWebhook.objects.update_or_create(
        agent_id=agent_id, defaults={"url": row.url, "headers": row.headers, "auth": row.auth}
    )
    return WebhookSnapshot.of(row)


def moves(before: str | None, after: str | None) -> bool:
    """Whether another address is another host's."""
    return bool(before and after) and origin_of(before or "") != origin_of(after or "")


def clean_url(url: str, *, path: str) -> str:
    """An address we may go to; Invalid with the reason at `path`. It is asked about again whenever something is sent."""
    try:
        return check_url(url)
    except Refused as refused:
        raise Invalid.field(path, f"{refused}; got {seen(url)}") from None


def clean_headers(
    headers: Mapping[str, str] | None, before: Mapping[str, str] | None, *, path: str
) -> dict[str, str] | None:
    if not headers:
        return None
    if len(headers) > MOST_HEADERS:
        raise Invalid.field(path, at_most(MOST_HEADERS, "header", len(headers)))
    if errors := [e for name in headers if (e := _header_fault(name, headers[name], path))]:
        raise Invalid("Validation failed", errors=errors)
    kept = before or {}
    if lost := [name for name, value in headers.items() if value == MASKED and name not in kept]:
        raise Invalid.field(f"{path}.{lost[0]}", ANEW)
    return {name: kept[name] if v == MASKED else v for name, v in headers.items()}


def _header_fault(name: str, value: Any, path: str) -> FieldError | None:
    if not _NAME.fullmatch(name):
        return FieldError(path, must_be("made of header names", name))
    if name.lower() in _OURS or name.lower().startswith("webhook-"):
        return FieldError(f"{path}.{name}", "must not be one that Placet writes itself")
    # Never the value: it may be a credential.
    if not isinstance(value, str) or len(value) > LONGEST_HEADER or not _VALUE.fullmatch(value):
        rule = f"must be one line of at most {LONGEST_HEADER} Latin-1 characters"
        return FieldError(f"{path}.{name}", rule)
    return None


def _clean_auth(auth: Any, before: Any) -> dict[str, str] | None:
    if not auth:
        return None
    username, password = auth.get("username") or "", auth.get("password") or ""
    if ":" in username:
        raise Invalid.field("webhookAuth.username", must_be("without a colon", username))
    if password == MASKED:
        if not before:
            raise Invalid.field("webhookAuth.password", ANEW)
        password = before["password"]
    return {"username": username, "password": password}


def _refuse_stray(changes: Mapping[str, Any]) -> None:
    wire = {"headers": "webhookHeaders", "auth": "webhookAuth"}
    errors = [
        FieldError(wire[name], "needs a webhookUrl, and this agent has none")
        for name in wire
        if changes.get(name)
    ]
    if errors:
        raise Invalid("Validation failed", errors=errors)

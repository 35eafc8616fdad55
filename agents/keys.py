"""Changes to API keys. A key is readable once, in the answer that made it; what is stored is its hash."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.models import Agent, ApiKey
from agents.selectors import keys_managed_by
from agents.snapshots import IssuedKey, KeySnapshot
from placet.events import catalogue
from placet.events.outbox import record
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Conflict, Forbidden, Invalid, NotFound
from placet.lib.ids import KEY_SHOWN, hash_key, id_or_nil, mint_key

SCOPES = ("read", "write")


@transaction.atomic
def issue_key(
    *,
    by: Actor,
    user_id: UUID | None = None,
    agent_id: object = None,
    label: str = "Default",
    scopes: Sequence[str] = SCOPES,
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Make a key for the person (or, by an owner, for another), bound to one agent or to none."""
    if not by.is_human and by.kind != "system":
        raise Forbidden("Keys are issued by people.")
    user_id = user_id or by.person_id
    if user_id != by.user_id and not by.is_owner and by.kind != "system":
        raise Forbidden("Only an owner issues keys for somebody else.")
    label = _clean_label(label)
    _refuse_bad_terms(scopes, expires_at)
    key = mint_key()
    row = ApiKey.objects.create(
        user_id=user_id,
        agent=_bindable(user_id, agent_id) if agent_id else None,
        label=label,
        key_hash=hash_key(key),
        key_prefix=key[:KEY_SHOWN],
        scopes=list(scopes),
        expires_at=expires_at,
    )
    record(catalogue.KeyIssued(user_id=user_id, key_id=row.pk), by=by)
    return IssuedKey(key=key, snapshot=KeySnapshot.of(row))


@transaction.atomic
def rotate_key(*, by: Actor, key_id: object) -> IssuedKey:
    """The same key row gets a new secret; the old one stops at once, parked waits included."""
    row, key = _live_row(by, key_id), mint_key()
    _change(row, key_hash=hash_key(key), key_prefix=key[:KEY_SHOWN])
    record(catalogue.KeyRotated(user_id=row.user_id, key_id=row.pk), by=by)
    return IssuedKey(key=key, snapshot=KeySnapshot.of(row))


@transaction.atomic
def revoke_key(*, by: Actor, key_id: object) -> KeySnapshot:
    """End a key for good; it stops within a second in every process."""
    row = _live_row(by, key_id)
    _change(row, revoked_at=now())
    record(catalogue.KeyRevoked(user_id=row.user_id, key_id=row.pk), by=by)
    return KeySnapshot.of(row)


def _change(row: ApiKey, **fields: Any) -> None:
    """Compare-and-set: of two who rotate at once only one is shown a key, for only one key works."""
    rows = ApiKey.objects.filter(pk=row.pk, key_hash=row.key_hash, revoked_at=None)
    if not rows.update(**fields):
        raise Conflict("Somebody else has just rotated or revoked this key.")
    for name, value in fields.items():
        setattr(row, name, value)


def _live_row(by: Actor, key_id: object) -> ApiKey:
    if by.is_key:
        raise Forbidden("Keys are managed by people.")
    rows = ApiKey.objects if by.kind == "system" else ApiKey.objects.filter(keys_managed_by(by))
    row = rows.filter(pk=id_or_nil(key_id), revoked_at=None).select_related("agent").first()
    if row is None:
        raise NotFound("API key not found")
    return row


def _bindable(user_id: UUID | None, agent_id: object) -> Agent:
    """A key acts for its user: it can be bound only to an agent that user owns."""
    row = Agent.objects.filter(owner_id=user_id, pk=id_or_nil(agent_id)).first()
    if row is None:
        raise NotFound("Agent not found")
    return row


def _clean_label(label: str) -> str:
    label = label.strip()
    if not 1 <= len(label) <= 64:
        raise Invalid.field("label", f"must be 1 to 64 characters; got {len(label)}")
    return label


def _refuse_bad_terms(scopes: Sequence[str], expires_at: datetime | None) -> None:
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise Invalid.field("scopes", f'must be of read, write; got "{unknown[0]}"')
    if not scopes:
        raise Invalid.field("scopes", "must name at least one of read, write; got none")
    if expires_at and expires_at <= now():
        raise Invalid.field("expiresAt", f"must be in the future; got {expires_at.isoformat()}")

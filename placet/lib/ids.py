"""Ids sort by time (UUIDv7), so the newest page is a walk down the primary key. Keys are random and leave only as a hash."""

import hashlib
import secrets
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat

from placet.lib.clock import pretended

KEY_PREFIX = "hp_"
KEY_SHOWN = 11
NIL = UUID(int=0)


def new_id() -> UUID:
    """A UUIDv7: unguessable enough to be opaque, ordered enough to be a cursor."""
    moment = pretended()
    return uuid_utils.compat.uuid7() if moment is None else _id_at(moment)


def first_id_at(moment: datetime) -> UUID:
    """Below every id made from then on, above every older one: a time as a bound on ids."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def made_at(one: UUID) -> datetime:
    """When an id was made: a UUIDv7 begins with the millisecond."""
    return datetime.fromtimestamp((one.int >> 80) / 1000, UTC)


def _id_at(moment: datetime) -> UUID:
    """A UUIDv7 of then: version 7, variant 2, and 74 random bits."""
    random = secrets.randbits(12) << 64 | secrets.randbits(62)
    return UUID(int=first_id_at(moment).int | 7 << 76 | 2 << 62 | random)


def parse_id(value: object) -> UUID | None:
    """The UUID in `value`, or None: an id that cannot be one names no row, it is not an error."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def id_or_nil(value: object) -> UUID:
    """For look-ups: the UUID in `value`, or the nil one, which no row has."""
    return parse_id(value) or NIL


def mint_key() -> str:
    """`hp_` and 48 hex digits: 192 random bits."""
    return KEY_PREFIX + secrets.token_hex(24)


def hash_key(key: str) -> str:
    """What is stored. A plain SHA-256 is enough for 192 random bits, and it can be looked up."""
    return hashlib.sha256(key.encode()).hexdigest()


class HashConverter:
    """In a path, the hash that names a session: whatever else stands there is no address of ours."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value

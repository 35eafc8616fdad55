"""Signatures of webhooks, by the Standard Webhooks specification (symmetric keys, scheme `v1`). Pure functions."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def mint_secret() -> str:
    """A new secret: `whsec_` and 256 random bits in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(
    message_id: str, at: datetime, body: bytes, with_secrets: Iterable[str]
) -> dict[str, str]:
    """The three headers. Several secrets sign side by side while a new one replaces an old one; either verifies."""
    seconds = str(int(at.timestamp()))
    signed = f"{message_id}.{seconds}.".encode() + body
    signatures = " ".join(f"v1,{_sign(secret, signed)}" for secret in with_secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": signatures,
    }


def _sign(secret: str, signed: bytes) -> str:
    digest = hmac.new(_key_of(secret), signed, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _key_of(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError(f'A webhook secret is "{PREFIX}" and base64.') from None

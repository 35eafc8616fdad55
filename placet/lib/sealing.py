"""Secrets at rest: sealed with the first key, opened with any, so keys can be rotated."""

import base64
import hashlib
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(value: Any) -> str:
    """Encrypt any JSON value; the result is text and safe to store."""
    return _box().encrypt(orjson.dumps(value)).decode()


def unseal(sealed: str) -> Any:
    """The value that was sealed; raises InvalidToken when no configured key fits."""
    return orjson.loads(_box().decrypt(sealed.encode()))


def _box() -> MultiFernet:
    return MultiFernet([Fernet(_key_from(secret)) for secret in settings.PLACET_SEALING_KEYS])


def _key_from(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"placet.sealing:" + secret.encode()).digest())


__all__ = ["InvalidToken", "seal", "unseal"]

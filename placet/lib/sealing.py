"""Secrets at rest: sealed with the first key, opened with any, so keys can be rotated."""

import base64
import hashlib
import logging
from functools import lru_cache
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

log = logging.getLogger(__name__)


def seal(value: Any) -> str:
    """Encrypt any JSON value; the result is text and safe to store."""
    return _box().encrypt(orjson.dumps(value)).decode()


def unseal(sealed: str) -> Any:
    """The value that was sealed; raises InvalidToken when no configured key fits."""
    return orjson.loads(_box().decrypt(sealed.encode()))


class SealedField(models.TextField):  # type: ignore[type-arg]  # a subscript fails at run time
    """A JSON value that is plain in Python and sealed in the database. A key that was lost makes it None, and is logged."""

    # What may be set and is read, for django-stubs.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else seal(value)

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        try:
            return None if value is None else unseal(value)
        except InvalidToken:
            log.error("sealing.no_key_fits", extra={"column": self.name})
            return None

    def value_to_string(self, obj: models.Model) -> str:
        """For `dumpdata`: sealed, as in the database."""
        return seal(self.value_from_object(obj))

    def to_python(self, value: Any) -> Any:
        """From `loaddata`: what was dumped sealed."""
        try:
            return unseal(value) if isinstance(value, str) else value
        except InvalidToken:
            return value


def _box() -> MultiFernet:
    return _box_of(tuple(settings.PLACET_SEALING_KEYS))


@lru_cache(maxsize=2)
def _box_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key_from(secret)) for secret in keys])


def _key_from(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"placet.sealing:" + secret.encode()).digest())


__all__ = ["InvalidToken", "SealedField", "seal", "unseal"]

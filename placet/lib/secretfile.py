"""What the embedded shape keeps in its data folder: made once, readable by its owner only."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def read_or_create(path: Path, *, create: bool) -> str:
    """The secret in `path`; made with mode 0600 when absent and `create` allows, otherwise refused with what to set."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        if not create:
            raise ImproperlyConfigured(
                "PLACET_SECRET_KEY must be set when DATABASE_URL or REDIS_URL is: every process needs the same secret."
            ) from None
    private_folder(path.parent)
    try:
        # O_EXCL: of two processes starting at once, one writes and the other reads what was written.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_or_create(path, create=False)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def private_folder(path: Path) -> Path:
    """The folder; made for its owner only when absent. One that is there keeps what its operator gave it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def private_file(path: Path) -> Path:
    """The file; made empty with mode 0600 when absent: SQLite takes an empty one, and gives its WAL the same mode."""
    private_folder(path.parent)
    path.touch(mode=0o600)
    return path

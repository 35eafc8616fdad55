"""What the embedded shape keeps in its data folder: made once, readable by its owner only."""

import fcntl
import os
import secrets
from pathlib import Path


def read(path: Path) -> str:
    """The secret in `path`; empty when there is none. An empty file is none: a crash may have left it."""
    try:
        return path.read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def read_or_create(path: Path) -> str:
    """The secret in `path`; made with mode 0600 when there is none. Processes that start at once agree on one."""
    return read(path) or _create(path)


def _create(path: Path) -> str:
    folder = os.open(private_folder(path.parent), os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        return read(path) or _write(path)
    finally:
        os.close(folder)


def _write(path: Path) -> str:
    # Renamed when it is whole: nobody reads half a secret, and no crash leaves one.
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
        file.flush()
        os.fsync(handle)
    draft.replace(path)
    return read(path)


def private_folder(path: Path) -> Path:
    """The folder; made for its owner only when absent. One that is there keeps what its operator gave it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def private_file(path: Path) -> Path:
    """The file; made empty with mode 0600 when absent: SQLite takes an empty one, and gives its WAL the same mode."""
    private_folder(path.parent)
    path.touch(mode=0o600)
    return path

"""Copies of what must not be lost, made while others go on writing it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from placet.lib.secretfile import private_file


def copy_database(source: Path, target: Path) -> None:
    """An SQLite file as it was at one moment; writers are not held up. Raises sqlite3.Error unless the copy is sound."""
    # In one step: with pauses in between, every commit of another process would make it begin anew.
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(private_file(target))) as copy,
    ):
        original.backup(copy)
        said = copy.execute("PRAGMA quick_check").fetchall()
        if said != [("ok",)]:
            raise sqlite3.DatabaseError(f"The copy is not sound: {said[:3]}")
    on_disk(target)


def copy_file(source: Path, target: Path) -> None:
    """A small file, for its owner only."""
    private_file(target).write_bytes(source.read_bytes())
    on_disk(target)


def on_disk(path: Path) -> None:
    """Return when a file, or the names in a folder, would survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""A storage of its own for each test, so that what is left in it can be counted."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, settings: Any) -> Path:
    """The folder of this test's files."""
    folder = tmp_path / "files"
    kept = settings.STORAGES["files"]
    options = {**kept["OPTIONS"], "location": folder}
    settings.STORAGES = {**settings.STORAGES, "files": {**kept, "OPTIONS": options}}
    return folder


def bytes_on(folder: Path) -> list[Path]:
    """What lies in a storage, whoever knows of it."""
    return sorted(path for path in folder.rglob("*") if path.is_file())

"""`manage.py backup FOLDER`: while Placet runs, a folder that can take the place of its data directory."""

import shutil
import sqlite3
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from placet.lib.copies import copy_database, copy_file, on_disk
from placet.lib.secretfile import private_folder, read

POSTGRESQL = (
    "This Placet keeps its data in PostgreSQL, which has a better way of its own: "
    'pg_dump --format=custom --file=placet.dump "$DATABASE_URL" (docs/deploy.md).'
)


class Command(BaseCommand):
    help = "Copy database and secret, while Placet runs, into a new folder that can take the place of its data directory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="is made, and must not exist yet")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        database = _database()
        if folder.exists():
            raise CommandError(f"The folder must not exist yet; got {folder}.")
        try:
            _fill(folder, database)
        except (OSError, sqlite3.Error) as fault:
            raise CommandError(f"Nothing is kept in {folder}: {fault}") from None
        for line in _told(folder):
            self.stdout.write(line)


def _fill(folder: Path, database: Path) -> None:
    # Only what is whole gets the name: whoever finds the folder may rely on it.
    draft = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        copy_database(database, private_folder(draft) / database.name)
        if read(_secret()):
            copy_file(_secret(), draft / _secret().name)
        on_disk(draft)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    on_disk(folder.absolute().parent)


def _database() -> Path:
    if connection.vendor != "sqlite":
        raise CommandError(POSTGRESQL)
    path = Path(settings.DATABASES["default"]["NAME"])
    if not connection.introspection.table_names():
        raise CommandError(f"{path} is empty: is PLACET_DATA_DIR the one that is served?")
    return path


def _secret() -> Path:
    return Path(settings.PLACET_DATA_DIR) / "secret"


def _told(folder: Path) -> list[str]:
    kept = ", ".join(
        f"{path.name} ({path.stat().st_size} bytes)" for path in sorted(folder.iterdir())
    )
    said = [f"Kept in {folder}: {kept}."]
    if read(_secret()) != settings.SECRET_KEY:
        said.append(
            "Not in there: PLACET_SECRET_KEY, which comes from the environment. Keep it, too."
        )
    if settings.PLACET_SEALING_KEYS != [settings.SECRET_KEY]:
        said.append("Not in there: PLACET_SEALING_KEYS. Without it sealed answers stay sealed.")
    if settings.PLACET_S3_BUCKET:
        said.append(
            f"Not in there: the files, which are in the bucket {settings.PLACET_S3_BUCKET}."
        )
    elif any(path.is_file() for path in Path(settings.PLACET_FILES_DIR).rglob("*")):
        said.append(
            f"Not in there: the files. Copy {settings.PLACET_FILES_DIR} now (docs/deploy.md)."
        )
    return said

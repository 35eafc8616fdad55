import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from files.services.previewing import make_due
from inbox.demo import stage
from placet.lib.errors import PlacetError


class Command(BaseCommand):
    help = "Fill an empty Placet with a lively demo; on a later day, put its open questions again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="also where there are people already"
        )

    def handle(self, *args: Any, force: bool, **options: Any) -> None:
        note = settings.PLACET_DATA_DIR / "demo-sign-in"
        if stage.is_playing():
            stage.ask_again()
        else:
            _remember(note, self._play(force))
        # Whoever looks first sees pictures, and not that they are on their way.
        make_due()
        self.stdout.write(note.read_text() if note.exists() else "The demo is here already.")

    def _play(self, force: bool) -> stage.SignIn:
        try:
            # All or nothing: half a demo would look like a Placet in use.
            with transaction.atomic():
                return stage.open_house(
                    force=force,
                    email=settings.PLACET_OWNER_EMAIL,
                    password=settings.PLACET_OWNER_PASSWORD,
                )
        except PlacetError as refusal:
            raise CommandError(refusal.in_words()) from None


def _remember(note: Path, sign_in: stage.SignIn) -> None:
    """The password is random and the key is stored as a hash, so that this file is the one place that has them."""
    note.unlink(missing_ok=True)
    with os.fdopen(os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(
            f"Sign in as {sign_in.email} with the password {sign_in.password}\n"
            f"(ada@{stage.DOMAIN} and bo@{stage.DOMAIN} review, with the same password)\n"
            f"The key of the {stage.PARTS[0].name}: {sign_in.key}\n"
        )

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services import setup


class Command(BaseCommand):
    help = "Print the link that makes the first owner."

    def handle(self, *args: Any, **options: Any) -> None:
        link = setup.setup_link()
        if link is None:
            raise CommandError("This Placet is already set up.")
        self.stdout.write(link)

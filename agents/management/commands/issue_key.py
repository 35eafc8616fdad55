from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.selectors import user_id_of
from agents import keys
from placet.lib.actors import SYSTEM
from placet.lib.errors import PlacetError


class Command(BaseCommand):
    help = "Issue an API key for a person and print it. It is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, metavar="EMAIL")
        parser.add_argument("--agent", metavar="ID", help="bind the key to this agent of theirs")
        parser.add_argument("--label", default="Default")

    def handle(self, *args: Any, user: str, agent: str | None, label: str, **options: Any) -> None:
        try:
            issued = keys.issue_key(
                by=SYSTEM, user_id=user_id_of(user), agent_id=agent, label=label
            )
        except PlacetError as refusal:
            raise CommandError(
                "; ".join([refusal.message, *(error.message for error in refusal.errors)])
            ) from None
        self.stdout.write(issued.key)

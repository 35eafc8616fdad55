from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.selectors import user_id_of
from agents import keys
from agents.snapshots import IssuedKey
from placet.lib.actors import SYSTEM
from placet.lib.errors import NotFound, PlacetError


class Command(BaseCommand):
    help = "Issue an API key for a person and print it. It is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, metavar="EMAIL")
        parser.add_argument("--agent", metavar="ID", help="bind the key to this agent of theirs")
        parser.add_argument("--label", default="Default")

    def handle(self, *args: Any, user: str, agent: str | None, label: str, **options: Any) -> None:
        try:
            issued = _issue(user_id_of(user), agent, label)
        except PlacetError as refusal:
            raise CommandError(refusal.in_words()) from None
        self.stdout.write(issued.key)


def _issue(user_id: UUID, agent: str | None, label: str) -> IssuedKey:
    try:
        return keys.issue_key(by=SYSTEM, user_id=user_id, agent_id=agent, label=label)
    except NotFound as missing:
        raise CommandError(f'{missing.in_words()}; got --agent "{agent}"') from None

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.selectors import user_id_of
from agents import keys, services
from agents.wire import agent_json
from placet.lib.actors import SYSTEM
from placet.lib.errors import PlacetError


class Command(BaseCommand):
    help = "Create an agent with a key of its own and print both as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--owner", required=True, metavar="EMAIL")

    @transaction.atomic
    def handle(self, *args: Any, name: str, owner: str, **options: Any) -> None:
        try:
            owner_id = user_id_of(owner)
            agent = services.create_agent(by=SYSTEM, name=name, owner_id=owner_id)
            issued = keys.issue_key(by=SYSTEM, user_id=owner_id, agent_id=agent.id, label=name[:64])
        except PlacetError as refusal:
            raise CommandError(refusal.in_words()) from None
        self.stdout.write(json.dumps({"agent": agent_json(agent), "key": issued.key}))

import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.selectors import user_id_of, workspace
from agents.wire import agent_json
from compat.apps import services
from placet.lib.actors import SYSTEM
from placet.lib.errors import PlacetError
from webhooks import dialects

#: A script has nobody who would ask for the next one.
LIFETIME = timedelta(days=30)


class Command(BaseCommand):
    help = "Create an agent with an installed app and print what its code needs as one JSON object."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--webhook", default="", metavar="URL")
        parser.add_argument(
            "--dialect",
            action="append",
            choices=dialects.names(),
            help="tell its webhook in these words; without it in all there are",
        )
        parser.add_argument("--redirect-uri", action="append", default=[], metavar="URI")

    @transaction.atomic
    def handle(
        self,
        *args: Any,
        name: str,
        owner: str,
        webhook: str,
        dialect: list[str] | None,
        redirect_uri: list[str],
        **options: Any,
    ) -> None:
        try:
            made = services.register_app(
                by=SYSTEM,
                name=name,
                owner_id=user_id_of(owner),
                webhook_url=webhook,
                told_in=dialect,
                redirect_uris=redirect_uri,
            )
            app = services.install_app(by=SYSTEM, app_id=made.app.id)
            issued = services.issue_token(by=SYSTEM, app_id=app.id, lifetime=LIFETIME)
        except PlacetError as refusal:
            raise CommandError(refusal.in_words()) from None
        self.stdout.write(
            json.dumps(
                {
                    "agent": agent_json(app.agent),
                    "workspace_slug": workspace().slug,
                    "client_id": app.client_id,
                    "client_secret": made.client_secret,
                    "app_installation_id": str(app.installation_id),
                    "access_token": issued.token,
                    "webhook_secret": made.webhook_secret,
                }
            )
        )

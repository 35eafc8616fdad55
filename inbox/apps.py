from django.apps import AppConfig
from django.db.models.signals import post_migrate


class InboxConfig(AppConfig):
    name = "inbox"

    def ready(self) -> None:
        from inbox import live, search_index
        from inbox.api import schema  # noqa: F401 - importing registers the authentication scheme
        from inbox.feed import wait
        from placet.events import bus

        bus.everywhere(live.hear)
        bus.everywhere(wait.hear)
        post_migrate.connect(search_index.keep_triggers, sender=self)

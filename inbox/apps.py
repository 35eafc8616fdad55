from django.apps import AppConfig
from django.db.models.signals import post_migrate


class InboxConfig(AppConfig):
    name = "inbox"

    def ready(self) -> None:
        from inbox import live, metrics, search_index  # noqa: F401 - importing registers the figures
        from inbox.api import schema  # noqa: F401 - importing registers the authentication scheme
        from placet.events import bus

        bus.everywhere(live.hear)
        post_migrate.connect(search_index.keep_triggers, sender=self)

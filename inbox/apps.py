from django.apps import AppConfig
from django.db.models.signals import post_migrate


class InboxConfig(AppConfig):
    name = "inbox"

    def ready(self) -> None:
        from inbox import live, metrics, search_index  # noqa: F401 - importing registers the figures
        from inbox.api import schema  # noqa: F401 - importing registers the authentication scheme
        from inbox.feed import wait
        from inbox.services.keeping import note_deleted_files
        from placet.events import bus, outbox

        bus.everywhere(live.hear)
        bus.everywhere(wait.hear)
        outbox.beside_the_change(note_deleted_files)
        post_migrate.connect(search_index.keep_triggers, sender=self)

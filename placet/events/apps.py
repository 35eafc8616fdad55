from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "placet.events"
    label = "events"

    def ready(self) -> None:
        from placet.events import bus, outbox

        outbox.after_commit(bus.publish)

from django.apps import AppConfig


class AppsConfig(AppConfig):
    name = "compat.apps"

    def ready(self) -> None:
        from compat.apps.services import forget_with_agents
        from placet.events import outbox

        outbox.beside_the_change(forget_with_agents)

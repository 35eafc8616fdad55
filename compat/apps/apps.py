from django.apps import AppConfig


class AppsConfig(AppConfig):
    name = "compat.apps"

    def ready(self) -> None:
        from compat.apps import doors, selectors
        from compat.apps.services import forget_with_agents
        from placet.events import outbox
        from placet.lib import accents
        from webhooks import silence

        for start in doors.PATHS:
            accents.register(start, doors.refused)
        for start in doors.PAGES:
            accents.register(start, doors.refused_to_a_person)
        outbox.beside_the_change(forget_with_agents)
        silence.ask(selectors.not_installed)

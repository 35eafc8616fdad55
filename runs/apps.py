from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "runs"

    def ready(self) -> None:
        from placet.events import outbox
        from runs import metrics  # noqa: F401 - importing registers its figures
        from runs.hearing import hear

        outbox.beside_the_change(hear)

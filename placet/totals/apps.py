from django.apps import AppConfig


class TotalsConfig(AppConfig):
    name = "placet.totals"
    label = "totals"

    def ready(self) -> None:
        from placet.totals import metrics  # noqa: F401 - importing registers the figures

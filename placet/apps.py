from django.apps import AppConfig


class PlacetConfig(AppConfig):
    name = "placet"

    def ready(self) -> None:
        from placet import checks  # noqa: F401 - importing registers the checks

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"

    def ready(self) -> None:
        from placet.events import bus
        from reviews import metrics, wait  # noqa: F401 - importing registers the figures

        bus.everywhere(wait.hear)

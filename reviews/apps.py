from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"

    def ready(self) -> None:
        from placet.events import bus
        from reviews import wait

        bus.everywhere(wait.hear)

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"

    def ready(self) -> None:
        from placet.events import bus, outbox
        from reviews import metrics, wait  # noqa: F401 - importing registers the figures
        from reviews.services import hold_those_of_gone_agents

        bus.everywhere(wait.hear)
        outbox.beside_the_change(hold_those_of_gone_agents)

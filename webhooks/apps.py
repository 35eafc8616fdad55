from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from placet.events import outbox
        from webhooks import metrics  # noqa: F401 - importing registers its figures
        from webhooks.services.endpoints import follow_agents
        from webhooks.services.forgetting import follow_gone_agents
        from webhooks.services.queueing import queue

        # In this order: what is queued looks for the endpoint.
        outbox.beside_the_change(follow_agents)
        outbox.beside_the_change(queue)
        outbox.beside_the_change(follow_gone_agents)

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "agents"

    def ready(self) -> None:
        from agents import parking
        from agents.auth import forget_keys
        from agents.inheritance import hand_over
        from placet.events import bus, outbox

        bus.everywhere(forget_keys)
        bus.everywhere(parking.hear)
        outbox.beside_the_change(hand_over)

from django.apps import AppConfig


class LinearConfig(AppConfig):
    name = "compat.linear"
    label = "linear"

    def ready(self) -> None:
        from compat.linear.dialect import Linear
        from webhooks import dialects

        dialects.register(Linear())

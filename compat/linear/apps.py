from django.apps import AppConfig


class LinearConfig(AppConfig):
    name = "compat.linear"
    label = "linear"

    def ready(self) -> None:
        from compat.linear import views
        from compat.linear.dialect import Linear
        from placet.lib import accents
        from webhooks import dialects

        accents.register("/graphql", views.refused)
        dialects.register(Linear())

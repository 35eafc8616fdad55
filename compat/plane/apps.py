from django.apps import AppConfig


class PlaneConfig(AppConfig):
    name = "compat.plane"

    def ready(self) -> None:
        from compat.plane.telling import PlaneDialect
        from webhooks import dialects

        dialects.register(PlaneDialect())

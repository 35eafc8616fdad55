from django.apps import AppConfig


class PlaneConfig(AppConfig):
    name = "compat.plane"

    def ready(self) -> None:
        from compat.plane import accent
        from compat.plane.telling import PlaneDialect
        from placet.lib import accents
        from webhooks import dialects

        for start in accent.PATHS:
            accents.register(start, accent.refused)
        dialects.register(PlaneDialect())

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "files"

    def ready(self) -> None:
        from files.services.leaving import let_go
        from placet.events import outbox

        outbox.beside_the_change(let_go)

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "files"

    def ready(self) -> None:
        from files.services.leaving import let_go
        from placet.events import catalogue, outbox
        from placet.events.models import Recorded
        from placet.lib.nudge import nudge

        def call_for_previews(recorded: Recorded) -> None:
            if recorded.type == catalogue.FileStored.type:
                nudge("files.tasks.make_previews")

        outbox.beside_the_change(let_go)
        outbox.after_commit(call_for_previews)

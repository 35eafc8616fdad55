from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "runs"

    def ready(self) -> None:
        from inbox import annexes
        from inbox.demo import stage
        from placet.events import outbox
        from runs import metrics  # noqa: F401 - importing registers its figures
        from runs.demo import scenes
        from runs.hearing import hear
        from runs.pages import annex

        outbox.beside_the_change(hear)
        annexes.at_the_foot(annex.foot)
        annexes.in_the_bar(annex.bar)
        annexes.on_messages(annex.notes)
        annexes.beside_names(annex.beside)
        stage.also(scenes.play)

"""Celery's door to the files' housekeeping: hints that may run twice, or not at all."""

from celery import shared_task

from files.services import leaving, previewing


@shared_task
def make_previews() -> int:
    return previewing.make_due()


@shared_task
def collect_loose() -> int:
    return leaving.collect_loose()


@shared_task
def remove_discarded() -> int:
    return leaving.remove_discarded()


@shared_task
def discard_strays() -> int:
    return leaving.discard_strays() + leaving.sweep_arrivals()

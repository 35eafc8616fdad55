"""Celery's door to silence: the sweep behind the sleeper."""

from celery import shared_task

from runs.services import lapsing


@shared_task
def mark_stale_runs() -> int:
    return lapsing.mark_stale_runs()

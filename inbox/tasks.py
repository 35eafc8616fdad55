"""Celery's door to the inbox's housekeeping."""

from datetime import timedelta

from celery import shared_task

from inbox.services import posting
from placet.lib.clock import now


@shared_task
def forget_idempotency() -> int:
    return posting.forget_idempotency(before=now() - timedelta(days=2))

"""Celery's doors to deliveries. A message only says that something is due; the table says what."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from placet.lib.clock import now
from webhooks.engine import engine
from webhooks.services import forgetting


@shared_task
def deliver_due() -> None:
    engine.drain()


@shared_task
def forget_deliveries() -> int:
    return forgetting.forget_deliveries(
        before=now() - timedelta(days=settings.PLACET_DELIVERIES_KEEP_DAYS)
    )

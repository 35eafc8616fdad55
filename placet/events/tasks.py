"""Celery's door to the event table's housekeeping."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from placet.events import retention
from placet.lib.clock import now


@shared_task
def forget_events() -> int:
    return retention.forget_events(before=now() - timedelta(days=settings.PLACET_EVENTS_KEEP_DAYS))

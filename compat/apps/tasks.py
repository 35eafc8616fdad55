"""Celery's doors to this app's services."""

from celery import shared_task

from compat.apps import services


@shared_task
def forget_expired_tokens() -> None:
    services.forget_expired_tokens()

"""Celery's door to people: hints that may run twice, or not at all."""

from celery import shared_task

from accounts.services import sessions


@shared_task
def forget_expired_sessions() -> int:
    return sessions.forget_expired_sessions()

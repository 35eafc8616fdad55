"""Celery's door to expiry: the sweep behind the sleeper."""

from celery import shared_task

from reviews import services


@shared_task
def expire_due_reviews() -> int:
    return services.expire_due_reviews()

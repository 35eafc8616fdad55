"""Celery's door to the agents: hints that may run twice, or not at all."""

from celery import shared_task

from agents import services


@shared_task
def mark_silent_agents() -> int:
    return services.mark_silent_agents()

from celery import shared_task

from placet.totals import services


@shared_task
def count_up() -> int:
    return services.count_up()

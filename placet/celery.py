"""The Celery app. A message is only a hint that something is due; the database is the truth."""

import os
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging, worker_ready, worker_shutting_down
from django.conf import settings

from placet import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "placet.settings")

app = Celery("placet")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Threads: the work is waiting for the database, and a sleeper beside forked children would share its connection with them.
app.conf.worker_pool = "threads"
# Thirty-second sweeps need no memory of their last run, and so no file in whatever folder the worker was started from.
app.conf.beat_scheduler = "celery.beat:Scheduler"
app.autodiscover_tasks()
broker.outlive_connections()
_stop_sleeping: list[Callable[[], None]] = []


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery sets none up when somebody hears this: workers and beat log as every other process does (PLACET_LOG_…)."""


@celeryd_init.connect
def refuse_to_work_alone(**_: Any) -> None:
    """A worker of its own hears nothing without Redis: `serve` has one built in for that shape."""
    if not settings.REDIS_URL:
        # Not an Exception: Celery logs what a signal's receiver raises, and goes on.
        raise SystemExit(
            "A separate worker needs REDIS_URL. Without it `manage.py serve` runs the worker inside the web process."
        )


@worker_ready.connect
def start_working(**_: Any) -> None:
    # Here and not above: the app is imported before Django is set up, the sleeper needs its models.
    from placet.lib import heap
    from placet.sleeper import Sleeper

    heap.settle()
    sleeper = Sleeper()
    sleeper.start()
    _stop_sleeping.append(sleeper.stop)


@worker_shutting_down.connect
def stop_working(**_: Any) -> None:
    from webhooks.engine import engine

    for stop in _stop_sleeping:
        stop()
    engine.stop()

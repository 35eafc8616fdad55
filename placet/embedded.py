"""The embedded shape: Celery's worker and beat as threads of the web process, over a queue in its memory.

The queue dies with the process, and may: every task only looks for what the database says is due.
"""

import logging
import threading
import time
from typing import Any

from celery.beat import Scheduler, Service
from celery.worker import WorkController
from celery.worker import state as worker_state

from placet.celery import app
from placet.pool import start_all
from placet.sleeper import Sleeper
from webhooks.engine import engine

THREADS = 2
STOP_SECONDS, LOOK_SECONDS = 4.0, 0.02


class Embedded:
    """Worker, beat and sleeper; `start` returns when they run, `stop` when what they had begun is done or had its time."""

    def __init__(self) -> None:
        # In one process Celery is plumbing: what a newcomer reads first is the set-up link.
        logging.getLogger("celery").setLevel(logging.WARNING)
        self._ready = threading.Event()
        self._worker: Any = WorkController(
            app=app,
            pool="threads",
            concurrency=THREADS,
            hostname="embedded@placet",
            loglevel=logging.WARNING,
            ready_callback=lambda consumer: self._ready.set(),
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        self._beat: Any = Service(app, scheduler_cls=Scheduler)
        self._sleeper = Sleeper()

    def start(self) -> None:
        self._thread(self._worker.start, "worker")
        if self._ready.wait(STOP_SECONDS):
            start_all(self._worker.pool.executor, THREADS)
        self._thread(self._beat.start, "beat")
        self._sleeper.start()

    def stop(self) -> None:
        self._sleeper.stop()
        engine.stop()
        self._beat.stop(wait=False)
        worker_state.should_stop = 0
        until = time.monotonic() + STOP_SECONDS
        self._sleeper.join(STOP_SECONDS)
        # The tasks and not the worker's own thread: with nothing to do it sits three seconds more in its broker's sleep, and
        # beat half a minute. Both hold nothing, and end with the process.
        while worker_state.active_requests and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)

    def _thread(self, target: Any, name: str) -> None:
        threading.Thread(target=target, name=f"placet-{name}", daemon=True).start()

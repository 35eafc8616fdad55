"""Worker, beat and sleeper as threads of the web process."""

import threading
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from celery.worker import state

from placet import embedded
from placet.celery import app
from tests.processes import until

WORKER = "placet-worker"


@pytest.fixture
def worker() -> Iterator[embedded.Embedded]:
    """The worker alone: the others need a database and have tests of their own."""
    with patch.object(embedded, "Sleeper"), patch.object(embedded, "Service"):
        yield embedded.Embedded()
    until(lambda: WORKER not in {thread.name for thread in threading.enumerate()}, seconds=20)
    state.should_stop = None


def test_stopping_waits_for_what_has_begun(worker: embedded.Embedded) -> None:
    began, go, done = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        began.set()
        go.wait(10)
        done.set()

    task: Any = app.task(slow, name="tests.slow")
    worker.start()
    task.delay()
    assert began.wait(10)
    threading.Timer(0.3, go.set).start()
    worker.stop()
    assert done.is_set()

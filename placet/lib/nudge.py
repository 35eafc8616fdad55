"""Tells a worker that there is something to do. A hint that may be lost: behind each stands a sweep that looks as well."""

import logging
import os
import threading

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


class Nudger(threading.Thread):
    """A thread of its own: a broker that is down must not hold up who has just committed. Many nudges at once are one."""

    def __init__(self) -> None:
        super().__init__(name="placet-nudge", daemon=True)
        self._wanted, self._changed = set[str](), threading.Condition()
        self._deaf = False

    def want(self, task: str) -> None:
        with self._changed:
            self._wanted.add(task)
            self._changed.notify()

    def run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted)
                wanted, self._wanted = self._wanted, set()
            for task in sorted(wanted):
                self._send(task)

    def _send(self, task: str) -> None:
        try:
            current_app.send_task(task, retry=False, ignore_result=True)
        except Exception:
            # Once for an outage: every commit would say it again.
            if not self._deaf:
                log.exception("nudge.failed", extra={"task": task})
            self._deaf = True
        else:
            self._deaf = False


def nudge(task: str) -> None:
    """Have some worker run the task of this name soon; returns at once."""
    _nudger().want(task)


def nudge_after_commit(task: str) -> None:
    def tell() -> None:
        nudge(task)

    transaction.on_commit(tell)


def _nudger() -> Nudger:
    global _thread
    with _making:
        if _thread is None:
            _thread = Nudger()
            _thread.start()
        return _thread


def _forget() -> None:
    """A forked child has no threads."""
    global _thread, _making
    _thread, _making = None, threading.Lock()


_thread: Nudger | None = None
_making = threading.Lock()
os.register_at_fork(after_in_child=_forget)

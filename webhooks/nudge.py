"""Tells a worker that something is due. A hint that may be lost: whoever sleeps until the next deadline looks as well."""

import logging
import os
import threading

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)
TASK = "webhooks.tasks.deliver_due"


class Nudger(threading.Thread):
    """A thread of its own: a broker that is down must not hold up who has just committed. Many nudges at once are one."""

    def __init__(self) -> None:
        super().__init__(name="placet-nudge", daemon=True)
        self.wanted = threading.Event()
        self._deaf = False

    def run(self) -> None:
        while self.wanted.wait():
            self.wanted.clear()
            self._send()

    def _send(self) -> None:
        try:
            current_app.send_task(TASK, retry=False, ignore_result=True)
        except Exception:
            # Once for an outage: every commit would say it again.
            if not self._deaf:
                log.exception("webhook.nudge_failed")
            self._deaf = True
        else:
            self._deaf = False


def nudge() -> None:
    """Returns at once."""
    _nudger().wanted.set()


def nudge_after_commit() -> None:
    def tell() -> None:
        nudge()

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

"""Tells a worker that there is something to do. Only a hint: the sweeps find the row without it."""

import logging

from kombu.exceptions import OperationalError

from files.tasks import make_previews
from placet.celery import app
from placet.events import catalogue
from placet.events.models import Recorded

log = logging.getLogger(__name__)


def nudge(recorded: Recorded) -> None:
    """After the commit, in a serving process; it never waits for a broker that is away."""
    if recorded.type != catalogue.FileStored.type:
        return
    try:
        app.send_task(make_previews.name, retry=False, ignore_result=True)
    except OperationalError:
        log.warning("nudges.no_broker")

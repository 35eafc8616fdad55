"""Settings of the worker in the scaled tests: the real ones, with beat sweeping every second instead of every half minute."""

from placet.settings import *  # noqa: F403
from placet.settings import CELERY_BEAT_SCHEDULE

for _entry in CELERY_BEAT_SCHEDULE.values():
    _entry["schedule"] = 1.0

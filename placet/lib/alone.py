"""Without Redis there is nobody to carry a hint from one process to the next, so there must be only one."""

import fcntl
import os
from functools import cache

from django.conf import settings


class AlreadyServing(RuntimeError):
    def __init__(self) -> None:
        super().__init__(
            f"Another Placet process already serves {settings.PLACET_DATA_DIR}. "
            "Stop it, or set REDIS_URL (and DATABASE_URL) so that several processes can work together."
        )


@cache
def serve_alone() -> None:
    """Hold the data directory's lock until this process ends; raises AlreadyServing when another does. Not with Redis."""
    if settings.REDIS_URL:
        return
    settings.PLACET_DATA_DIR.mkdir(parents=True, exist_ok=True)
    handle = os.open(settings.PLACET_DATA_DIR / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Never closed: the lock lasts as long as the descriptor, and the system frees it however the process ends.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise AlreadyServing from None

"""Which events this process has heard of, so that three legs deliver each once."""

import threading
from collections import OrderedDict

from placet.events.models import Recorded


class Seen:
    """Remembers the last `size` events. An id alone is not enough: after a rollback the next event may get the same one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._stamps: OrderedDict[int, tuple[str, str]] = OrderedDict()
        self._lock = threading.Lock()

    def is_new(self, recorded: Recorded) -> bool:
        """True once per event, for whoever asks first."""
        stamp = recorded.type, recorded.recorded_at
        with self._lock:
            if self._stamps.get(recorded.id) == stamp:
                return False
            self._stamps[recorded.id] = stamp
            if len(self._stamps) > self._size:
                self._stamps.popitem(last=False)
            return True

    def knows(self, event_id: int) -> bool:
        return event_id in self._stamps

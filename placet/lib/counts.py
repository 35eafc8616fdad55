"""Rate counters of one process. The `limits` package has such a storage too, but starts a thread to sweep it every few hits."""

import threading
import time

from limits.storage import Storage

FIRST_SWEEP = 10_000


class LocalCounts(Storage):
    """Fixed windows: a key counts from its first hit until its time is over. Swept when it has doubled."""

    STORAGE_SCHEME = ["placet+local"]

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self.reset()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        moment = time.time()
        with self._lock:
            count, ends = self._counts.get(key, (0, 0.0))
            if ends <= moment:
                count, ends = 0, moment + expiry
                self._make_room(moment)
            self._counts[key] = (count + amount, ends)
        return count + amount

    def get(self, key: str) -> int:
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> None:
        self._counts: dict[str, tuple[int, float]] = {}
        self._sweep_at = FIRST_SWEEP

    def clear(self, key: str) -> None:
        self._counts.pop(key, None)

    def _make_room(self, moment: float) -> None:
        if len(self._counts) >= self._sweep_at:
            self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > moment}
            self._sweep_at = max(FIRST_SWEEP, 2 * len(self._counts))

"""One browser's end of the line: what it may hear, and the short queue in front of it."""

import asyncio
from collections.abc import Callable

from placet.events.catalogue import SEEN_WHERE_IT_HAPPENS
from placet.events.models import Recorded

TOO_SLOW = 4408
MOST_QUEUED = 256


class Allowance:
    """So many frames a second in the long run, and `burst` at once."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = float(burst), 0.0

    def take(self, at: float) -> bool:
        self._left = min(self._burst, self._left + (at - self._at) * self._rate)
        self._at = at
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Socket:
    """A list and a future, not an asyncio.Queue: a thousand idle sockets should weigh little."""

    __slots__ = (
        "_dismissed",
        "_frames",
        "_waiter",
        "checked",
        "sees",
        "session",
        "user",
        "verdict",
    )

    def __init__(self, user: str, session: str, *, dismissed: Callable[[], None]) -> None:
        self.user, self.session, self._dismissed = user, session, dismissed
        self.sees: frozenset[str] | None = frozenset()
        # The number of the check that said so.
        self.checked = 0
        self.verdict: int | None = None
        self._frames: list[str] = []
        self._waiter: asyncio.Future[None] | None = None

    def hears(self, recorded: Recorded) -> bool:
        """A person's own news, else their agents' and what guests do in those' conversations; what belongs to no agent is
        for owners, who see all."""
        if recorded.user_id is not None:
            return recorded.user_id == self.user
        if self.sees is None or recorded.agent_id in self.sees:
            return True
        there = recorded.type in SEEN_WHERE_IT_HAPPENS and recorded.data.get("conversationId")
        return bool(there) and there in self.sees

    def push(self, frame: str) -> None:
        """Queue a frame; a browser that reads too slowly is sent away and heals by reconnecting."""
        if len(self._frames) >= MOST_QUEUED:
            self.dismiss(TOO_SLOW)
            return
        self._frames.append(frame)
        self._ring()

    def dismiss(self, code: int) -> None:
        """Close with `code`; what is still queued is dropped."""
        if self.verdict is None:
            self.verdict = code
            self._frames.clear()
            self._ring()
            self._dismissed()

    async def frames(self) -> list[str]:
        """The next frames to send; empty once the socket has been dismissed."""
        while not self._frames and self.verdict is None:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        frames, self._frames = self._frames, []
        return frames

    def _ring(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

"""Pushes events to open browsers: one ready frame per event, handed to each local socket that may hear it.

A push is a hint and may be lost: the browser reconnects with its cursor and is told what it missed.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.conf import settings

from accounts.selectors import actor_of_session, live_sessions
from accounts.sessions import session_hash
from agents.selectors import agents_seen_by
from inbox.sockets import Socket
from placet.events.models import Recorded
from placet.events.selectors import events_since, latest_id
from placet.lib import loops
from placet.lib.errors import TooManyRequests
from placet.lib.mailbox import Mailbox
from placet.pool import on_pool

log = logging.getLogger(__name__)
SIGNED_OUT, GOING_AWAY = 4401, 1012
RECHECK_SECONDS = 60.0
MOST_REPLAYED = 500
LONGEST_COMMIT = timedelta(seconds=2)
_AUDIENCE_CHANGES = {"agent:created", "agent:updated", "agent:deleted", "user:updated"}
_ENDINGS = {"session:ended", "user:deleted"}


@dataclass(frozen=True, slots=True)
class Missed:
    """What a reconnecting browser is told: the frames, where it is now, and whether it had better read the page anew."""

    events: list[Recorded]
    cursor: int
    too_far: bool


def hear(recorded: Recorded) -> None:
    """A bus subscriber, called on any thread."""
    for hub in _hubs.all():
        if hub.sockets:
            hub.mailbox.put(recorded)


def frame_of(recorded: Recorded) -> str:
    head = {
        "type": recorded.type,
        "id": recorded.id,
        "eventId": recorded.event_id,
        "agentId": recorded.agent_id,
    }
    return orjson.dumps({**recorded.data, **head, "at": recorded.recorded_at}).decode()


def for_browsers(recorded: Recorded) -> bool:
    return not recorded.type.startswith(("key:", "session:"))


def visitor(session_key: str | None) -> tuple[UUID, str] | None:
    """Whose browser this is, and the name of its session; None for nobody."""
    actor = actor_of_session(session_key) if session_key else None
    return (actor.user_id, session_hash(session_key)) if actor and actor.user_id else None


def missed_since(cursor: int) -> Missed:
    latest = latest_id()
    events = events_since(cursor, limit=MOST_REPLAYED + 1)
    newer = [event for event in events if event.id > cursor]
    late = _perhaps_late([event for event in events if event.id <= cursor])
    newest = max([latest, *(event.id for event in newer)])
    too_far = len(newer) > MOST_REPLAYED
    return Missed([*late, *newer[:MOST_REPLAYED]], newest, too_far)


def _perhaps_late(before: list[Recorded]) -> list[Recorded]:
    """Of what was recorded up to the cursor, what may have been committed after it. Nearly all of it the page has shown already."""
    if not before:
        return []
    since = datetime.fromisoformat(before[-1].recorded_at) - LONGEST_COMMIT
    return [e for e in before if datetime.fromisoformat(e.recorded_at) > since]


def open_sockets() -> int:
    return sum(len(hub.sockets) for hub in _hubs.all())


def send_all_away() -> None:
    """The server is leaving: browsers reconnect, elsewhere or in a moment."""
    for hub in _hubs.all():
        hub.loop.call_soon_threadsafe(hub.leave)


class SocketHub:
    """All sockets of one event loop. Touched only on that loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.mailbox: Mailbox[Recorded] = Mailbox(loop, self._arrived)
        self.sockets: set[Socket] = set()
        self.closing = False
        self._checks = 0
        self._by_user: defaultdict[str, set[Socket]] = defaultdict(set)
        self._pending: list[Recorded] = []
        self._courier: asyncio.Task[None] | None = None
        self._checker: asyncio.Task[None] | None = None

    def join(self, socket: Socket) -> None:
        """From here on the socket hears; what it may hear is empty until the first `recheck`."""
        if len(self._by_user.get(socket.user, ())) >= settings.PLACET_SOCKETS_MAX_PER_USER:
            raise TooManyRequests("Too many browser windows are connected.", retry_after=5)
        self.sockets.add(socket)
        self._by_user[socket.user].add(socket)
        if self._checker is None:
            self._checker = loops.start(self.loop, self._check())

    def part(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        self._by_user[socket.user].discard(socket)
        if not self._by_user[socket.user]:
            del self._by_user[socket.user]
        if not self.sockets and self._checker is not None:
            self._checker.cancel()
            self._checker = None

    async def recheck(self, sockets: Iterable[Socket]) -> None:
        """Who is still signed in, and what may each hear? One query for the sessions, two for each person."""
        self._checks += 1
        checked, number = list(sockets), self._checks
        live, seen = await on_pool(
            _standing, {s.session for s in checked}, {s.user for s in checked}
        )
        for socket in checked:
            # Checks overlap and may answer in another order: who asked later knows better.
            if socket.checked < number:
                socket.checked, socket.sees = number, seen[socket.user]
            if socket.session not in live:
                socket.dismiss(SIGNED_OUT)

    def leave(self) -> None:
        self.closing = True
        for socket in self.sockets:
            socket.dismiss(GOING_AWAY)

    def _arrived(self, events: list[Recorded]) -> None:
        self._pending += events
        if self._courier is None:
            self._courier = loops.start(self.loop, self._carry())

    async def _carry(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending, []
                await self._deliver(batch)
        finally:
            self._courier = None

    async def _deliver(self, batch: list[Recorded]) -> None:
        # Who stops seeing an agent is still told so: the old audience of such news hears it along with the new one.
        leavers = {r.id: self._audience(r) for r in batch if r.type in _AUDIENCE_CHANGES}
        if leavers:
            await self._recheck_all()
        for recorded in batch:
            if recorded.type in _ENDINGS:
                self._end(recorded)
            elif for_browsers(recorded):
                self._push(recorded, self._audience(recorded) | leavers.get(recorded.id, set()))

    def _audience(self, recorded: Recorded) -> set[Socket]:
        if recorded.user_id is not None:
            return set(self._by_user.get(recorded.user_id, ()))
        return {socket for socket in self.sockets if socket.hears(recorded)}

    def _push(self, recorded: Recorded, audience: set[Socket]) -> None:
        frame = frame_of(recorded) if audience else ""
        for socket in audience:
            socket.push(frame)

    def _end(self, recorded: Recorded) -> None:
        session = recorded.data.get("session")
        for socket in self._by_user.get(recorded.user_id or recorded.data.get("userId", ""), ()):
            if session in (None, socket.session):
                socket.dismiss(SIGNED_OUT)

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            await self._recheck_all()

    async def _recheck_all(self) -> None:
        try:
            await self.recheck(self.sockets)
        except Exception:
            log.exception("live.recheck_failed")


def _standing(
    sessions: set[str], users: set[str]
) -> tuple[set[str], dict[str, frozenset[str] | None]]:
    return live_sessions(sessions), {user: agents_seen_by(UUID(user)) for user in users}


_hubs = loops.PerLoop(SocketHub)
hub = _hubs.here

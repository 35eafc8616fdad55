"""`/ws/inbox/`: the protocol of a browser's socket. What it may hear is decided in `live`."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http import QueryDict

from accounts.services import signing_in
from inbox import live
from inbox.sockets import Allowance, Socket
from placet.lib.asgi import Receive, Scope, Send
from placet.lib.errors import TooManyRequests, Unauthorized
from placet.lib.exchange import note
from placet.pool import on_pool

MALFORMED, TOO_MANY, TOO_LARGE = 4400, 4429, 1009
ROUTE = "/ws/inbox/"
LONGEST_MESSAGE = 1024
# The page says hello once and pings every 25 seconds.
FRAMES_PER_SECOND, BURST = 10, 30
# A browser too slow to take its frames may be too slow to take the close as well.
CLOSE_SECONDS = 1.0


class InboxConsumer(AsyncWebsocketConsumer):
    """Says `{"type": "hello", "cursor": n}` once, hears what it missed and then what happens; `{"type": "ping"}` keeps it warm."""

    # No layer: events come from the process's one subscription, not from a channel per socket.
    channel_layer_alias = None
    socket: Socket | None = None
    hub: live.SocketHub | None = None
    writer: "asyncio.Task[None] | None" = None
    given_up = greeted = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.task = asyncio.current_task()
        self.allowance = Allowance(rate=FRAMES_PER_SECOND, burst=BURST)
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self.given_up:
                raise
        finally:
            self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As Channels', without its visit to a thread at every message: nothing here holds a connection."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        hub = self.hub = live.hub()
        note(route=ROUTE)
        found = await on_pool(_visitor, self.scope)
        if hub.closing or found is None:
            await self.close(live.GOING_AWAY if hub.closing else live.SIGNED_OUT)
            return
        note(actor="human")
        socket = Socket(str(found[0]), found[1], dismissed=self._expect_close)
        try:
            hub.join(socket)
        except TooManyRequests:
            await self.close(TOO_MANY)
            return
        self.socket = socket
        # Joined first, asked second: a sign-out in between is either heard or seen.
        await hub.recheck([socket])
        await self.accept()
        self.writer = asyncio.create_task(self._write(socket))

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """As Channels', without the visit to asgiref's one thread: a thousand that leave at once would queue there."""
        self._leave()
        raise StopConsumer

    def _expect_close(self) -> None:
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self.task is not None and self.socket is not None:
            self.given_up = True
            self.task.cancel()

    def _leave(self) -> None:
        if self.writer is not None:
            self.writer.cancel()
        if self.hub is not None and self.socket is not None:
            self.hub.part(self.socket)
            self.socket = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.socket is None or self.socket.verdict is not None:
            return
        if not self.allowance.take(asyncio.get_running_loop().time()):
            self.socket.dismiss(TOO_MANY)
        elif len(text_data or bytes_data or "") > LONGEST_MESSAGE:
            self.socket.dismiss(TOO_LARGE)
        else:
            await self._understand(self.socket, text_data)

    async def _understand(self, socket: Socket, text_data: str | None) -> None:
        try:
            said = orjson.loads(text_data or "")
            kind, cursor = said["type"], int(said.get("cursor", -1))
        except (ValueError, KeyError, TypeError):
            kind, cursor = "nonsense", -1
        await self._answer(socket, kind, cursor)

    async def _answer(self, socket: Socket, kind: str, cursor: int) -> None:
        if kind == "ping":
            await self.send(text_data='{"type":"pong"}')
        elif kind == "hello" and cursor >= 0 and not self.greeted:
            # Once: a replay costs queries, and a socket that asked for one after the other would slow everybody.
            self.greeted = True
            await self._replay(socket, cursor)
        else:
            socket.dismiss(MALFORMED)

    async def _replay(self, socket: Socket, cursor: int) -> None:
        missed = await on_pool(live.missed_since, cursor)
        ready = {"type": "ready", "cursor": missed.cursor, "reload": missed.too_far}
        frames = [
            live.frame_of(recorded)
            for recorded in missed.events
            if socket.hears(recorded) and live.for_browsers(recorded)
        ]
        for frame in [*frames, orjson.dumps(ready).decode()]:
            if socket.verdict is not None:
                return
            await self.send(text_data=frame)

    async def _write(self, socket: Socket) -> None:
        """The only one to close a socket that was let in: nobody says anything after it."""
        # A client that has left is for the reader to hear of.
        with suppress(OSError):
            while frames := await socket.frames():
                for frame in frames:
                    await self.send(text_data=frame)
                    if socket.verdict is not None:
                        break
            await self.close(socket.verdict)


def _visitor(scope: Scope) -> tuple[UUID, str] | None:
    """By its cookie, or by the ticket a client that cannot send one has fetched."""
    ticket = QueryDict(scope["query_string"]).get("ticket")
    if not ticket:
        return live.visitor(scope["cookies"].get(settings.SESSION_COOKIE_NAME))
    try:
        person, session = signing_in.redeem_ticket(ticket=str(ticket))
    except Unauthorized:
        return None
    return person.person_id, session

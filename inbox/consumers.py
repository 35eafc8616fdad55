"""`/ws/inbox/`: the protocol of a browser's socket. What it may hear is decided in `live`."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http import QueryDict

from accounts.services import signing_in
from inbox import live
from inbox.sockets import Socket
from placet.lib.asgi import Receive, Scope, Send
from placet.lib.errors import TooManyRequests, Unauthorized
from placet.pool import on_pool

MALFORMED, TOO_MANY, TOO_LARGE = 4400, 4429, 1009
LONGEST_MESSAGE = 1024
# A browser too slow to take its frames may be too slow to take the close as well.
CLOSE_SECONDS = 1.0


class InboxConsumer(AsyncWebsocketConsumer):
    """Says `{"type": "hello", "cursor": n}` once, hears what it missed and then what happens; `{"type": "ping"}` keeps it warm."""

    # No layer: events come from the process's one subscription, not from a channel per socket.
    channel_layer_alias = None
    socket: Socket | None = None
    writer: "asyncio.Task[None] | None" = None
    given_up = greeted = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.task = asyncio.current_task()
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
        hub = live.hub()
        found = await on_pool(_visitor, self.scope)
        if hub.closing or found is None:
            await self.close(live.GOING_AWAY if hub.closing else live.SIGNED_OUT)
            return
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

    async def disconnect(self, code: int) -> None:
        self._leave()

    def _expect_close(self) -> None:
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self.task is not None and self.socket is not None:
            self.given_up = True
            self.task.cancel()

    def _leave(self) -> None:
        if self.writer is not None:
            self.writer.cancel()
        if self.socket is not None:
            live.hub().part(self.socket)
            self.socket = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if len(text_data or bytes_data or "") > LONGEST_MESSAGE:
            await self.close(TOO_LARGE)
            return
        try:
            said = orjson.loads(text_data or "")
            kind, cursor = said["type"], int(said.get("cursor", -1))
        except (ValueError, KeyError, TypeError):
            kind, cursor = "nonsense", -1
        await self._answer(kind, cursor)

    async def _answer(self, kind: str, cursor: int) -> None:
        if kind == "ping":
            await self.send(text_data='{"type":"pong"}')
        elif kind == "hello" and cursor >= 0 and not self.greeted:
            # Once: a replay costs queries, and a socket that asked for one after the other would slow everybody.
            self.greeted = True
            await self._replay(cursor)
        else:
            await self.close(MALFORMED)

    async def _replay(self, cursor: int) -> None:
        missed = await on_pool(live.missed_since, cursor)
        if self.socket is None:
            return
        for recorded in missed.events:
            if self.socket.hears(recorded) and live.for_browsers(recorded):
                await self.send(text_data=live.frame_of(recorded))
        ready = {"type": "ready", "cursor": missed.cursor, "reload": missed.too_far}
        await self.send(text_data=orjson.dumps(ready).decode())

    async def _write(self, socket: Socket) -> None:
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

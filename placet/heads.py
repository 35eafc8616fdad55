"""What a connection may cost before anybody has shown a key: how long a head may be, and how long it and a body may take.

uvicorn's fast parser sets no such limit; its own timer runs only between an answer and the next byte.
"""

import asyncio
import resource
from enum import Enum
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Room for cookies, a long search and what proxies add; other servers stop at 8 to 32 KiB.
LONGEST_HEAD = 64 * 1024
HEAD_SECONDS = 15.0
#: How often a body is looked at, and the bytes a second it must have brought on the whole by then.
BODY_SECONDS, SLOWEST_BODY = 30.0, 8 * 1024
#: How long a leaving server goes on reading from connections on which nothing is asked just now.
LAST_CALL_SECONDS = 0.5
#: A client that does not read its last answer either is not waited for.
PARTING_SECONDS = 10.0
#: Files that are never given to connections: the database, logs, spooled bodies, Redis.
FILES_KEPT = 256


class Owed(Enum):
    """What the client has to send next."""

    HEAD = "head"
    BODY = "body"
    NOTHING = "nothing"


class BoundedHeads(HttpToolsProtocol):
    """Closes a connection whose head, body or trailers do not end, before they fill the memory or use up the files."""

    # Bytes since the parser last had something to show for them.
    _fruitless = 0
    _owed = Owed.HEAD
    _timed = Owed.NOTHING
    _timer: asyncio.TimerHandle | None = None
    _body_began, _body_bytes = 0.0, 0
    #: The connection is a websocket now, and another protocol's.
    _handed_over = False
    _leaving = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            self._part(b"503 Service Unavailable", b"retry-after: 5\r\n")
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._fruitless += len(data)
        super().data_received(data)
        if self._handed_over or self.transport.is_closing():
            return
        if self._fruitless > LONGEST_HEAD:
            self.send_400_response("The head of the request is too long.")
            return
        if self._owed is Owed.NOTHING and self._answered():
            # Bytes that begin no request stopped uvicorn's timer all the same.
            self._owed = Owed.HEAD
        self._watch()

    def handle_websocket_upgrade(self) -> None:
        self._handed_over = True
        self._stop_watching()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        self._owed = Owed.HEAD
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._fruitless = 0
        self._owed, self._body_began, self._body_bytes = Owed.BODY, self.loop.time(), 0
        super().on_headers_complete()
        if self._leaving:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._fruitless = 0
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._fruitless = 0
        self._owed = Owed.NOTHING
        super().on_message_complete()

    def shutdown(self) -> None:
        """The server leaves. What was sent before the client could know is read and answered; uvicorn would close on it."""
        if self._answered() and not self._leaving:
            self._leaving = True
            self.loop.call_later(LAST_CALL_SECONDS, self.shutdown)
        else:
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._abort_later()

    def _answered(self) -> bool:
        cycle: Any = self.cycle
        return cycle is None or bool(cycle.response_complete)

    def _watch(self) -> None:
        """One timer, and none for a request that came in one piece: ten thousand parked waits have none."""
        if self._owed is self._timed:
            return
        self._stop_watching()
        self._timed = self._owed
        if self._owed is Owed.HEAD:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._late)
        elif self._owed is Owed.BODY:
            self._timer = self.loop.call_later(BODY_SECONDS, self._look_at_body)

    def _stop_watching(self) -> None:
        self._timed = Owed.NOTHING
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_at_body(self) -> None:
        enough = SLOWEST_BODY * (self.loop.time() - self._body_began)
        # While we do not read, it is not the client who is slow.
        if self.flow.read_paused or self._body_bytes >= enough:
            self._timer = self.loop.call_later(BODY_SECONDS, self._look_at_body)
        else:
            self._late()

    def _late(self) -> None:
        self._part(b"408 Request Timeout")

    def _part(self, status: bytes, headers: bytes = b"") -> None:
        """Close, with a last word where none has been said yet."""
        self._stop_watching()
        if self.transport.is_closing():
            return
        if self._ours_to_speak():
            closing = b"content-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(b"HTTP/1.1 " + status + b"\r\n" + headers + closing)
        self.transport.close()
        self._abort_later()

    def _ours_to_speak(self) -> bool:
        """Whether nobody else is about to answer, or has begun to: what we say then would be taken for that answer."""
        if self._owed is Owed.BODY:
            return not self.cycle.response_started and not self.pipeline
        return self._answered()

    def _abort_later(self) -> None:
        self.loop.call_later(PARTING_SECONDS, self.transport.abort)


def most_connections() -> int:
    """How many connections this process may hold: its files, less those the rest of it needs."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2**31 if files == resource.RLIM_INFINITY else files - min(FILES_KEPT, files // 4)

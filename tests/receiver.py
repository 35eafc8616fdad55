"""A real HTTP receiver on loopback: keeps what it was sent, and answers as it is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

import orjson

#: What to answer: a status, headers, and seconds to wait before.
Answer = tuple[int, dict[str, str], float]
OK: Answer = (200, {}, 0.0)


@dataclass(frozen=True)
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    #: What was answered to each, once that was decided.
    answered: list[tuple[Heard, int]] = field(default_factory=list)
    answer: Callable[[Heard], Answer] = lambda heard: OK
    says: Callable[[Heard], bytes] = lambda heard: b"ok"
    _lock: Any = field(default_factory=Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def events(self) -> list[str]:
        return [heard.json["event"] for heard in self.heard]

    def hear(self, heard: Heard) -> Answer:
        with self._lock:
            self.heard.append(heard)
            answer = self.answer(heard)
            self.answered.append((heard, answer[0]))
        return answer

    def answers(self, *codes: int, headers: dict[str, str] | None = None) -> None:
        """These one after the other, and 200 from then on."""
        left = list(codes)
        self.answer = lambda heard: (left.pop(0), headers or {}, 0.0) if left else OK


class QuietServer(ThreadingHTTPServer):
    request_queue_size = 256

    def handle_error(self, *_: Any) -> None:
        """Who sent has been killed: in a drill that is the point."""


@contextmanager
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard = Heard(self.command, self.path, headers, body)
            (code, more, seconds), said = kept.hear(heard), kept.says(heard)
            if seconds:
                stopped.wait(seconds)
            self.send_response(code)
            for name, value in {"Content-Length": str(len(said)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        do_PUT = do_PATCH = do_POST

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    stopped = Event()
    with QuietServer(("127.0.0.1", 0), Handler) as server:
        kept.port = server.server_address[1]
        Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        stopped.set()
        server.shutdown()

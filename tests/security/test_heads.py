"""What comes before the body has an end too."""

from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from placet.heads import LONGEST_HEAD, BoundedHeads

HEAD = b"POST /api/v1/messages HTTP/1.1\r\nHost: testserver\r\n"


class Wire:
    """The transport of a connection: keeps what was written and whether it was closed."""

    def __init__(self) -> None:
        self.written, self.closed = b"", False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Loop:
    def create_task(self, coroutine: Any, **_: Any) -> Any:
        coroutine.close()
        return self

    def add_done_callback(self, _: Any) -> None: ...


async def nothing(*_: Any) -> None: ...


def connect() -> tuple[BoundedHeads, Wire]:
    wire: Any = Wire()
    loop: Any = Loop()
    config = Config(nothing, ws="none", interface="asgi3", log_config=None)
    protocol = BoundedHeads(config, ServerState(), {}, loop)
    protocol.connection_made(wire)
    return protocol, wire


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"GET /", b"a" * 1000),
        (HEAD, b"X-A: " + b"a" * 1000 + b"\r\n"),
        (HEAD + b"X-A: ", b"a" * 1000),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: " + b"a" * 1000 + b"\r\n"),
    ],
    ids=["address", "headers", "one header", "trailers"],
)
def test_a_head_without_end_is_cut_off(begun: bytes, more: bytes) -> None:
    protocol, wire = connect()
    protocol.data_received(begun)
    sent = 0
    while not wire.closed and sent < 4 * LONGEST_HEAD:
        protocol.data_received(more)
        sent += len(more)
    assert wire.closed
    assert wire.written.startswith(b"HTTP/1.1 400 ")
    assert sent < LONGEST_HEAD + 5000


def test_a_body_may_be_longer_than_a_head() -> None:
    protocol, wire = connect()
    protocol.data_received(HEAD + b"Content-Length: 1000000\r\n\r\n")
    for _ in range(1000):
        protocol.data_received(b"a" * 1000)
    assert not wire.closed

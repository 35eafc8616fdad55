"""What comes before the body has an end too."""

import resource
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from placet import heads
from placet.heads import BODY_SECONDS, HEAD_SECONDS, LONGEST_HEAD, SLOWEST_BODY, BoundedHeads

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

    def abort(self) -> None:
        self.closed = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Timer:
    def __init__(self, due: float, call: Any) -> None:
        self.due, self.call, self.cancelled = due, call, False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """Keeps the time by hand."""

    def __init__(self) -> None:
        self.now, self.timers = 0.0, list[Timer]()

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, call: Any, *args: Any) -> Timer:
        self.timers.append(Timer(self.now + seconds, lambda: call(*args)))
        return self.timers[-1]

    def pass_by(self, seconds: float) -> None:
        until = self.now + seconds
        while due := [t for t in self.timers if t.due <= until and not t.cancelled]:
            first = min(due, key=lambda timer: timer.due)
            self.timers.remove(first)
            self.now = first.due
            first.call()
        self.now = until

    def waiting(self) -> int:
        return sum(not timer.cancelled for timer in self.timers)

    def create_task(self, coroutine: Any, **_: Any) -> Any:
        coroutine.close()
        return self

    def add_done_callback(self, _: Any) -> None: ...


# With its three arguments: uvicorn takes an app it can call without any for a factory.
async def nothing(scope: Any, receive: Any, send: Any) -> None: ...


def connect(
    loop: Any = None, state: ServerState | None = None, ws: Any = "none"
) -> tuple[BoundedHeads, Wire]:
    wire: Any = Wire()
    loop = loop or Loop()
    config = Config(nothing, ws=ws, interface="asgi3", log_config=None)
    config.load()
    protocol = BoundedHeads(config, state or ServerState(), {}, loop)
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


@pytest.mark.parametrize(
    "sent", [b"", b"GET /", HEAD, b"\r\n"], ids=["nothing", "address", "headers", "an empty line"]
)
def test_a_head_must_come_in_time(sent: bytes) -> None:
    loop = Loop()
    protocol, wire = connect(loop)
    if sent:
        protocol.data_received(sent)
    loop.pass_by(HEAD_SECONDS - 1)
    assert not wire.closed
    loop.pass_by(1)
    assert wire.closed


def test_a_dripped_head_gains_no_time() -> None:
    loop = Loop()
    protocol, wire = connect(loop)
    protocol.data_received(HEAD)
    for _ in range(int(HEAD_SECONDS)):
        loop.pass_by(1)
        if not wire.closed:
            protocol.data_received(b"X-A: b\r\n")
    assert wire.closed


def test_the_next_head_on_the_line_has_its_own_time() -> None:
    loop = Loop()
    protocol, wire = connect(loop)
    answered(protocol)
    protocol.data_received(b"GE")
    loop.pass_by(HEAD_SECONDS)
    assert wire.closed


def test_an_empty_line_between_two_requests_does_not_keep_the_line_for_ever() -> None:
    loop = Loop()
    protocol, wire = connect(loop)
    answered(protocol)
    protocol.data_received(b"\r\n")
    loop.pass_by(HEAD_SECONDS)
    assert wire.closed


@pytest.mark.parametrize(
    "kind", [b"Content-Length: 1000000", b"Transfer-Encoding: chunked"], ids=["sized", "chunked"]
)
def test_a_body_must_come_in_time(kind: bytes) -> None:
    loop = Loop()
    protocol, wire = connect(loop)
    protocol.data_received(HEAD + kind + b"\r\n\r\n")
    loop.pass_by(BODY_SECONDS)
    assert wire.closed


def test_a_dripped_body_is_cut_off_and_a_slow_one_is_not() -> None:
    for rate, cut in ((SLOWEST_BODY // 2, True), (SLOWEST_BODY * 2, False)):
        loop = Loop()
        protocol, wire = connect(loop)
        protocol.data_received(HEAD + b"Content-Length: 100000000\r\n\r\n")
        for _ in range(int(BODY_SECONDS) * 3):
            loop.pass_by(1)
            if not wire.closed:
                protocol.data_received(b"a" * rate)
                protocol.flow.resume_reading()
        assert wire.closed is cut, rate


def test_a_body_we_do_not_read_just_now_is_not_late() -> None:
    loop = Loop()
    protocol, wire = connect(loop)
    protocol.data_received(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"a" * 100_000)
    assert protocol.flow.read_paused
    loop.pass_by(BODY_SECONDS * 3)
    assert not wire.closed


def test_who_asked_and_waits_is_left_alone() -> None:
    loop = Loop()
    protocol, wire = connect(loop)
    protocol.data_received(b"GET /api/v1/reviews/x/wait HTTP/1.1\r\nHost: testserver\r\n\r\n")
    assert loop.waiting() == 0
    loop.pass_by(3600)
    assert not wire.closed


class Sockets:
    """The protocol that takes over."""

    def __init__(self, **_: Any) -> None: ...

    def connection_made(self, transport: Any) -> None: ...

    def data_received(self, data: bytes) -> None: ...


def test_a_websocket_that_says_nothing_is_nobody_elses_to_close() -> None:
    loop = Loop()
    protocol, wire = connect(loop, ws=Sockets)
    wire.set_protocol = lambda _: None  # type: ignore[attr-defined]
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n"
    protocol.data_received(b"GET /ws/inbox/ HTTP/1.1\r\nHost: testserver\r\n" + upgrade)
    loop.pass_by(3600)
    assert (wire.closed, wire.written, loop.waiting()) == (False, b"", 0)


def test_a_connection_that_is_gone_leaves_no_timer() -> None:
    loop = Loop()
    protocol, _ = connect(loop)
    protocol.connection_lost(None)
    assert loop.waiting() == 0


def test_files_are_left_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "most_connections", lambda: 2)
    state = ServerState()
    wires = [connect(state=state)[1] for _ in range(3)]
    assert [wire.closed for wire in wires] == [False, False, True]
    assert wires[-1].written.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after" in wires[-1].written


def test_some_files_are_never_given_to_connections() -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 0 < heads.most_connections() < soft


def test_a_half_head_behind_a_wait_is_not_answered_in_its_place() -> None:
    loop = Loop()
    protocol, wire = connect(loop)
    protocol.data_received(b"GET /wait HTTP/1.1\r\nHost: testserver\r\n\r\nGE")
    loop.pass_by(HEAD_SECONDS)
    assert (wire.closed, wire.written) == (True, b"")


def answered(protocol: BoundedHeads) -> None:
    protocol.data_received(b"GET / HTTP/1.1\r\nHost: testserver\r\n\r\n")
    protocol.cycle.response_complete = True
    protocol.on_response_complete()

"""Many connections to one server from one small loop, and what the server's process costs meanwhile."""

import asyncio
import base64
import contextlib
import os
import resource
import struct
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TICKS = os.sysconf("SC_CLK_TCK")


def many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@dataclass(frozen=True)
class Usage:
    """What a process weighs and has burnt so far, as the system tells."""

    rss_kib: int
    cpu_seconds: float
    threads: int

    @classmethod
    def of(cls, pid: int) -> "Usage":
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return cls(
            int(status["VmRSS"].split()[0]),
            (int(stat[11]) + int(stat[12])) / TICKS,
            int(status["Threads"]),
        )


async def until_quiet(pid: int, *, share: float = 0.05, seconds: float = 90) -> None:
    """Nobody asks the server how many are parked: it has parked them all once it has nothing left to do."""
    deadline = time.monotonic() + seconds
    quiet = 0
    while quiet < 2 and time.monotonic() < deadline:
        before = Usage.of(pid).cpu_seconds
        await asyncio.sleep(0.5)
        quiet = quiet + 1 if Usage.of(pid).cpu_seconds - before < share * 0.5 else 0


async def idle_share(pid: int, seconds: float = 10.0) -> float:
    before = Usage.of(pid).cpu_seconds
    await asyncio.sleep(seconds)
    return (Usage.of(pid).cpu_seconds - before) / seconds


class Waiter(asyncio.Protocol):
    """One parked GET; `came` is a future of (moment, status)."""

    __slots__ = ("came", "request", "transport")

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.came: asyncio.Future[tuple[float, int]] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if not self.came.done():
            self.came.set_result((time.perf_counter(), int(data[9:12])))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.came.done():
            self.came.set_result((0.0, 0))


class Browser(asyncio.Protocol):
    """One websocket; `heard` is called with the moment and text of each frame."""

    def __init__(self, request: bytes, heard: Callable[[float, bytes], None]) -> None:
        self.request, self.heard = request, heard
        self.buffer, self.upgraded = b"", False
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        moment = time.perf_counter()
        self.buffer += data
        if not self.upgraded:
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head[:20]:
                self.open.set_exception(ConnectionError(head[:200].decode()))
                return
            self.upgraded, self.buffer = True, rest
            self.open.set_result(None)
        while frame := self._frame():
            kind, payload = frame
            if kind == 1:
                self.heard(moment, payload)
            elif kind == 9:
                self.say(payload, 10)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(error or ConnectionError("closed"))

    def say(self, payload: bytes, kind: int = 1) -> None:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[n & 3] for n, byte in enumerate(payload))
        self.transport.write(bytes([128 | kind, 128 | len(payload)]) + mask + masked)

    def _frame(self) -> tuple[int, bytes] | None:
        if len(self.buffer) < 2:
            return None
        length, start = self.buffer[1] & 127, 2
        if length == 126:
            if len(self.buffer) < 4:
                return None
            length, start = struct.unpack(">H", self.buffer[2:4])[0], 4
        if len(self.buffer) < start + length:
            return None
        kind, payload = self.buffer[0] & 15, self.buffer[start : start + length]
        self.buffer = self.buffer[start + length :]
        return kind, payload


def feed_request(url: str, key: str, **query: object) -> bytes:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return _request(url, f"/api/v1/events?{asked}", f"Authorization: Bearer {key}\r\n")


def wait_request(url: str, key: str, review_id: str, timeout_ms: int = 120_000) -> bytes:
    path = f"/api/v1/reviews/{review_id}/wait?timeout={timeout_ms}"
    return _request(url, path, f"Authorization: Bearer {key}\r\n")


def socket_request(url: str, cookie: str) -> bytes:
    nonce = base64.b64encode(os.urandom(16)).decode()
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    named = f"Origin: {url}\r\nSec-WebSocket-Key: {nonce}\r\nCookie: {cookie}\r\n"
    return _request(url, "/ws/inbox/", upgrade + named)


async def connect(
    url: str, protocols: Iterable[Callable[[], Any]], *, at_once: int = 64
) -> list[Any]:
    """Open a connection for each protocol, so many at a time; sources spread over loopback, which has ports enough."""
    many_files()
    parts, gate = urlsplit(url), asyncio.Semaphore(at_once)

    async def one(number: int, make: Callable[[], Any]) -> Any:
        source = (f"127.0.0.{2 + number // 20_000}", 0)
        async with gate:
            _, protocol = await asyncio.get_running_loop().create_connection(
                make, parts.hostname, parts.port, local_addr=source
            )
            if isinstance(opened := getattr(protocol, "open", None), Awaitable):
                await opened
            return protocol

    return await asyncio.gather(*(one(number, make) for number, make in enumerate(protocols)))


def hang_up(protocols: Iterable[Any]) -> None:
    for protocol in protocols:
        with contextlib.suppress(Exception):
            protocol.transport.abort()


def at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _request(url: str, path: str, headers: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n{headers}\r\n".encode()

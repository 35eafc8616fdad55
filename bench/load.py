"""Posts as fast as a server answers, over a few connections that stay open."""

import asyncio
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Seen:
    times: list[float] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)


class _Poster(asyncio.Protocol):
    """The next post goes out when the answer to the last one is whole."""

    def __init__(self, request: bytes, until: float, seen: Seen, good: bytes) -> None:
        self.request, self.until, self.seen, self.good = request, until, seen, good
        self.buffer, self.begun = b"", 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._post()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        now = time.perf_counter()
        self.seen.times.append(now - self.begun)
        if not head.startswith(self.good):
            self.seen.refused.append(self.buffer)
        self.buffer = b""
        if now < self.until:
            self._post()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _post(self) -> None:
        self.begun = time.perf_counter()
        self.transport.write(self.request)  # type: ignore[attr-defined]


async def post(
    url: str,
    key: str,
    body: bytes,
    *,
    connections: int,
    seconds: float,
    path: str = "/api/v1/messages",
    status: int = 201,
) -> float:
    """Posts a second; AssertionError when one was not answered with this status."""
    where = urlsplit(url)
    head = f"POST {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    loop, seen, begun = asyncio.get_running_loop(), Seen(), time.perf_counter()
    request, good = head.encode() + body, f"HTTP/1.1 {status}".encode()
    posters = [_Poster(request, begun + seconds, seen, good) for _ in range(connections)]
    for poster in posters:
        await loop.create_connection(lambda poster=poster: poster, where.hostname, where.port)  # type: ignore[misc]
    await asyncio.gather(*(poster.done for poster in posters))
    assert not seen.refused, seen.refused[0].decode()
    return len(seen.times) / (time.perf_counter() - begun)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    raise AssertionError(f"An answer without a length: {head!r}")

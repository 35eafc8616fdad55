"""Around whatever carries a request: it gets a name, its answer says so, and when it is over it is counted and told of."""

import logging
import time

from prometheus_client import Counter, Histogram

from placet.lib import exchange
from placet.lib.asgi import Message, Scope, Send
from placet.lib.metrics import PROCESS

log = logging.getLogger("placet.access")
SWITCHED, FORBIDDEN, FAILED = 101, 403, 500
#: As nginx says it: the client left before there was an answer.
CLIENT_LEFT = 499
REQUESTS = Counter(
    "placet_http_requests",
    "Requests this process has answered; 499: the client left before there was an answer.",
    ["kind", "status"],
    registry=PROCESS,
)
SECONDS = Histogram(
    "placet_http_request_seconds",
    "How long requests took to their last byte. Of the kind wait that is how long they were parked.",
    ["kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
    registry=PROCESS,
)


class Observed:
    """One request. An object and no coroutine: it is kept with each parked wait."""

    __slots__ = ("_began", "_exchange", "_kind", "_method", "_send", "_status")

    def __init__(self, kind: str, scope: Scope, send: Send) -> None:
        self._exchange = exchange.begin(_given(scope))
        self._kind, self._method, self._send = kind, scope.get("method", "WEBSOCKET"), send
        self._began, self._status = time.perf_counter(), 0

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self._status = message["status"]
            name = (b"x-request-id", self._exchange.id.encode())
            message = {**message, "headers": [*message.get("headers", ()), name]}
        elif kind.startswith("websocket.") and not self._status:
            self._status = SWITCHED if kind == "websocket.accept" else FORBIDDEN
        await self._send(message)

    def end(self, *, failed: bool) -> None:
        status = self._status or (FAILED if failed else CLIENT_LEFT)
        seconds = time.perf_counter() - self._began
        REQUESTS.labels(self._kind, str(status)).inc()
        SECONDS.labels(self._kind).observe(seconds)
        if log.isEnabledFor(logging.INFO):
            log.info("request", extra=self._told(status, seconds))

    def _told(self, status: int, seconds: float) -> dict[str, object]:
        return {
            "method": self._method,
            "route": self._exchange.route or f"({self._kind})",
            "status": status,
            "ms": round(seconds * 1000, 1),
            "actor": self._exchange.actor,
        }


def _given(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            return str(value.decode("latin1"))
    return ""

"""The leg over Redis: one subscription and one sender per process, on a small loop of their own.

A loop of its own, and not the web server's: a Celery worker and a management command publish just the same, and a busy or
absent web loop delays nobody. Nothing here can fail or delay a commit; what is lost, the follower finds.
"""

import asyncio
import atexit
import logging
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from placet.events.models import Recorded

log = logging.getLogger(__name__)
GROUP = "placet.events"
SEND_SECONDS = 2.0
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.1, 5.0
MOST_WAITING = 10_000
AWAY = (TimeoutError, OSError, RedisError)
FLUSH_SECONDS = 1.0
# A task whose cancellation got lost in the Redis client still ends with its send.
CLOSE_SECONDS = SEND_SECONDS + 0.5
JOIN_SECONDS = CLOSE_SECONDS + 1.0


class Relay:
    def __init__(self) -> None:
        self._token = uuid.uuid4().hex
        self._outgoing: deque[dict[str, Any]] = deque(maxlen=MOST_WAITING)
        # Whether everything has left: answered under the lock, or it could overtake a `send` that has just begun.
        self._idle, self._changing = threading.Event(), threading.Lock()
        self._idle.set()
        self._loop = asyncio.new_event_loop()
        self._wake = asyncio.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="placet-relay", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def send(self, recorded: Recorded) -> None:
        """Hand an event to the sender; returns at once."""
        with self._changing:
            self._outgoing.append(recorded.as_json())
            self._idle.clear()
        self._loop.call_soon_threadsafe(self._wake.set)

    def listen(self, receive: Callable[[Recorded], None], *, on_gap: Callable[[], None]) -> None:
        """Subscribe, and stay subscribed; `on_gap` is called whenever something may have been missed."""
        asyncio.run_coroutine_threadsafe(self._listen(receive, on_gap), self._loop)

    def flush(self) -> None:
        """Wait a moment for what is on its way: a command that commits and exits must not take its event along."""
        self._idle.wait(FLUSH_SECONDS)

    def close(self) -> None:
        """Send what is on its way, then nothing more, and hear no more. Bounded; a second call does nothing."""
        atexit.unregister(self.close)
        # A forked child inherits the relay without its thread.
        if self._closed or not self._thread.is_alive():
            return
        self.flush()
        self._closed = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        sender = self._loop.create_task(self._send())
        self._loop.run_forever()
        tasks = {sender, *asyncio.all_tasks(self._loop)}
        for task in tasks:
            task.cancel()
        # Bounded: a task that unsubscribes from a Redis that no longer answers would never end, nor would `close`.
        self._loop.run_until_complete(asyncio.wait(tasks, timeout=CLOSE_SECONDS))
        self._loop.close()

    async def _send(self) -> None:
        # Asked as well as cancelled: a cancellation may get lost inside the Redis client.
        while not self._closed:
            await self._wake.wait()
            self._wake.clear()
            batch = [self._outgoing.popleft() for _ in range(len(self._outgoing))]
            if batch:
                await self._send_batch(batch)
            with self._changing:
                if not self._outgoing:
                    self._idle.set()

    async def _send_batch(self, batch: list[dict[str, Any]]) -> None:
        message = {"type": "placet.events", "from": self._token, "events": batch}
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await _layer().group_send(GROUP, message)
        except AWAY as fault:
            # Redis is down or busy, which its own people know; the follower brings these.
            lost = {"events": len(batch), "fault": type(fault).__name__}
            log.warning("relay.send_failed", extra=lost)
        except Exception:
            log.exception("relay.send_failed", extra={"events": len(batch)})

    async def _listen(
        self, receive: Callable[[Recorded], None], on_gap: Callable[[], None]
    ) -> None:
        retry = FIRST_RETRY_SECONDS
        while True:
            started = time.monotonic()
            try:
                await self._hear(receive, on_gap)
            except AWAY as fault:
                log.warning("relay.lost", extra={"fault": type(fault).__name__})
            except Exception:
                log.exception("relay.lost")
            retry = (
                FIRST_RETRY_SECONDS
                if time.monotonic() - started > LAST_RETRY_SECONDS
                else retry * 2
            )
            await asyncio.sleep(min(retry, LAST_RETRY_SECONDS))

    async def _hear(self, receive: Callable[[Recorded], None], on_gap: Callable[[], None]) -> None:
        layer = _layer()
        channel = await layer.new_channel()
        try:
            await layer.group_add(GROUP, channel)
            on_gap()
            while True:
                message = await layer.receive(channel)
                if message["from"] != self._token:
                    for event in message["events"]:
                        receive(Recorded(**event))
        finally:
            await layer.group_discard(GROUP, channel)


def relay() -> Relay:
    """This process's relay, made when the first event leaves or the first listener comes."""
    global _relay
    with _making:
        if _relay is None:
            _relay = Relay()
        return _relay


def _layer() -> Any:
    return get_channel_layer()


def _forget() -> None:
    """A forked child has the relay's memory but not its thread."""
    global _relay, _making
    _relay, _making = None, threading.Lock()


_relay: Relay | None = None
_making = threading.Lock()
os.register_at_fork(after_in_child=_forget)

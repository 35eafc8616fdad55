"""The life of a serving process: it starts to listen once, and when it leaves it keeps nobody waiting."""

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.conf import settings

from agents import parking
from inbox import live
from placet import celery  # noqa: F401 - who serves also calls for workers, and Celery must know by which broker
from placet.events import bus
from placet.lib.alone import AlreadyServing, serve_alone
from placet.lib.asgi import Receive, Scope, Send

_started = False


def ensure_started() -> None:
    """Idempotent and cheap: called with every connection. Raises AlreadyServing where another process is in the way."""
    global _started
    if not _started and settings.PLACET_LISTEN:
        # Here as well: daphne and runserver never announce themselves with a lifespan.
        serve_alone()
        _started = True
        bus.listen()
        _leave_on_signal()


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    try:
        serve_alone()
        ensure_started()
    except AlreadyServing as refusal:
        await send({"type": "lifespan.startup.failed", "message": str(refusal)})
        return
    await send({"type": "lifespan.startup.complete"})
    await receive()
    leave()
    await send({"type": "lifespan.shutdown.complete"})


def leave() -> None:
    """Answer every parked wait with what there is and close every socket, so that no connection holds up the exit."""
    parking.send_all_home()
    live.send_all_away()


def _leave_on_signal() -> None:
    """Servers tell the application last of all, after waiting for its connections: hear the signal along with them."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        theirs = signal.getsignal(number)
        if callable(theirs):
            signal.signal(number, _both(loop, theirs))


def _both(
    loop: asyncio.AbstractEventLoop, theirs: Callable[[int, FrameType | None], Any]
) -> Callable[[int, FrameType | None], None]:
    def leave_and_let_them(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(leave)
        theirs(number, frame)

    return leave_and_let_them

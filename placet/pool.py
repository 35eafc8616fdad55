"""The few lasting threads in which everything that touches the database runs, whoever asks."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from prometheus_client import Gauge

from placet.lib.metrics import PROCESS

P = ParamSpec("P")
T = TypeVar("T")


@cache
def threads() -> ThreadPoolExecutor:
    """The process's one pool. `PLACET_THREADS` bounds database connections and everything that blocks."""
    executor = ThreadPoolExecutor(settings.PLACET_THREADS, thread_name_prefix="placet")
    start_all(executor, settings.PLACET_THREADS)
    return executor


def queued() -> int:
    """How much waits for a thread just now."""
    return threads()._work_queue.qsize() if threads.cache_info().currsize else 0


Gauge(
    "placet_pool_queued",
    "Requests, and looks of parked waits, that wait for one of the PLACET_THREADS threads.",
    registry=PROCESS,
).set_function(queued)


def start_all(executor: ThreadPoolExecutor, count: int) -> None:
    """Start an executor's threads now: a count that grew with the first load would look like a leak."""
    gate = threading.Barrier(count)
    for _ in range(count):
        executor.submit(gate.wait)


@cache
def streams() -> ThreadPoolExecutor:
    """Threads of their own for sync streams, which may last: a slow reader must not take a request's thread."""
    return ThreadPoolExecutor(settings.PLACET_THREADS, thread_name_prefix="placet-stream")


def restart() -> None:
    """End the threads, and with them their database connections; the next caller gets new ones."""
    for executor in (threads, streams):
        if executor.cache_info().currsize:
            executor().shutdown(wait=True)
            executor.cache_clear()


async def on_pool(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work on a pool thread; with the stock handler, wherever Django would run it."""
    if settings.PLACET_HANDLER == "stock":
        return await sync_to_async(fn)(*args, **kwargs)
    context = copy_context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(threads(), lambda: context.run(tidily, fn, *args, **kwargs))


def tidily(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Pool threads outlive requests: a connection that died or grew old must not meet the next one."""
    close_old_connections()
    try:
        return fn(*args, **kwargs)
    finally:
        close_old_connections()

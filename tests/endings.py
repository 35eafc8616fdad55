"""Claims that an application ended of itself, and waiting that has an end."""

import asyncio
from collections.abc import Callable

from asgiref.testing import ApplicationCommunicator


async def ended(client: ApplicationCommunicator, seconds: float = 10) -> None:
    """Fail unless the application ends by itself: asgiref's own `wait` would cancel it and say nothing."""
    await asyncio.wait_for(asyncio.shield(client.future), seconds)


async def until(claim: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not claim():
            await asyncio.sleep(0.01)

"""Claims that an application ended of itself."""

import asyncio

from asgiref.testing import ApplicationCommunicator


async def ended(client: ApplicationCommunicator, seconds: float = 10) -> None:
    """Fail unless the application ends by itself: asgiref's own `wait` would cancel it and say nothing."""
    await asyncio.wait_for(asyncio.shield(client.future), seconds)

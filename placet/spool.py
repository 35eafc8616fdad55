"""A long body, kept while it comes: in memory at first, on the disk of the files once it is longer."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from typing import IO

from django.conf import settings
from django.core.exceptions import RequestAborted

from placet import pool
from placet.lib.asgi import Receive

#: What is gathered before a thread is asked to write it.
BATCH = 512 * 1024


async def spooled(receive: Receive) -> IO[bytes]:
    """The whole body, to be read from its beginning. When the client leaves nothing stays: the file never had a name."""
    loop = asyncio.get_running_loop()
    spool = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - who asked for it closes it
        max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE, dir=settings.FILE_UPLOAD_TEMP_DIR
    )
    try:
        async for batch in _batches(receive):
            # Where it may block: a busy disk must not stop the loop.
            await loop.run_in_executor(pool.threads(), spool.write, batch)
        spool.seek(0)
    except BaseException:
        spool.close()
        raise
    return spool


async def _batches(receive: Receive) -> AsyncIterator[bytes]:
    waiting, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestAborted
        waiting += message.get("body", b"")
        more = bool(message.get("more_body"))
        if len(waiting) >= BATCH or not more:
            yield bytes(waiting)
            waiting.clear()

"""A receiver in a process of its own: takes its time, then says yes. Prints its port; ends with its stdin."""

import asyncio
import sys

from aiohttp import web

SECONDS = 0.2


async def hear(request: web.Request) -> web.Response:
    await request.read()
    await asyncio.sleep(SECONDS)
    return web.Response(text="ok")


async def serve() -> None:
    app = web.Application()
    app.router.add_post("/{name}", hear)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())

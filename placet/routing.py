"""Where a connection goes: waits to the handler that parks them, other requests to the pool, browsers to their socket."""

import gc
import re
from collections.abc import Awaitable

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.urls import path

from inbox.consumers import InboxConsumer
from placet import lifecycle
from placet.bodies import BodyLimit
from placet.handler import AsyncHandler, PooledHandler
from placet.lib.asgi import Receive, Scope, Send
from placet.origins import SameOrigin

PARKED = re.compile(r"/api/v1/(reviews/[^/]+/wait|events)/?")


class ByPath:
    """Requests that park go to `parked`, all others to `pooled`. No coroutine of its own: it would be kept with each wait."""

    def __init__(self) -> None:
        self._parked, self._pooled = AsyncHandler(), BodyLimit(PooledHandler())

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path = scope["path"].removeprefix(get_script_prefix(scope))
        return (self._parked if PARKED.fullmatch(path) else self._pooled)(scope, receive, send)


class Application:
    """Starts this process's listening with its first connection: not every server announces itself with a lifespan."""

    def __init__(self) -> None:
        http = BodyLimit(ASGIHandler()) if settings.PLACET_HANDLER == "stock" else ByPath()
        sockets = URLRouter([path("ws/inbox/", InboxConsumer.as_asgi())])
        routes = {
            "http": http,
            "websocket": SameOrigin(CookieMiddleware(sockets)),
            "lifespan": lifecycle.lifespan,
        }
        self._routed = ProtocolTypeRouter(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            lifecycle.ensure_started()
        await self._routed(scope, receive, send)


application = Application()
# What was loaded lives as long as the process: the collector need not look at it again at every full run.
gc.collect()
gc.freeze()
# Ten thousand parked waits are half a million objects: a full pass over them stops the process for a fifth of a second, and
# Python's own thresholds make one every few thousand requests. Reference counts free nearly all of ours; cycles can wait.
gc.set_threshold(10_000, 10, 50)

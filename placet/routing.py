"""Where a connection goes: waits to the handler that parks them, other requests to the pool, browsers to their socket."""

import re

from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.urls import path, re_path

from inbox.consumers import InboxConsumer
from placet import lifecycle
from placet.bodies import BodyLimit
from placet.handler import AsyncHandler, PooledHandler
from placet.lib import heap
from placet.lib.asgi import App, Receive, Scope, Send
from placet.observed import Observed
from placet.origins import SameOrigin
from placet.uploads import Uploads

#: Kinds of requests, by their paths or how these begin: few, and no path says more of itself than its kind.
PROBES = {"/health": "probe", "/ready": "probe", "/metrics": "metrics"}
PARKED = re.compile(r"/api/v1/(reviews/[^/]+/wait|events)/?")
KINDS = {
    # What comes and goes at the pace of the other side's line; among the others it would look slow.
    "/api/v1/files": "file",
    "/api/files": "file",
    "/api/share/": "file",
    "/api/v1/": "api",
    "/graphql": "api",
    "/api/": "browser",
    "/static/": "static",
    "/admin/": "admin",
}


def kind_of(scope: Scope) -> str:
    """What a request is to those who count and read about many: "wait", "socket", "page" or what the two tables say."""
    if scope["type"] == "websocket":
        return "socket"
    path = scope["path"].removeprefix(get_script_prefix(scope))
    if PARKED.fullmatch(path):
        return "wait"
    starts = (kind for start, kind in KINDS.items() if path.startswith(start))
    return PROBES.get(path) or next(starts, "page")


class Application:
    """Starts this process's listening with its first connection: not every server announces itself with a lifespan."""

    def __init__(self) -> None:
        stock = settings.PLACET_HANDLER == "stock"
        consumers = [path("ws/inbox/", InboxConsumer.as_asgi())]
        # Without the last one a path that leads nowhere would be a traceback in the log, with the path in it.
        sockets = URLRouter([*consumers, re_path("", WebsocketDenier.as_asgi())])
        self._by_kind: dict[str, App] = {
            "socket": SameOrigin(CookieMiddleware(sockets)),
            "metrics": AsyncHandler(settings.PLACET_METRICS_MIDDLEWARE),
        }
        if not stock:
            self._by_kind["wait"] = AsyncHandler(settings.PLACET_WAIT_MIDDLEWARE)
        self._others = Uploads(BodyLimit(ASGIHandler() if stock else PooledHandler()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifecycle.lifespan(scope, receive, send)
            return
        lifecycle.ensure_started()
        kind, failed = kind_of(scope), True
        observed = Observed(kind, scope, send)
        try:
            await self._by_kind.get(kind, self._others)(scope, receive, observed.send)
            failed = False
        finally:
            observed.end(failed=failed)


application = Application()
heap.settle()

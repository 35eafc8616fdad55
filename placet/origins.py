"""A websocket carries the cookie from any page of the web, so it must come from one of ours."""

from urllib.parse import ParseResult, urlparse

from channels.security.websocket import OriginValidator, WebsocketDenier
from django.conf import settings
from django.http.request import validate_host

from placet.lib.asgi import App, Receive, Scope, Send


class SameOrigin:
    """Lets in origins the operator trusts, and the very host the page was asked from; a missing Origin is refused."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        origin = urlparse(headers.get(b"origin", b"").decode("latin1").lower())
        host = headers.get(b"host", b"").decode("latin1").lower()
        admitted = (
            self._app
            if _is_ours(origin, host, secure=scope.get("scheme") == "wss")
            else WebsocketDenier()
        )
        await admitted(scope, receive, send)


def _is_ours(origin: ParseResult, host: str, *, secure: bool) -> bool:
    try:
        if not origin.hostname or origin.port == 0:
            return False
    except ValueError:
        # "http://here:8000.evil.example" has no port that is a number.
        return False
    trusted = [trusted.replace("://*.", "://.") for trusted in settings.CSRF_TRUSTED_ORIGINS]
    if OriginValidator(None, trusted).valid_origin(origin):
        return True
    same = (origin.scheme, origin.netloc) == ("https" if secure else "http", host)
    return same and validate_host(origin.hostname, settings.ALLOWED_HOSTS)

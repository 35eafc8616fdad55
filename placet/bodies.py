"""How much a request may carry, decided before anything is kept: works in front of either handler."""

from contextlib import suppress
from types import SimpleNamespace

import orjson
from django.conf import settings

from placet.lib.asgi import App, Message, Receive, Scope, Send
from placet.lib.errors import TooBig
from placet.lib.rest import error_body


class BodyLimit:
    """Answers 413 to a body that says it is too large, at once, and to one that turns out to be, as soon as it does."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        if _declared(headers) > limit:
            await _refuse(scope, TooBig(limit), send)
            return
        try:
            await self.app(scope, _counted(receive, limit), send)
        except TooBig as refusal:
            await _refuse(scope, refusal, send)


def _declared(headers: dict[bytes, bytes]) -> int:
    with suppress(ValueError):
        return int(headers.get(b"content-length", b"0"))
    return 0


def _counted(receive: Receive, limit: int) -> Receive:
    left = limit

    async def receive_counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooBig(limit)
        return message

    return receive_counted


async def _refuse(scope: Scope, refusal: TooBig, send: Send) -> None:
    body = orjson.dumps(error_body(refusal, SimpleNamespace(get_full_path=lambda: scope["path"])))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

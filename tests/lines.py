"""What a process with PLACET_LOG_FORMAT=json would print, and requests as a server hands them over."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.config import DictConfigurator
from typing import Any

from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.http import HttpResponse

from placet.lib.asgi import App
from placet.routing import Application
from tests.endings import ended


class Lines:
    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        configured = DictConfigurator(settings.LOGGING)
        self.handler.setFormatter(
            configured.configure_formatter(configured.config["formatters"]["json"])
        )
        self.handler.addFilter(
            configured.configure_filter(configured.config["filters"]["of_request"])
        )

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.all if line["logger"] == "placet.access"]


@contextmanager
def json_lines(level: int = logging.DEBUG) -> Iterator[Lines]:
    lines, root, access = Lines(), logging.getLogger(), logging.getLogger("placet.access")
    before = root.level, access.level
    root.addHandler(lines.handler)
    root.setLevel(level)
    access.setLevel(logging.NOTSET)
    try:
        yield lines
    finally:
        root.removeHandler(lines.handler)
        root.setLevel(before[0])
        access.setLevel(before[1])


def scope_of(url: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    path, _, query = url.partition("?")
    named = {"host": "testserver", **headers}
    raw = [
        (name.replace("_", "-").encode(), value.encode("latin1")) for name, value in named.items()
    ]
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode()}
    return {**scope, "headers": raw, "scheme": "http", "client": ("127.0.0.1", 1)}


def ask(
    url: str,
    method: str = "GET",
    *,
    body: bytes = b"",
    application: App | None = None,
    **headers: Any,
) -> HttpResponse:
    headers = {**({"content_length": str(len(body))} if body else {}), **headers}
    scope = scope_of(url, method, **headers)
    return async_to_sync(answered)(application or Application(), scope, body)


async def answered(application: App, scope: dict[str, Any], body: bytes = b"") -> HttpResponse:
    client = ApplicationCommunicator(application, scope)
    await client.send_input({"type": "http.request", "body": body})
    start, said, more = await client.receive_output(5), b"", True
    while more:
        part = await client.receive_output(5)
        said, more = said + part.get("body", b""), part.get("more_body", False)
    await ended(client)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return HttpResponse(said, status=start["status"], headers=headers)

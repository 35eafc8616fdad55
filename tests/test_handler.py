"""The pooled handler does what WSGI and Django's stock ASGI handler do; what both share is tested on both."""

import asyncio
import contextvars
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core import signals
from django.core.handlers.asgi import ASGIHandler
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import SimpleTestCase, override_settings
from django.urls import path, reverse

from placet import bodies, pool
from placet.bodies import BodyLimit
from placet.handler import AsyncHandler, PooledHandler
from tests.endings import ended, until

HELLO = contextvars.ContextVar("HELLO", default="nobody")
_seen: dict[str, Any] = {}


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body, headers={"X-Length": str(len(request.body))})


def length(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META.get("CONTENT_LENGTH", ""))


def where(request: HttpRequest) -> HttpResponse:
    _seen.update(thread=threading.current_thread().name, hello=HELLO.get(), root=reverse("where"))
    return HttpResponse(request.path)


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        for n in range(3):
            yield f"{n}:{threading.current_thread().name};"

    return StreamingHttpResponse(parts())


def async_stream(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        for n in range(3):
            await asyncio.sleep(0)
            yield str(n)

    return StreamingHttpResponse(parts())


def endless(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            _seen["ended"] = True

    return StreamingHttpResponse(parts())


def file(request: HttpRequest) -> FileResponse:
    handle = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    handle.write(b"f" * 150_000)
    handle.seek(0)
    _seen["file"] = handle
    return FileResponse(handle, content_type="text/plain")


def slow(request: HttpRequest) -> FileResponse:
    _seen["started"] = True
    _seen["go"].wait(5)
    return file(request)


async def parked(request: HttpRequest) -> HttpResponse:
    _seen["threads"] = threading.active_count()
    try:
        await asyncio.sleep(float(request.GET.get("s", 0)))
    except asyncio.CancelledError:
        _seen["cancelled"] = True
        raise
    return HttpResponse("done")


urlpatterns = [
    path("echo", echo),
    path("length", length),
    path("where", where, name="where"),
    path("broken", broken),
    path("stream", stream),
    path("async-stream", async_stream),
    path("endless", endless),
    path("file", file),
    path("slow", slow),
    path("parked", parked),
]
handler500 = "tests.test_handler.oops"


def oops(request: HttpRequest) -> HttpResponse:
    return HttpResponse("oops", status=500)


def scope_for(url: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    route, _, query = url.partition("?")
    headers = more.pop("headers", [])
    scope = {"type": "http", "method": method, "path": route, "query_string": query.encode()}
    return {**scope, "headers": headers, "http_version": "1.1", "asgi": {"version": "3.0"}, **more}


@override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])
class HandlerCase(SimpleTestCase):
    __test__ = False

    def setUp(self) -> None:
        _seen.clear()

    def handler(self) -> Any:
        raise NotImplementedError

    def open(self, url: str, method: str = "GET", **more: Any) -> ApplicationCommunicator:
        return ApplicationCommunicator(self.handler(), scope_for(url, method, **more))

    async def ask(self, url: str, method: str = "GET", body: bytes = b"", **more: Any) -> Any:
        client = self.open(url, method, **more)
        await client.send_input({"type": "http.request", "body": body})
        start = await client.receive_output(5)
        answer = b""
        while True:
            part = await client.receive_output(5)
            answer += part.get("body", b"")
            if not part.get("more_body"):
                break
        await ended(client)
        return start["status"], dict(start["headers"]), answer


class BothHandlers(HandlerCase):
    async def test_a_body_comes_in_and_goes_out(self) -> None:
        assert (await self.ask("/echo", "POST", b"hello"))[2] == b"hello"

    async def test_a_body_in_pieces_is_put_together(self) -> None:
        client = self.open("/echo", "POST")
        await client.send_input({"type": "http.request", "body": b"hel", "more_body": True})
        await client.send_input({"type": "http.request", "body": b"lo"})
        assert dict((await client.receive_output(5))["headers"])[b"X-Length"] == b"5"

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
    async def test_a_body_that_says_it_is_too_large_is_refused_unread(self) -> None:
        client = self.open("/echo", "POST", headers=[(b"content-length", b"1001")])
        start = await client.receive_output(5)
        assert start["status"] == 413
        assert b"too_big" in (await client.receive_output(5))["body"]

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
    async def test_a_body_that_turns_out_too_large_is_refused_while_it_comes(self) -> None:
        client = self.open("/echo", "POST")
        await client.send_input({"type": "http.request", "body": b"x" * 1001, "more_body": True})
        assert (await client.receive_output(5))["status"] == 413

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
    async def test_a_client_that_sends_first_and_reads_later_finds_the_refusal(self) -> None:
        client = self.open("/echo", "POST", headers=[(b"content-length", b"3000")])
        for _ in range(2):
            await client.send_input(
                {"type": "http.request", "body": b"x" * 1000, "more_body": True}
            )
        start = await client.receive_output(5)
        assert (start["status"], dict(start["headers"])[b"connection"]) == (413, b"close")
        # A server closes once the answer is whole: it is not while the body still comes.
        assert (await client.receive_output(5))["more_body"]
        assert await client.receive_nothing()
        await client.send_input({"type": "http.request", "body": b"x" * 1000})
        assert not (await client.receive_output(5)).get("more_body")
        await ended(client)

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
    async def test_a_refused_body_without_end_is_read_only_so_far(self) -> None:
        with patch.object(bodies, "DISCARDED_BYTES", 5000):
            client = self.open("/echo", "POST", headers=[(b"content-length", b"3000000")])
            for _ in range(5):
                part = {"type": "http.request", "body": b"x" * 1000, "more_body": True}
                await client.send_input(part)
            await ended(client)

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
    async def test_a_refused_body_that_stops_is_not_waited_for_long(self) -> None:
        with patch.object(bodies, "DISCARD_SECONDS", 0.05):
            client = self.open("/echo", "POST", headers=[(b"content-length", b"3000000")])
            await ended(client)

    async def test_large_bodies_together_have_a_limit_and_small_ones_pass(self) -> None:
        with patch.object(bodies, "BUDGET", 1000), patch.object(bodies, "FREE", 500):
            first, second = self.open("/echo", "POST"), self.open("/echo", "POST")
            part = {"type": "http.request", "body": b"x" * 1500, "more_body": True}
            await first.send_input(part)
            await until(bodies.kept)
            await second.send_input(part)
            start, said = await second.receive_output(5), await second.receive_output(5)
            assert (start["status"], dict(start["headers"])[b"retry-after"]) == (503, b"5")
            assert b'"code":"busy"' in said["body"]
            assert (await self.ask("/echo", "POST", b"x" * 500))[0] == 200
            await first.send_input({"type": "http.request"})
            assert (await first.receive_output(5))["status"] == 200
            for client in (first, second):
                await client.send_input({"type": "http.disconnect"})
                await ended(client)
        assert bodies.kept() == 0

    async def test_a_stream_arrives_whole(self) -> None:
        assert (await self.ask("/stream"))[2].count(b";") == 3
        assert (await self.ask("/async-stream"))[2] == b"012"

    async def test_a_file_arrives_whole_and_is_closed(self) -> None:
        status, headers, body = await self.ask("/file")
        assert (status, headers[b"Content-Length"], len(body)) == (200, b"150000", 150_000)
        assert _seen["file"].closed

    async def test_an_exception_becomes_a_500(self) -> None:
        with self.assertLogs("django.request", "ERROR"):
            assert (await self.ask("/broken"))[::2] == (500, b"oops")

    async def test_the_root_path_reaches_reverse(self) -> None:
        await self.ask("/under/where", root_path="/under")
        assert _seen["root"] == "/under/where"

    async def test_context_variables_of_the_server_reach_the_view(self) -> None:
        handler = self.handler()

        async def server(*args: Any) -> None:
            HELLO.set("server")
            await handler(*args)

        self.handler = lambda: server  # type: ignore[method-assign]
        await self.ask("/where")
        assert _seen["hello"] == "server"

    async def test_each_signal_is_sent_once(self) -> None:
        for url in ("/where", "/stream", "/file", "/async-stream"):
            assert await self.signals_of(url) == ["started", "finished"], url

    async def test_a_client_that_leaves_while_sending_its_body_is_no_error(self) -> None:
        client = self.open("/echo", "POST")
        await client.send_input({"type": "http.request", "body": b"x", "more_body": True})
        await client.send_input({"type": "http.disconnect"})
        await ended(client)

    async def signals_of(self, url: str) -> list[str]:
        heard: list[str] = []

        def started(**_: Any) -> None:
            heard.append("started")

        def finished(**_: Any) -> None:
            heard.append("finished")

        signals.request_started.connect(started)
        signals.request_finished.connect(finished)
        try:
            await self.ask(url)
        finally:
            signals.request_started.disconnect(started)
            signals.request_finished.disconnect(finished)
        return heard


# Django's handler reads a sync stream to its end before it sends, and says so each time.
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators")
class TestStockHandler(BothHandlers):
    __test__ = True

    def handler(self) -> Any:
        return BodyLimit(ASGIHandler())


class TestPooledHandler(BothHandlers):
    __test__ = True

    def handler(self) -> Any:
        return BodyLimit(PooledHandler())

    async def test_requests_share_a_few_lasting_threads(self) -> None:
        await asyncio.gather(*(self.ask("/where") for _ in range(50)))
        names = {t.name for t in threading.enumerate() if t.name.startswith("placet_")}
        assert _seen["thread"].startswith("placet_")
        assert len(names) <= 4

    async def test_a_sync_stream_stays_on_one_thread(self) -> None:
        body = (await self.ask("/stream"))[2].decode()
        assert len({part.partition(":")[2] for part in body.split(";") if part}) == 1

    async def test_a_body_in_chunks_has_the_length_it_turned_out_to_have(self) -> None:
        client = self.open("/length", "POST")
        await client.send_input({"type": "http.request", "body": b"hel", "more_body": True})
        await client.send_input({"type": "http.request", "body": b"lo"})
        await client.receive_output(5)
        assert (await client.receive_output(5))["body"] == b"5"

    async def test_head_of_a_stream_sends_no_part(self) -> None:
        status, headers, body = await self.ask("/file", "HEAD")
        assert (status, headers[b"Content-Length"], body) == (200, b"150000", b"")
        assert _seen["file"].closed

    async def test_what_a_cancelled_request_leaves_behind_is_closed(self) -> None:
        _seen["go"] = threading.Event()
        client = self.open("/slow")
        await client.send_input({"type": "http.request"})
        await until(lambda: "started" in _seen)
        client.future.cancel()
        _seen["go"].set()
        await until(lambda: "file" in _seen and _seen["file"].closed)

    async def test_a_stream_ends_when_its_client_leaves(self) -> None:
        client = self.open("/endless")
        await client.send_input({"type": "http.request"})
        await client.receive_output(5)
        await client.send_input({"type": "http.disconnect"})
        await ended(client)
        assert _seen["ended"]


class TestAsyncHandler(HandlerCase):
    __test__ = True

    def handler(self) -> Any:
        return AsyncHandler([])

    async def test_two_hundred_parked_requests_take_no_thread(self) -> None:
        await self.ask("/parked")
        before = threading.active_count()
        parked = [asyncio.create_task(self.ask("/parked?s=0.3")) for _ in range(200)]
        await asyncio.sleep(0.2)
        assert threading.active_count() <= before
        assert {status for status, _, _ in await asyncio.gather(*parked)} == {200}

    async def test_a_client_that_leaves_cancels_the_view(self) -> None:
        client = self.open("/parked?s=30")
        await client.send_input({"type": "http.request"})
        await until(lambda: "threads" in _seen)
        await client.send_input({"type": "http.disconnect"})
        await ended(client)
        assert _seen["cancelled"]

    async def test_an_answer_says_how_long_it_is(self) -> None:
        assert (await self.ask("/parked"))[1][b"Content-Length"] == b"4"

    async def test_middleware_that_would_be_kept_with_each_wait_is_refused(self) -> None:
        with self.assertRaisesMessage(Exception, "must be a Guard"):
            AsyncHandler(["tests.test_handler.echo"])


class TestPool(SimpleTestCase):
    async def test_the_pool_can_be_renewed(self) -> None:
        first = await pool.on_pool(threading.get_ident)
        await asyncio.to_thread(pool.restart)
        assert await pool.on_pool(threading.get_ident) != 0 != first

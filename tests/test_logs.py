"""Each request has a name that stands in all its lines, and one line of its own that gives nothing away."""

import asyncio
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path

from accounts.models import User
from inbox.snapshots import MessageSnapshot
from placet.lib.logs import Plain
from placet.pool import on_pool
from placet.routing import Application
from tests import cast
from tests.endings import ended
from tests.lines import answered, ask, json_lines, scope_of
from tests.processes import ROOT, clean_environment

log = logging.getLogger("tests.views")


def pooled(request: HttpRequest) -> HttpResponse:
    log.info("pooled")
    return HttpResponse()


async def parked(request: HttpRequest, review_id: str) -> HttpResponse:
    log.info("before")
    await asyncio.sleep(0.01)
    await on_pool(log.info, "on the pool")
    log.info("after")
    return HttpResponse()


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Any:
        log.info("first part")
        yield b"1"
        log.info("second part")
        yield b"2"

    return StreamingHttpResponse(parts())


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(Path(__file__).open("rb"))


def broken(request: HttpRequest, ticket: str) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    path("pooled", pooled),
    path("api/v1/reviews/<str:review_id>/wait", parked),
    path("streamed", streamed),
    path("file", file),
    path("broken/<str:ticket>", broken),
]
handler500 = "tests.test_handler.oops"


@pytest.fixture
def ours(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = settings.PLACET_WAIT_MIDDLEWARE = ["placet.middleware.note_route"]


@pytest.mark.parametrize("given", ["a", "7d2f-1:b_c.d=e@f/g+h", "x" * 64])
def test_a_request_keeps_the_name_it_was_given(given: str) -> None:
    with json_lines() as lines:
        answer = ask("/health", x_request_id=given)
    assert answer.headers["X-Request-Id"] == given
    assert [line["request_id"] for line in lines.requests] == [given]


@pytest.mark.parametrize(
    "given", ["", "x" * 65, "two words", "a\tb", "a\r\nb", 'a"b', "{}", "ä", "\x00", "a;b"]
)
def test_a_name_that_is_none_is_replaced(given: str) -> None:
    minted = [ask("/health", x_request_id=given).headers["X-Request-Id"] for _ in range(2)]
    assert [len(name) for name in minted] == [32, 32]
    assert len({given, *minted}) == 3


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/pooled", ["pooled"]),
        ("/api/v1/reviews/1/wait", ["before", "on the pool", "after"]),
        ("/streamed", ["first part", "second part"]),
    ],
)
def test_every_line_of_a_request_has_its_name(url: str, said: list[str]) -> None:
    with json_lines(logging.INFO) as lines:
        ask(url, x_request_id="mine")
    told = [(line["message"], line["request_id"]) for line in lines.all]
    assert told == [(message, "mine") for message in [*said, "request"]]


@pytest.mark.usefixtures("ours")
def test_requests_at_one_time_do_not_take_each_others_names() -> None:
    async def herd() -> None:
        application = Application()
        urls = [("/pooled", "/api/v1/reviews/1/wait")[n % 2] for n in range(40)]
        scopes = [scope_of(url, x_request_id=f"{url}-{n}") for n, url in enumerate(urls)]
        await asyncio.gather(*(answered(application, scope) for scope in scopes))

    with json_lines(logging.INFO) as lines:
        async_to_sync(herd)()
    by_name: dict[str, list[str]] = {}
    for line in lines.all:
        by_name.setdefault(line["request_id"], []).append(line["message"])
    assert len(by_name) == 40
    for name, said in by_name.items():
        expected = ["pooled"] if "pooled" in name else ["before", "on the pool", "after"]
        assert said == [*expected, "request"], name


def test_what_no_request_is_behind_has_no_name() -> None:
    with json_lines() as lines:
        log.warning("on my own", extra={"limit": "key"})
    (line,) = lines.all
    assert line.pop("time").startswith("20")
    assert line == {
        "level": "WARNING",
        "logger": "tests.views",
        "message": "on my own",
        "limit": "key",
    }


@pytest.mark.django_db(transaction=True)
def test_a_request_has_one_line_with_its_route_and_not_its_path(
    robot: cast.Robot, ada: User, approval: MessageSnapshot
) -> None:
    signed = Client()
    signed.force_login(ada)
    cookie = f"{settings.SESSION_COOKIE_NAME}={signed.cookies[settings.SESSION_COOKIE_NAME].value}"
    wait = f"/api/v1/reviews/{approval.id}/wait?timeout=10"
    with json_lines() as lines:
        ask("/api/v1/agents", x_api_key=robot.key)
        ask(wait, x_api_key=robot.key)
        ask(f"/inbox/{approval.id}/", cookie=cookie)
        ask("/admin/", cookie=cookie)
        ask("/setup/no-such-ticket/")
        ask("/api/v1/messages", "POST", x_api_key="hp_nobody")
        ask("/static/css/placet.css")
        ask("/nowhere/at-all")
        ask("/api/v1/messages", "POST", content_length="99999999")
    told = [
        (line["method"], line["route"], line["status"], line["actor"]) for line in lines.requests
    ]
    assert told == [
        ("GET", "/api/v1/agents", 200, "key"),
        ("GET", "/api/v1/reviews/<str:review_id>/wait", 200, "key"),
        ("GET", "/inbox/<uuid:message_id>/", 200, "human"),
        ("GET", "/admin/", 302, "human"),
        ("GET", "/setup/<str:token>/", 404, "nobody"),
        ("POST", "/api/v1/messages", 401, "nobody"),
        ("GET", "(static)", 200, "nobody"),
        ("GET", "(page)", 404, "nobody"),
        ("POST", "(api)", 413, "nobody"),
    ]
    assert all(line["ms"] > 0 for line in lines.requests)
    assert len({line["request_id"] for line in lines.requests}) == len(told)
    for secret in (str(approval.id), "no-such-ticket", "nobody", "at-all", "timeout=10"):
        assert secret not in lines.text.replace('"actor": "nobody"', ""), secret


@pytest.mark.usefixtures("ours")
def test_a_view_that_fails_is_told_with_its_route_and_its_traceback() -> None:
    with json_lines() as lines:
        assert ask("/broken/ticket-7", x_request_id="mine").status_code == 500
    failed, request = lines.all[-2:]
    assert failed["message"] == "Internal Server Error: /broken/<str:ticket>"
    assert "ZeroDivisionError" in failed["exc_info"]
    assert (request["status"], request["route"]) == (500, "/broken/<str:ticket>")
    assert {failed["request_id"], request["request_id"]} == {"mine"}
    assert "ticket-7" not in lines.text


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize("url", ["/file", "/streamed"])
def test_an_answer_in_parts_is_told_when_it_is_whole(url: str) -> None:
    with json_lines(logging.INFO) as lines:
        answer = ask(url)
    assert len(answer.headers["X-Request-Id"]) == 32
    assert [line["status"] for line in lines.requests] == [200]


@pytest.mark.usefixtures("ours")
def test_a_client_that_left_before_the_answer_is_told_as_such(monkeypatch: Any) -> None:
    monkeypatch.setattr(asyncio, "sleep", lambda _: asyncio.Event().wait())

    async def leave() -> None:
        client = ApplicationCommunicator(Application(), scope_of("/api/v1/reviews/1/wait"))
        await client.send_input({"type": "http.request"})
        await client.send_input({"type": "http.disconnect"})
        await ended(client)

    with json_lines() as lines:
        async_to_sync(leave)()
    assert [line["status"] for line in lines.requests] == [499]


@pytest.mark.django_db(transaction=True)
def test_a_socket_is_told_once_it_is_closed(ada: User) -> None:
    signed = Client()
    signed.force_login(ada)
    cookie = f"{settings.SESSION_COOKIE_NAME}={signed.cookies[settings.SESSION_COOKIE_NAME].value}"
    origin = [(b"host", b"testserver"), (b"origin", b"http://testserver")]

    async def visit(url: str, *headers: tuple[bytes, bytes]) -> bool:
        socket = WebsocketCommunicator(Application(), url, headers=[*origin, *headers])
        connected, _ = await socket.connect(5)
        if connected:
            await socket.disconnect()
        return bool(connected)

    with json_lines() as lines:
        assert async_to_sync(visit)("/ws/inbox/", (b"cookie", cookie.encode()))
        assert not async_to_sync(visit)("/ws/inbox/?ticket=stolen")
        assert not async_to_sync(visit)("/ws/no-such-socket/")
    told = [
        (line["method"], line["route"], line["status"], line["actor"]) for line in lines.requests
    ]
    assert told == [
        ("WEBSOCKET", "/ws/inbox/", 101, "human"),
        ("WEBSOCKET", "/ws/inbox/", 403, "nobody"),
        ("WEBSOCKET", "(socket)", 403, "nobody"),
    ]
    assert "stolen" not in lines.text
    assert "no-such-socket" not in lines.text


def test_lines_for_people_end_with_the_name_of_the_request() -> None:
    record = logging.LogRecord("placet", logging.WARNING, "", 0, "Slow.", None, None)
    plain = Plain("%(levelname)s %(message)s")
    assert plain.format(record) == "WARNING Slow."
    record.request_id = "mine"
    assert plain.format(record) == "WARNING Slow. [mine]"


@pytest.mark.processes
@pytest.mark.parametrize(("kind", "access"), [("plain", False), ("json", True)])
def test_requests_have_a_line_where_machines_read_them(tmp_path: Path, kind: str, access: bool):
    code = (
        "import django; django.setup(); import logging;"
        "logging.getLogger('placet.access').info('request');"
        "logging.getLogger('uvicorn.access').info('GET /?ticket=…');"
        "logging.getLogger('placet').warning('odd')"
    )
    env = clean_environment({"PLACET_LOG_FORMAT": kind, "PLACET_DATA_DIR": str(tmp_path)})
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**env, "DJANGO_SETTINGS_MODULE": "placet.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("request" in run.stderr) is access
    assert "ticket" not in run.stderr
    assert run.stderr.splitlines()[-1].startswith("{") is (kind == "json")

"""`/metrics`: for whoever has the token, whatever else is broken; and what it counts."""

import threading
from typing import Any
from unittest.mock import patch

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families as parsed

from accounts.sessions import SessionStore
from inbox.snapshots import MessageSnapshot
from placet import metrics
from placet.events import bus
from placet.events.models import Recorded
from placet.lib.clock import iso, now
from placet.routing import KINDS, PROBES, Application, kind_of
from tests import cast
from tests.endings import ended, until
from tests.lines import ask, scope_of
from tests.processes import Server, free_port, plain_session

# The figures are read with connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "only-for-prometheus-only-for-prometheus"
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(autouse=True)
def _token(settings: Any) -> None:
    settings.PLACET_METRICS_TOKEN = TOKEN


def scrape(**headers: Any) -> HttpResponse:
    return ask("/metrics", authorization=f"Bearer {TOKEN}", **headers)


def samples(answer: HttpResponse | None = None) -> Samples:
    text = (answer or scrape()).content.decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in parsed(text)
        for sample in family.samples
    }


def value(name: str, found: Samples | None = None, **labels: str) -> float:
    return (samples() if found is None else found).get((name, frozenset(labels.items())), 0.0)


@pytest.mark.parametrize("authorization", [f"Bearer {TOKEN}", "Bearer ", "", "Bearer x"])
def test_there_is_none_where_no_token_is_set(settings: Any, authorization: str) -> None:
    settings.PLACET_METRICS_TOKEN = ""
    assert ask("/metrics", authorization=authorization).status_code == 404
    assert Client().get("/metrics", headers={"Authorization": authorization}).status_code == 404


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer x", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer ä"],
)
def test_without_the_token_it_is_refused(authorization: str, robot: cast.Robot) -> None:
    for sent in (authorization, f"Bearer {robot.key}"):
        answer = ask("/metrics", authorization=sent)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert b"placet_" not in answer.content
    assert ask(f"/metrics?token={TOKEN}", x_api_key=TOKEN).status_code == 401


def test_with_the_token_it_speaks_as_prometheus_reads() -> None:
    answer = scrape()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert value("placet_database_up", samples(answer)) == 1
    assert value("process_resident_memory_bytes", samples(answer)) > 1_000_000
    assert ask("/metrics", "POST", authorization=f"Bearer {TOKEN}").status_code == 405


def test_it_asks_neither_session_nor_host_nor_https(settings: Any, browser: Client) -> None:
    settings.SECURE_SSL_REDIRECT = True
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    with patch.object(SessionStore, "load", side_effect=AssertionError("asked")):
        answer = scrape(host="10.0.0.7:8000", cookie=f"{settings.SESSION_COOKIE_NAME}={session}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_with_the_stock_handler_it_is_the_same(settings: Any) -> None:
    settings.PLACET_HANDLER = "stock"
    settings.SECURE_SSL_REDIRECT = True
    assert scrape(host="10.0.0.7:8000").status_code == 200


def test_without_the_database_the_process_is_still_told_of(caplog: Any) -> None:
    with patch.object(metrics, "read_database", side_effect=OperationalError):
        found = samples()
    assert found[("placet_database_up", frozenset())] == 0
    assert ("process_start_time_seconds", frozenset()) in found
    assert "metrics.without_database" in caplog.text


def test_a_database_that_does_not_answer_is_not_waited_for() -> None:
    go = threading.Event()

    def stuck() -> list[Any]:
        go.wait(30)
        return []

    with (
        patch.object(metrics, "PATIENCE_SECONDS", 0.05),
        patch.object(metrics, "read_database", stuck),
    ):
        found = samples()
        go.set()
    assert found[("placet_database_up", frozenset())] == 0
    assert ("placet_pool_queued", frozenset()) in found


@pytest.mark.processes
def test_it_is_told_when_redis_is_gone() -> None:
    dead = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0", "PLACET_METRICS_TOKEN": TOKEN}
    with Server(dead) as server:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = plain_session().get(f"{server.url}/metrics", headers=headers, timeout=10)
        assert answer.status_code == 200
        assert "placet_database_up 1.0" in answer.text
        assert TOKEN not in server.log


def test_requests_are_counted_by_kind_and_answer(
    approval: MessageSnapshot, robot: cast.Robot
) -> None:
    before = samples()
    for _ in range(3):
        ask("/api/v1/agents", x_api_key=robot.key)
    ask("/api/v1/agents")
    ask(f"/api/v1/reviews/{approval.id}/wait?timeout=10", x_api_key=robot.key)
    after = samples()

    def more(name: str, **labels: str) -> float:
        return value(name, after, **labels) - value(name, before, **labels)

    assert more("placet_http_requests_total", kind="api", status="200") == 3
    assert more("placet_http_requests_total", kind="api", status="401") == 1
    assert more("placet_http_requests_total", kind="wait", status="200") == 1
    assert more("placet_http_request_seconds_count", kind="api") == 4
    assert more("placet_http_request_seconds_bucket", kind="wait", le="120.0") == 1


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/files/upload", "file"),
        ("/api/files/1/download", "file"),
        ("/api/share/ticket", "file"),
        ("/api/v1/messages", "api"),
        ("/api/v1/reviews/1/wait", "wait"),
        ("/api/messages/1/respond", "browser"),
        ("/metrics", "metrics"),
        ("/metrics/else", "page"),
        ("/inbox/", "page"),
    ],
)
def test_a_path_has_a_kind(path: str, kind: str) -> None:
    assert kind_of(scope_of(path)) == kind


def test_whatever_is_asked_for_the_labels_stay_few(
    approval: MessageSnapshot, robot: cast.Robot
) -> None:
    for n in range(20):
        ask(f"/nowhere/{n}", f"METHOD{n}")
        ask(f"/api/v1/messages/{n}", x_api_key=robot.key)
        cast.ask(robot, f"unheard-of-{n}", payload={})
    answer = scrape()
    kinds = {*KINDS.values(), *PROBES.values(), "page", "wait", "socket"}
    for name, labels in samples(answer):
        assert dict(labels).get("kind", "page") in kinds, name
    for text in ("nowhere", "METHOD", "unheard-of", robot.agent.name, str(robot.agent.id)):
        assert text not in answer.content.decode(), text


def test_who_waits_is_counted_while_they_wait(approval: MessageSnapshot, robot: cast.Robot) -> None:
    async def wait_and_leave() -> None:
        url = f"/api/v1/reviews/{approval.id}/wait?timeout=20000"
        client = ApplicationCommunicator(Application(), scope_of(url, x_api_key=robot.key))
        await client.send_input({"type": "http.request"})
        await until(lambda: _gauge("placet_waits_parked") == 1)
        await client.send_input({"type": "http.disconnect"})
        await ended(client)

    async_to_sync(wait_and_leave)()
    assert value("placet_waits_parked") == 0
    assert ("placet_sockets_open", frozenset()) in samples()


def test_an_event_is_told_by_the_way_it_came_first() -> None:
    before = samples()
    recorded = Recorded(
        id=1, type="x:y", data={}, agent_id=None, user_id=None, recorded_at=iso(now()) or ""
    )
    with patch.object(bus, "_everywhere", []):
        bus.receive(recorded, way="redis")
        bus.receive(recorded, way="database")
    after = samples()
    for way, expected in (("redis", 1), ("database", 0)):
        count = "placet_event_lag_seconds_count"
        assert value(count, after, way=way) - value(count, before, way=way) == expected


def _gauge(name: str) -> float | None:
    from placet.lib.metrics import PROCESS

    return PROCESS.get_sample_value(name)

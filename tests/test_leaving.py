"""How processes leave when they are told to: nobody who was let in goes without an answer, and nobody waits for long."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests import needs
from tests.processes import ROOT, AgentClient, Server, until
from tests.test_scaled import Part

pytestmark = pytest.mark.processes
#: What supervisors give, unless told otherwise.
SUPERVISOR_SECONDS = 10
DATABASE = f"placet_leaving_{os.getpid()}"
SCALED = [pytest.mark.postgres, pytest.mark.redis, needs.postgres, needs.redis_server]


class Crowd:
    """Agents that post one message after the other, each over one connection, until nobody listens any more."""

    def __init__(self, robot: AgentClient, count: int) -> None:
        self.answers: Counter[object] = Counter()
        self.kept: set[str] = set()
        self._robot, self._lock, self._tired = robot, threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._post, daemon=True) for _ in range(count)]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tired.set()
        for thread in self._threads:
            thread.join(30)

    def _post(self) -> None:
        agent = self._robot.at(self._robot.url)
        while not self._tired.wait(0.01):
            client_id = uuid.uuid4().hex
            try:
                answer: object = agent.post(
                    "/api/v1/messages", {"text": "On my way", "clientId": client_id}
                ).status_code
            except requests.ConnectionError as fault:
                answer = "refused" if "Connection refused" in repr(fault) else repr(fault)
            with self._lock:
                self.answers[answer] += 1
                if answer == 201:
                    self.kept.add(client_id)
            if answer == "refused":
                return


def tell_to_leave(server: Server) -> None:
    assert server.popen
    server.popen.send_signal(signal.SIGTERM)


def has_left(server: Server) -> int:
    """Its exit code, or TimeoutExpired."""
    assert server.popen
    return server.popen.wait(SUPERVISOR_SECONDS)


def kept_by(robot: AgentClient) -> set[str]:
    found: set[str] = set()
    page: Any = {"nextCursor": ""}
    while page["nextCursor"] is not None:
        page = robot.get("/api/v1/messages", limit=100, cursor=page["nextCursor"]).json()
        found |= {message["clientId"] for message in page["data"]}
    return found


@pytest.fixture(params=["embedded", pytest.param("scaled", marks=SCALED)])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What the settings say of database and Redis, in both shapes."""
    if request.param == "embedded":
        yield {}
        return
    with needs.Redis(tmp_path) as redis, needs.Database(DATABASE) as database:
        yield {"DATABASE_URL": database.url, "REDIS_URL": redis.url}


def test_under_load_every_request_is_answered_and_every_wait_sent_home(
    stores: dict[str, str],
) -> None:
    with Server({**stores, "PLACET_RATE_PER_KEY": "100000/minute"}) as server:
        robot = server.robot()
        parked = [robot.park(robot.ask()["id"], 60_000) for _ in range(5)]
        with Crowd(robot, 12) as crowd:
            until(lambda: crowd.answers[201] > 100)
            tell_to_leave(server)
            until(lambda: crowd.answers["refused"] == 12)
        assert [wait.result(5)[0].json()["status"] for wait in parked] == ["timeout"] * 5
        assert has_left(server) == 0
        assert set(crowd.answers) == {201, "refused"}
        assert "Traceback" not in server.log
        server.start()
        assert crowd.kept <= kept_by(robot)


def test_a_request_that_was_on_its_way_is_answered_and_its_connection_closed() -> None:
    """It was sent on an idle connection before the client could know that the server leaves."""
    with Server() as server, connection(server) as idle:
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in idle.recv(65536)
        tell_to_leave(server)
        until(lambda: not listens(server), every=0.005)
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b"".join(iter(lambda: idle.recv(65536), b""))
        assert b"200 OK" in answer
        assert b"connection: close" in answer
        assert has_left(server) == 0


def test_a_reader_who_has_fallen_asleep_holds_nobody_up() -> None:
    with Server() as server, connection(server, room=4096) as asleep:
        path = b"/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
        # Several megabytes: one would fit into what the system keeps for a connection.
        asleep.sendall((b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n") * 8)
        assert b"200 OK" in asleep.recv(64)
        tell_to_leave(server)
        has_left(server)


def test_a_socket_that_is_handed_over_refuses_nobody_while_the_server_restarts() -> None:
    """As systemd does it: what arrives between two lives of the process waits in the socket's own queue."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        port, fd = place.getsockname()[1], place.fileno()
        server = Server(port=port, command=[sys.executable, "manage.py", "serve", "--fd", str(fd)])
        server.pass_fds = (fd,)
        with server:
            robot = server.robot()
            with Crowd(robot, 8) as crowd:
                for lives in (1, 2):
                    until(lambda lives=lives: crowd.answers[201] > 100 * lives)  # type: ignore[misc]
                    tell_to_leave(server)
                    assert has_left(server) == 0
                    server.start()
                until(lambda: crowd.answers[201] > 300)
            assert set(crowd.answers) == {201}
            assert f"listens on http://127.0.0.1:{port}" in server.log


@pytest.mark.parametrize("fd", ["99", "0"])
def test_what_is_no_listening_socket_is_refused(tmp_path: Path, fd: str) -> None:
    server = Server(data_dir=tmp_path)
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--fd", fd],
        cwd=ROOT,
        env=server.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert f"--fd must be a listening socket; {fd} is none" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("stores", [pytest.param("scaled", marks=SCALED)], indirect=True)
def test_a_worker_finishes_the_task_it_has_begun(stores: dict[str, str], tmp_path: Path) -> None:
    server = Server(stores, data_dir=tmp_path)
    server.manage("migrate")
    worker = Part("worker", server.env, tmp_path)
    with worker, psycopg.connect(stores["DATABASE_URL"]) as holding:
        # The task gets as far as this row, and no further as long as we hold it.
        holding.execute("INSERT INTO totals_total (name, value) VALUES ('cursor', 0)")
        server.manage("create_agent", "Counted", "--owner", owner(server))
        holding.execute("UPDATE events_eventrow SET recorded_at = now() - interval '1 hour'")
        holding.commit()
        holding.execute("SELECT 1 FROM totals_total FOR UPDATE")
        send("placet.totals.tasks.count_up", server)
        until(lambda: waits_for_a_lock(stores["DATABASE_URL"]))
        assert worker.popen
        worker.popen.send_signal(signal.SIGTERM)
        worker.wait_for_log("Warm shutdown")
        time.sleep(0.5)
        assert worker.running
        holding.rollback()
        assert worker.popen.wait(SUPERVISOR_SECONDS) == 0
        (counted,) = holding.execute("SELECT value FROM totals_total").fetchone() or (0,)
        assert counted > 0


def owner(server: Server) -> str:
    made = "from accounts.services import setup; setup.ensure_owner_from_settings()"
    server.manage("shell", "--no-imports", "--command", made)
    assert server.owner
    return server.owner.email


def send(task: str, server: Server) -> None:
    sent = f"from placet.celery import app; app.send_task('{task}')"
    server.manage("shell", "--no-imports", "--command", sent)


def waits_for_a_lock(url: str) -> bool:
    sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(url) as looking:
        return looking.execute(sql).fetchone() is not None


def listens(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


@contextmanager
def connection(server: Server, *, room: int = 0) -> Iterator[socket.socket]:
    raw = socket.socket()
    if room:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    with raw:
        raw.settimeout(10)
        raw.connect(("127.0.0.1", server.port))
        yield raw

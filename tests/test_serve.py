"""`manage.py serve` refuses what it cannot do before it says that it listens."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from placet.heads import HEAD_SECONDS
from tests.processes import ROOT, Server, clean_environment, plain_session

pytestmark = pytest.mark.processes


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def refused(tmp_path: Path, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", *arguments],
        cwd=ROOT,
        env=clean_environment({"PLACET_DATA_DIR": str(tmp_path), **env}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "listens" not in done.stdout
    return done


def test_a_taken_port_is_refused_with_what_to_set(tmp_path: Path, taken: int) -> None:
    done = refused(tmp_path, PLACET_PORT=str(taken))
    assert f"Port {taken} is taken; choose another with PLACET_PORT" in done.stderr


@pytest.mark.parametrize("arguments", [("--host", "nowhere.invalid"), ("--port", "99999")])
def test_an_address_nobody_can_listen_on_is_refused(tmp_path: Path, arguments: tuple[str, str]):
    assert "Cannot listen on" in refused(tmp_path, *arguments).stderr


def test_an_owner_who_cannot_be_made_is_refused_in_a_line(tmp_path: Path) -> None:
    done = refused(tmp_path, "--port", "0", PLACET_OWNER_EMAIL="nope", PLACET_OWNER_PASSWORD="x")
    assert "PLACET_OWNER_EMAIL and PLACET_OWNER_PASSWORD:" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_set_up_link_leads_to_where_the_server_listens() -> None:
    server = Server(owner=None)
    server.env["PLACET_URL"] = ""
    with server:
        link = re.search(r"http://\S+/setup/\S+", server.log)
        assert link
        assert link.group().startswith(f"{server.url}/setup/")
        assert plain_session().get(link.group(), timeout=10).status_code == 200


def test_a_quiet_socket_stays_open_longer_than_a_head_may_take() -> None:
    with Server() as server, server.human().listen() as socket:
        with pytest.raises(TimeoutError):
            socket.recv(timeout=HEAD_SECONDS + 1)
        socket.send('{"type": "ping"}')
        assert json.loads(socket.recv(timeout=5)) == {"type": "pong"}

"""The cast as fixtures, and the walls of the playground."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from agents import auth
from inbox import patience
from inbox.snapshots import MessageSnapshot
from placet import pool
from placet.lib import limits
from tests import cast

LOOPBACK = ("127.", "localhost", "::1", "/", "testserver")
_connect = socket.socket.connect


@pytest.fixture(autouse=True)
def _no_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else str(address)
        if not str(host).startswith(LOOPBACK):
            raise RuntimeError(f"A test tried to reach {host}.")
        _connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _fresh_memory() -> Iterator[None]:
    """What a process remembers must not leak from one test into the next, nor the connections of its threads."""
    auth._cache.clear()
    limits.reset()
    patience.start_afresh()
    yield
    pool.restart()


@pytest.fixture
def ada(db: None) -> User:
    """A reviewer who owns the robot."""
    return cast.make_user("Ada")


@pytest.fixture
def bob(db: None) -> User:
    """A person of the workspace who has nothing to do with Ada's agents."""
    return cast.make_user("Bob")


@pytest.fixture
def olga(db: None) -> User:
    """The owner of the workspace."""
    return cast.make_user("Olga", role=Role.OWNER)


@pytest.fixture
def robot(ada: User) -> cast.Robot:
    return cast.make_robot(ada)


@pytest.fixture
def other_robot(bob: User) -> cast.Robot:
    """Bob's agent: a stranger to Ada."""
    return cast.make_robot(bob, "Invoice reader")


@pytest.fixture
def approval(robot: cast.Robot) -> MessageSnapshot:
    return cast.ask(robot, "approval", text="Deploy v2.1 to production?")


@pytest.fixture
def browser(ada: User, client: Client) -> Client:
    """Ada, signed in."""
    client.force_login(ada)
    return client

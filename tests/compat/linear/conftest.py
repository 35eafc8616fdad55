"""A live server with two apps, each with an unmodified LinearClient in a Node process."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.compat.linear.parts import Bot
from tests.compat.noded import Node
from tests.processes import Human, Server

AT_ONCE = 20
ENV = {"PLACET_OUTBOUND_ALLOW": "127.0.0.0/8", "PLACET_RATE_PER_KEY": "100000/minute"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(ENV) as running:
        yield running


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with Node() as running:
        yield running


@pytest.fixture(scope="module")
def olga(server: Server) -> Human:
    return server.human()


@pytest.fixture(scope="module")
def apps(server: Server) -> Iterator[dict[str, Any]]:
    """One after the other: apps are made by commands, many by one."""
    return _made(server)


@pytest.fixture
def bot(server: Server, node: Node, apps: Iterator[dict[str, Any]]) -> Bot:
    return Bot(server.url, node, next(apps))


@pytest.fixture
def stranger(server: Server, node: Node, apps: Iterator[dict[str, Any]]) -> Bot:
    return Bot(server.url, node, next(apps))


def make_bot(server: Server, node: Node, name: str, *options: str) -> Bot:
    owner = server.owner.email if server.owner else ""
    made = server.manage("create_app", name, "--owner", owner, *options)
    return Bot(server.url, node, json.loads(made.splitlines()[-1]))


def _made(server: Server) -> Iterator[dict[str, Any]]:
    owner = server.owner.email if server.owner else ""
    code = f"""
from django.core.management import call_command
for _ in range({AT_ONCE}):
    call_command("create_app", "Build doctor", owner="{owner}")
"""
    while True:
        lines = server.manage("shell", "-c", code).splitlines()
        yield from (json.loads(line) for line in lines if line.startswith("{"))

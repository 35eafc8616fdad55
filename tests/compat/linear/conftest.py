"""A live server with two apps, each with an unmodified LinearClient in a Node process."""

import json
from collections.abc import Iterator

import pytest

from tests.compat.linear.parts import Bot
from tests.compat.noded import Node
from tests.processes import Human, Server

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


@pytest.fixture
def bot(server: Server, node: Node) -> Bot:
    return make_bot(server, node, "Build doctor")


@pytest.fixture
def stranger(server: Server, node: Node) -> Bot:
    return make_bot(server, node, "Invoice reader")


def make_bot(server: Server, node: Node, name: str, *options: str) -> Bot:
    owner = server.owner.email if server.owner else ""
    made = server.manage("create_app", name, "--owner", owner, *options)
    return Bot(server.url, node, json.loads(made.splitlines()[-1]))

"""One live server for all that Plane's SDKs are driven at, and the people around it."""

from collections.abc import Iterator

import pytest

from tests.compat import parts
from tests.processes import Human, Server
from tests.receiver import Receiver, receiver


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    with parts.live_server() as running:
        yield running


@pytest.fixture(scope="package")
def person(server: Server) -> Human:
    return server.human()


@pytest.fixture(scope="package")
def there() -> Iterator[Receiver]:
    with receiver() as kept:
        yield kept


@pytest.fixture(scope="package")
def app(server: Server, there: Receiver) -> parts.Installed:
    return parts.installed(server, "Weather bot", "--webhook", there.url, "--dialect", "plane")


@pytest.fixture(scope="package")
def other(server: Server) -> parts.Installed:
    return parts.installed(server, "Invoice bot")

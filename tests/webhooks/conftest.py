"""A receiver that may be reached, and agents that have their webhook there."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import cast
from tests.receiver import Receiver, receiver
from webhooks.services import endpoints


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings: Any) -> None:
    settings.PLACET_OUTBOUND_ALLOW = ["127.0.0.0/8", "localhost"]


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as kept:
        yield kept


@pytest.fixture
def secret(robot: cast.Robot, there: Receiver) -> str:
    """The robot's webhook is set; what it signs with."""
    _, secret = endpoints.set_agent_webhook(by=robot.actor, agent_id=robot.agent.id, url=there.url)
    return secret

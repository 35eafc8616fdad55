"""Messages of a connection to Redis that is gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu.connection import Connection
from kombu.message import Message

from placet.celery import app
from tests import needs

pytestmark = [pytest.mark.processes, pytest.mark.redis, needs.redis_server]


# Importing it is what makes connections outlive.
assert app


@pytest.fixture
def message(tmp_path: Path) -> Iterator[Message]:
    """Taken by somebody who has not said yet that they have it, over a connection that has been closed since."""
    with needs.Redis(tmp_path) as redis:
        with Connection(redis.url) as connection:
            queue = connection.SimpleQueue("hints")
            queue.put("due")
            message = queue.get(timeout=5)
        yield message


def test_what_was_taken_over_a_lost_connection_is_acknowledged_without_a_fault(
    message: Message,
) -> None:
    message.ack()
    assert message.acknowledged


def test_what_was_taken_over_a_lost_connection_is_rejected_without_a_fault(
    message: Message,
) -> None:
    message.requeue()
    assert message.acknowledged

"""A receiver on loopback that may be reached."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.receiver import Receiver, receiver


@pytest.fixture
def there(settings: Any) -> Iterator[Receiver]:
    settings.PLACET_OUTBOUND_ALLOW = ["127.0.0.0/8"]
    with receiver() as kept:
        yield kept

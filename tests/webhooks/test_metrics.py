"""What /metrics says of deliveries."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests import cast
from tests.receiver import Receiver
from webhooks.engine import Engine
from webhooks.models import Delivery, Endpoint, Off

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a-token-for-prometheus-only-in-tests"


def figures(settings: Any) -> dict[str, float]:
    settings.PLACET_METRICS_TOKEN = TOKEN
    told = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    lines = [line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_tries_are_counted_and_what_waits_is_shown(
    robot: cast.Robot, ada: User, there: Receiver, secret: str, settings: Any
) -> None:
    there.answers(500)
    cast.answer(ada, cast.ask(robot))
    assert figures(settings)["placet_webhook_lag_seconds"] > 0
    Engine().drain()
    told = figures(settings)
    assert told["placet_webhook_deliveries_pending"] == 1
    assert told["placet_webhook_lag_seconds"] == 0
    Delivery.objects.update(due_at="2026-01-01T00:00:00Z")
    Engine().drain()
    Endpoint.objects.update(off=Off.DEAD)
    told = figures(settings)
    assert told['placet_webhook_attempts_total{result="5xx"}'] == 1
    assert told['placet_webhook_attempts_total{result="2xx"}'] == 1
    assert told["placet_webhook_deliveries_pending"] == 0
    assert told["placet_webhook_endpoints_off"] == 1


def test_without_anything_sent_every_figure_is_there_and_zero(db: None, settings: Any) -> None:
    told = {name: value for name, value in figures(settings).items() if "webhook" in name}
    assert len(told) == 9
    assert not any(told.values())

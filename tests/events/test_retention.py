"""The past is kept for so long, and what is kept has no holes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inbox.live import MOST_REPLAYED
from placet.events import retention, tasks
from placet.events.models import EventRow
from placet.events.selectors import OVERLAP
from placet.lib.clock import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "NEWEST_KEPT", 2)
    monkeypatch.setattr(retention, "BATCH", 3)
    monkeypatch.setattr(retention, "BREATH_SECONDS", 0.0)


def happened(*days_ago: float) -> list[int]:
    """Events of so many days ago, in this order."""
    plain = {"type": "agent:created", "data": {}, "actor": "system"}
    return [
        EventRow.objects.create(recorded_at=now() - timedelta(days=days), **plain).pk
        for days in days_ago
    ]


def kept() -> list[int]:
    return list(EventRow.objects.order_by("pk").values_list("pk", flat=True))


def test_what_is_older_than_the_setting_goes_in_batches_and_the_rest_stays(settings: Any) -> None:
    settings.PLACET_EVENTS_KEEP_DAYS = 10
    ids = happened(*[11.0] * 8, 9, 8, 7)
    assert tasks.forget_events() == 8
    assert kept() == ids[8:]
    assert tasks.forget_events() == 0


def test_the_newest_stay_however_old_they_are() -> None:
    ids = happened(90, 80, 70, 60)
    assert tasks.forget_events() == 2
    assert kept() == ids[2:]


def test_few_events_stay_and_none_are_no_fault() -> None:
    assert tasks.forget_events() == 0
    ids = happened(90)
    assert tasks.forget_events() == 0
    assert kept() == ids


def test_what_is_kept_has_no_holes() -> None:
    ids = happened(90, 1, 90, 90, 1, 1)
    assert tasks.forget_events() == 1
    assert kept() == ids[1:]


def test_a_batch_is_dropped_in_one_statement_that_names_no_rows() -> None:
    happened(*[90.0] * 5, 1, 1)
    with CaptureQueriesContext(connection) as queries:
        tasks.forget_events()
    drops = [one["sql"] for one in queries if one["sql"].startswith("DELETE")]
    assert (len(drops), all(" IN " not in sql for sql in drops)) == (2, True)


def test_a_browser_that_comes_back_finds_more_than_it_is_told_if_it_missed_any() -> None:
    assert retention_as_it_ships > MOST_REPLAYED + OVERLAP


retention_as_it_ships = retention.NEWEST_KEPT

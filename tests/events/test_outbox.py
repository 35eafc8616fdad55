"""The fact is written beside the change; the world is told after commit, or not at all."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from inbox import live
from placet.events import catalogue, outbox
from placet.events.models import EventRow, Recorded
from placet.events.outbox import LARGEST_BATCH
from placet.events.selectors import SLOWEST_COMMIT, events_since, latest_id
from placet.lib.actors import SYSTEM
from placet.lib.clock import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Recorded]:
    heard: list[Recorded] = []
    monkeypatch.setattr(outbox, "_after", [heard.append])
    return heard


def created() -> catalogue.AgentCreated:
    return catalogue.AgentCreated(agent_id=uuid4())


def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        outbox.record(created(), by=SYSTEM)


def test_the_world_hears_of_it_only_after_commit(heard: list[Recorded]) -> None:
    with transaction.atomic():
        outbox.record(created(), by=SYSTEM)
        assert heard == []
    assert [one.type for one in heard] == ["agent:created"]


def test_a_change_undone_is_an_event_that_never_was(heard: list[Recorded]) -> None:
    with transaction.atomic():
        outbox.record(created(), by=SYSTEM)
        transaction.set_rollback(True)
    assert (heard, EventRow.objects.count()) == ([], 0)


def test_a_deaf_listener_silences_nobody_else(
    heard: list[Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(recorded: Recorded) -> None:
        raise RuntimeError("deaf")

    monkeypatch.setattr(outbox, "_after", [deaf, heard.append])
    with transaction.atomic():
        outbox.record(created(), by=SYSTEM)
    assert len(heard) == 1


def test_a_listener_beside_the_change_shares_its_fate(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(recorded: Sequence[Recorded]) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(outbox, "_beside", [refuse])
    with pytest.raises(RuntimeError), transaction.atomic():
        outbox.record(created(), by=SYSTEM)
    assert EventRow.objects.count() == 0


def test_what_is_heard_equals_what_a_reload_reads(heard: list[Recorded]) -> None:
    with transaction.atomic():
        outbox.record(
            catalogue.MessageCreated(agent_id=uuid4(), message_id=uuid4(), sender_type="agent"),
            by=SYSTEM,
        )
    assert events_since(0) == heard


def test_a_reader_by_cursor_looks_back_far_enough_for_a_late_commit() -> None:
    with transaction.atomic():
        outbox.record_all([created() for _ in range(3)], by=SYSTEM)
    ids = [one.id for one in events_since(0)]
    assert [one.id for one in events_since(ids[1])] == ids


def late_batch() -> tuple[int, set[int]]:
    """A sweep took its ids first and commits last; a cursor stands behind the one event that overtook it."""
    first = latest_id() + 1
    overtaker, late = first + LARGEST_BATCH, range(first, first + LARGEST_BATCH)
    plain = {"type": "review:expired", "data": {}, "actor": "system", "recorded_at": now()}
    EventRow.objects.create(pk=overtaker, **plain)
    EventRow.objects.bulk_create(EventRow(pk=pk, **plain) for pk in late)
    return overtaker, set(late)


def test_a_whole_sweep_that_commits_late_is_still_found() -> None:
    cursor, late = late_batch()
    assert late <= {one.id for one in events_since(cursor)}
    missed = live.missed_since(cursor)
    assert late <= {one.id for one in missed.events}
    assert not missed.too_far


def test_looking_back_costs_one_query_and_finds_nothing_old(
    time_machine: Any, django_assert_num_queries: Any
) -> None:
    cursor, _ = late_batch()
    time_machine.move_to(now() + SLOWEST_COMMIT, tick=False)
    with django_assert_num_queries(1):
        assert events_since(cursor) == []


def test_every_event_has_a_type_of_its_own_and_plain_data() -> None:
    types = [event.type for event in catalogue.EVENTS]
    assert len(set(types)) == len(types)
    assert all(event.label for event in catalogue.EVENTS)
    assert set(catalogue.EVENTS) == set(catalogue.Event.__subclasses__())


def test_an_event_has_one_name_that_no_other_installation_gives(heard: list[Recorded]) -> None:
    with transaction.atomic():
        outbox.record(created(), by=SYSTEM)
    (here,) = heard
    (reread,) = events_since(0)
    assert here.event_id == reread.event_id
    assert here.event_id.startswith("evt_")
    elsewhere = replace(here, recorded_at="2026-01-01T00:00:00.000Z")
    assert elsewhere.event_id != here.event_id

"""A prompt is not told before its run: it waits for the first try of `run:created`, and for nothing else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from compat.plane.telling import PlaneDialect
from placet.lib.clock import now
from placet.lib.ids import new_id
from placet.pool import tidily
from tests import cast
from tests.receiver import Receiver
from tests.runs.parts import make_runner, run_of, tell, write
from webhooks.engine import Engine
from webhooks.models import Attempt, Delivery
from webhooks.services import endpoints, sending
from webhooks.services.sending import LEASE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def runner(ada: User, there: Receiver) -> cast.Robot:
    made = make_runner(ada)
    endpoints.set_agent_webhook(by=made.actor, agent_id=made.agent.id, url=there.url)
    return made


def of_runs(there: Receiver) -> list[str]:
    return [event for event in there.events if event.startswith("run:")]


def taken() -> list[str]:
    """What a worker would send now, of runs."""
    events = [parcel.event_type for parcel in sending.take(most=100, most_each=100)]
    return [event for event in events if event.startswith("run:")]


def test_a_receiver_that_takes_its_time_hears_of_the_run_and_then_of_the_prompt(
    ada: User, runner: cast.Robot, there: Receiver
) -> None:
    there.answer = lambda heard: (200, {}, 0.5 if heard.json["event"] == "run:created" else 0.0)
    write(ada, runner)
    Engine().drain()
    assert of_runs(there) == ["run:created", "run:activity"]
    tries = Attempt.objects.select_related("delivery")
    by_event = {one.delivery.event_type: one for one in tries}
    begun, prompt = by_event["run:created"], by_event["run:activity"]
    assert prompt.at >= begun.at + timedelta(milliseconds=begun.milliseconds)


def test_two_workers_do_not_overtake_each_other(ada: User, there: Receiver) -> None:
    runners = [make_runner(ada, f"Doctor {n}") for n in range(8)]
    for made in runners:
        endpoints.set_agent_webhook(by=made.actor, agent_id=made.agent.id, url=there.url)
        write(ada, made)
    there.answer = lambda heard: (200, {}, 0.2 if heard.json["event"] == "run:created" else 0.0)
    with ThreadPoolExecutor(2) as pool:
        for work in [pool.submit(tidily, Engine().drain) for _ in range(2)]:
            work.result()
    # Where one of them had nothing left to do while the other's first tries were out, somebody looks again.
    Engine().drain()
    assert not Delivery.objects.filter(status="pending").exists()
    tries = Attempt.objects.select_related("delivery").order_by("pk")
    of = {(one.delivery.facts.get("runId"), one.delivery.event_type): one for one in tries}
    for made in runners:
        run_id = str(run_of(made).id)
        begun, prompt = of[run_id, "run:created"], of[run_id, "run:activity"]
        assert prompt.at >= begun.at + timedelta(milliseconds=200)


def test_it_waits_for_one_try_and_not_for_success(
    ada: User, runner: cast.Robot, there: Receiver
) -> None:
    there.answer = lambda heard: (500 if heard.json["event"] == "run:created" else 200, {}, 0.0)
    write(ada, runner)
    Engine().drain()
    # On a slow machine the second try comes while the first round is still being drained.
    assert of_runs(there)[:2] == ["run:created", "run:activity"]


def test_nothing_else_waits_for_it(ada: User, runner: cast.Robot) -> None:
    other = make_runner(ada, "Release train")
    endpoints.set_agent_webhook(
        by=other.actor, agent_id=other.agent.id, url="http://127.0.0.1:9/hook"
    )
    write(ada, runner)
    write(ada, other)
    first = Delivery.objects.get(event_type="run:created", agent_id=runner.agent.id)
    Delivery.objects.exclude(pk=first.pk).filter(event_type="run:created").update(tried=1)
    went = {parcel.delivery_id for parcel in sending.take(most=100, most_each=100)}
    left = set(Delivery.objects.values_list("event_type", "agent_id")) - set(
        Delivery.objects.filter(pk__in=went).values_list("event_type", "agent_id")
    )
    assert left == {("run:activity", runner.agent.id)}


def test_whoever_dies_with_the_first_does_not_let_the_second_overtake(
    ada: User, runner: cast.Robot, there: Receiver
) -> None:
    write(ada, runner)
    assert taken() == ["run:created"]
    # It was never heard of again. Until the lease runs out nobody knows whether it was sent.
    assert taken() == []
    Delivery.objects.filter(taken=True).update(due_at=now() - LEASE)
    Engine().drain()
    assert of_runs(there) == ["run:created", "run:activity"]


def test_all_prompts_wait_while_nothing_has_been_tried_and_later_ones_do_not(
    ada: User, runner: cast.Robot, there: Receiver
) -> None:
    write(ada, runner)
    write(ada, runner, "And now?")
    assert taken() == ["run:created"]
    Delivery.objects.filter(taken=True).update(due_at=now() - LEASE)
    Engine().drain()
    assert of_runs(there) == ["run:created", "run:activity", "run:activity"]
    write(ada, runner, "And tomorrow?")
    assert not Delivery.objects.filter(status="pending").exclude(after=None).exists()


def test_another_run_is_not_waited_for(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    Delivery.objects.update(tried=1, status="delivered", settled_at=now())
    tell(runner, "response")
    write(ada, runner, "Once more")
    begun = Delivery.objects.get(event_type="run:created", facts__runId=str(run_of(runner).id))
    (prompt,) = Delivery.objects.filter(event_type="run:activity", status="pending")
    assert prompt.after == begun.pk


def test_it_is_found_behind_any_number_of_other_deliveries(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    begun = Delivery.objects.get(event_type="run:created")
    for _ in range(60):
        cast.answer(ada, cast.ask(runner))
    write(ada, runner, "And now?")
    prompts = Delivery.objects.filter(event_type="run:activity")
    assert {prompt.after for prompt in prompts} == {begun.pk}


def test_only_a_prompt_asks_what_it_has_to_wait_for(
    ada: User, runner: cast.Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a dialect that hears of everything.
    monkeypatch.setattr(PlaneDialect, "hears", lambda self, recorded: True)
    endpoints.speak(by=ada.as_actor(), agent_id=runner.agent.id, told_in=("plane",))
    write(ada, runner)

    def asked(make: Callable[[], object]) -> int:
        before = Delivery.objects.count()
        with CaptureQueriesContext(connection) as queries:
            make()
        assert Delivery.objects.count() > before
        return sum("run:created" in one["sql"] for one in queries if "SELECT" in one["sql"])

    assert asked(lambda: tell(runner, "thought")) == 0
    assert asked(lambda: cast.ask(runner)) == 0
    assert asked(lambda: write(ada, runner, "And now?")) == 1


@pytest.mark.parametrize("targets", [1, 2, 5])
def test_what_a_prompt_asks_goes_by_a_small_index(
    ada: User, runner: cast.Robot, targets: int
) -> None:
    """Of runs whose first try is to come; not by all that ever began, or all that waits for an address that is dead."""
    write(ada, runner)
    waiting = Delivery.objects.get(event_type="run:created")
    if connection.vendor == "postgresql":
        for status, tried in (("pending", 3), ("delivered", 1)):
            rows = [copy(waiting) for _ in range(500)]
            for row in rows:
                row.pk, row.status, row.tried = new_id(), status, tried
            Delivery.objects.bulk_create(rows)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE webhooks_delivery")
    asked = [waiting.target, *(f"at-{number}" for number in range(1, targets))]
    plan = Delivery.objects.begins(asked, [str(run_of(runner).id)]).explain()
    assert "delivery_begins" in plan, plan


def test_one_whose_run_is_forgotten_goes(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    Delivery.objects.filter(event_type="run:created").delete()
    assert taken() == ["run:activity"]


def test_where_nothing_waits_nothing_is_asked(
    ada: User, robot: cast.Robot, runner: cast.Robot, secret: str
) -> None:
    def queries(make: Callable[[], Any]) -> int:
        Delivery.objects.all().delete()
        make()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert sending.take(most=1, most_each=1)
        return len([one for one in asked if "webhooks_delivery" in one["sql"]])

    ordinary = queries(lambda: cast.answer(ada, cast.ask(robot)))
    assert queries(lambda: write(ada, runner)) == ordinary + 1

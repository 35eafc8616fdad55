"""Endpoints and agents go while others respond and workers send: nobody's work is lost over it."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from agents import services as agents
from placet.lib.clock import now
from placet.lib.errors import NotFound, PlacetError
from reviews.models import Review
from tests import cast
from tests.receiver import Receiver
from webhooks.models import Attempt, Delivery
from webhooks.outcomes import Outcome
from webhooks.parcels import Parcel
from webhooks.services import endpoints, forgetting, queueing, sending

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
SECONDS = 4.0


def all_at_once(*works: Callable[[], Any]) -> list[Exception]:
    """Each again and again for a few seconds; what went wrong."""
    faults, until = list[Exception](), time.monotonic() + SECONDS

    def again(work: Callable[[], Any]) -> None:
        try:
            while time.monotonic() < until:
                # Refused is an answer; what is asked for may be gone.
                with suppress(PlacetError):
                    work()
        except Exception as error:  # noqa: BLE001 - told by the caller
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=again, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def tried(parcel: Parcel, code: int) -> Outcome:
    return Outcome(
        delivery_id=parcel.delivery_id,
        target=parcel.target,
        message_id=parcel.message_id,
        at=now(),
        code=code,
    )


def work() -> None:
    """A worker whose every second receiver answers with an error."""
    parcels = sending.take(most=20, most_each=20)
    sending.settle([tried(parcel, 500 if n % 2 else 200) for n, parcel in enumerate(parcels)])


def test_endpoints_come_and_go_while_people_respond_and_workers_send(
    ada: User, olga: User, robot: cast.Robot, there: Receiver, secret: str
) -> None:
    by = olga.as_actor()

    def respond() -> None:
        cast.answer(ada, cast.ask(robot))

    def come_and_go() -> None:
        made = endpoints.create_endpoint(by=by, name="Audit", url=there.url)
        time.sleep(0.05)
        endpoints.delete_endpoint(by=by, endpoint_id=made.endpoint.id)

    assert not all_at_once(respond, respond, come_and_go, come_and_go, work, work)
    assert Review.objects.filter(status="completed").count() > 1
    orphans = Attempt.objects.exclude(delivery_id__in=Delivery.objects.values("pk"))
    assert not orphans.exists()


def test_agents_come_and_go_while_people_respond_and_workers_send(
    ada: User, olga: User, robot: cast.Robot, there: Receiver
) -> None:
    by = ada.as_actor()
    robots = [robot]
    endpoints.create_endpoint(by=olga.as_actor(), name="Audit", url=there.url)

    def respond() -> None:
        cast.answer(ada, cast.ask(robots[-1]))

    def come_and_go() -> None:
        new = cast.make_robot(ada, f"Agent {len(robots)}")
        endpoints.set_agent_webhook(by=by, agent_id=new.agent.id, url=there.url)
        robots.append(new)
        time.sleep(0.1)
        agents.delete_agent(by=by, agent_id=robots[-2].agent.id)

    assert not all_at_once(respond, respond, come_and_go, work, work)
    assert len(robots) > 1
    orphans = Attempt.objects.exclude(delivery_id__in=Delivery.objects.values("pk"))
    assert not orphans.exists()


def test_what_is_replayed_while_it_is_deleted_is_not_found(
    ada: User, robot: cast.Robot, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.answer(ada, cast.ask(robot))
    again = queueing._again

    def and_gone(by: Any, ids: list[Any]) -> int:
        done = again(by, ids)
        Delivery.objects.filter(pk__in=ids).delete()
        return done

    monkeypatch.setattr(queueing, "_again", and_gone)
    with pytest.raises(NotFound):
        queueing.replay(by=ada.as_actor(), delivery_id=Delivery.objects.get().pk)


def test_all_that_is_old_is_forgotten_with_its_attempts_and_what_still_waits_is_not(
    ada: User, robot: cast.Robot, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    for _ in range(5):
        cast.answer(ada, cast.ask(robot))
    sending.settle([tried(parcel, 200) for parcel in sending.take(most=9, most_each=9)])
    cast.answer(ada, cast.ask(robot))
    assert Attempt.objects.count() == 5
    assert forgetting.forget_deliveries(before=now()) == 5
    assert Delivery.objects.get().status == "pending"
    assert not Attempt.objects.exists()

"""What arrives: signed, once and again until it is heard, with nothing in it that is not the receiver's."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.models import User
from agents import services as agents
from inbox.models import Message
from inbox.services import keeping, posting, writing
from placet.events.models import EventRow, Recorded
from placet.lib.clock import now
from placet.lib.ids import new_id
from placet.pool import tidily
from tests import cast
from tests.processes import until
from tests.receiver import Heard, Receiver
from webhooks import engine as engines
from webhooks.engine import Engine
from webhooks.models import Attempt, Circuit, Delivery, DeliveryStatus, Endpoint, Off
from webhooks.services import circuits, endpoints, queueing, sending
from webhooks.snapshots import DeliverySnapshot
from webhooks.targets import key_of_endpoint

# The engine's thread has a connection of its own: it sees what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


def drain() -> None:
    Engine().drain()


def respond(robot: cast.Robot, human: User) -> Any:
    question = cast.ask(robot)
    cast.answer(human, question)
    return question


def status_of(message: Any) -> str:
    return str(Message.objects.get(pk=message.id).delivery_status)


def test_a_response_arrives_signed_and_the_message_says_so(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    question = respond(robot, ada)
    drain()
    (heard,) = there.heard
    assert Webhook(secret).verify(heard.body, heard.headers) == heard.json
    row = EventRow.objects.get(type="review:responded")
    assert heard.event_id == heard.json["eventId"] == Recorded.of(row).event_id
    assert heard.json["response"] == cast.RESPONSES["approval"]
    assert heard.headers["content-type"] == "application/json"
    assert status_of(question) == "webhook_delivered"
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.taken) == (DeliveryStatus.DELIVERED, False)
    assert delivery.tries == 1
    (attempt,) = Attempt.objects.all()
    assert (attempt.number, attempt.code, attempt.answer) == (1, 200, "ok")


@pytest.mark.parametrize("part", ["webhook-id", "webhook-timestamp", "body"])
def test_whatever_is_tampered_with_no_longer_verifies(
    robot: cast.Robot, ada: User, there: Receiver, secret: str, part: str
) -> None:
    respond(robot, ada)
    drain()
    (heard,) = there.heard
    body, headers = heard.body, dict(heard.headers)
    if part == "body":
        body = body.replace(b"approve", b"reject!")
    else:
        headers[part] = headers[part][:-1] + ("0" if headers[part][-1] != "0" else "1")
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_both_secrets_verify_while_one_replaces_the_other(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    fresh = endpoints.rotate_agent_secret(by=robot.actor, agent_id=robot.agent.id).secret
    respond(robot, ada)
    drain()
    for one in (secret, fresh):
        Webhook(one).verify(there.heard[-1].body, there.heard[-1].headers)
    Endpoint.objects.update(old_secret_until=now())
    respond(robot, ada)
    drain()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(there.heard[-1].body, there.heard[-1].headers)
    Webhook(fresh).verify(there.heard[-1].body, there.heard[-1].headers)


def due_now() -> None:
    Delivery.objects.filter(status="pending").update(due_at=now())


def test_a_failure_is_tried_again_by_the_table_with_the_same_bytes_stamped_anew(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answers(500, 503)
    with time_machine.travel(now(), tick=True) as clock:
        question = respond(robot, ada)
        drain()
        assert status_of(question) == "webhook_failed"
        row = Delivery.objects.get()
        assert 4 < (row.due_at - now()).total_seconds() < 6
        clock.shift(6)
        drain()
        assert 26 < (Delivery.objects.get().due_at - now()).total_seconds() < 34
        clock.shift(35)
        drain()
    first, second, third = there.heard
    assert first.body == second.body == third.body
    assert first.event_id == second.event_id == third.event_id
    assert int(third.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 40
    assert status_of(question) == "webhook_delivered"
    assert list(Attempt.objects.values_list("number", "code")) == [(1, 500), (2, 503), (3, 200)]


def test_after_the_last_try_it_has_failed_and_can_be_replayed(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answer = lambda heard: (500, {}, 0.0)
    respond(robot, ada)
    for _ in range(len(sending.RETRY_SECONDS) + 1):
        due_now()
        Circuit.objects.update(open_until=None)
        drain()
    row = Delivery.objects.get()
    assert (row.status, len(there.heard)) == (DeliveryStatus.FAILED, 9)
    there.answers()
    Circuit.objects.update(open_until=None)
    queueing.replay(by=ada.as_actor(), delivery_id=row.pk)
    drain()
    assert Delivery.objects.get().status == DeliveryStatus.DELIVERED
    assert there.heard[-1].body == there.heard[0].body
    assert there.heard[-1].event_id == there.heard[0].event_id


def test_what_is_tried_again_by_hand_is_on_its_way_again_and_says_so(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answers(500, 500)
    question = respond(robot, ada)
    drain()
    assert status_of(question) == "webhook_failed"
    queueing.retry_message(by=ada.as_actor(), message_id=question.id)
    assert status_of(question) == "sent"
    drain()
    assert status_of(question) == "webhook_failed"
    queueing.replay(by=ada.as_actor(), delivery_id=Delivery.objects.get().pk)
    assert status_of(question) == "sent"
    drain()
    assert status_of(question) == "webhook_delivered"
    told = EventRow.objects.filter(type="message:delivery").order_by("pk")
    said = [row.data["deliveryStatus"] for row in told]
    failed_twice = ["webhook_failed", "sent"] * 2
    assert said == [*failed_twice, "webhook_delivered"]


def test_a_replay_takes_nothing_back_that_was_heard(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    question = respond(robot, ada)
    drain()
    queueing.replay(by=ada.as_actor(), delivery_id=Delivery.objects.get().pk)
    assert status_of(question) == "webhook_delivered"
    keeping.acknowledge(by=robot.actor, message_id=question.id)
    queueing.replay(by=ada.as_actor(), delivery_id=Delivery.objects.get().pk)
    assert status_of(question) == "agent_received"


def test_the_receiver_says_when_to_come_back(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answers(429, headers={"Retry-After": "600"})
    respond(robot, ada)
    drain()
    assert 590 < (Delivery.objects.get().due_at - now()).total_seconds() < 601


@pytest.mark.parametrize(
    "said",
    [
        "\N{SUPERSCRIPT TWO}".encode().decode("latin1"),
        "Mon, 99999999999999999999 Jan 2024 00:00:00 GMT",
        "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
        "-1",
        "soon",
    ],
)
def test_a_moment_that_is_none_is_not_waited_for(
    robot: cast.Robot, ada: User, there: Receiver, secret: str, said: str
) -> None:
    there.answers(503, headers={"Retry-After": said})
    respond(robot, ada)
    drain()
    row = Delivery.objects.get()
    assert (row.tries, row.taken) == (1, False)
    assert 4 < (row.due_at - now()).total_seconds() < 6


def test_gone_switches_the_endpoint_off_and_says_so(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answers(410)
    respond(robot, ada)
    drain()
    assert Delivery.objects.get().status == DeliveryStatus.FAILED
    assert Endpoint.objects.get().off == Off.GONE
    news = EventRow.objects.get(type="endpoint:off")
    assert news.agent_id == robot.agent.id
    respond(robot, ada)
    assert Delivery.objects.count() == 1
    endpoints.set_agent_webhook(by=robot.actor, agent_id=robot.agent.id, url=there.url)
    respond(robot, ada)
    drain()
    assert len(there.heard) == 2


def test_a_receiver_dead_for_three_days_is_switched_off(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answer = lambda heard: (500, {}, 0.0)
    with time_machine.travel(now(), tick=True) as clock:
        respond(robot, ada)
        drain()
        clock.shift(timedelta(days=3, minutes=1))
        drain()
    assert Endpoint.objects.get().off == Off.DEAD


def test_a_receiver_that_fails_and_fails_is_asked_by_one_try_at_a_time(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answer = lambda heard: (500, {}, 0.0)
    for _ in range(12):
        respond(robot, ada)
    with time_machine.travel(now(), tick=True) as clock:
        drain()
        assert len(there.heard) == 12
        due_now()
        drain()
        assert len(there.heard) == 12, "The circuit is open."
        clock.shift(circuits.LONGEST_PAUSE)
        drain()
        assert len(there.heard) == 13, "One try asks whether it is back."
        there.answers()
        clock.shift(circuits.LONGEST_PAUSE)
        drain()
    assert len(there.heard) == 13 + 12
    assert not Delivery.objects.exclude(status=DeliveryStatus.DELIVERED).exists()
    assert Circuit.objects.get().failures == 0


def test_credentials_go_to_the_agents_own_host_only(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    agents.set_webhook(
        by=robot.actor,
        agent_id=robot.agent.id,
        url=there.url,
        headers={"X-Token": "swordfish"},
        auth={"username": "bot", "password": "word"},
    )
    with_stranger = f"http://localhost:{there.port}/stranger"
    for url in (f"{there.url}/mine", with_stranger, None):
        question = posting.Question(type="freeform")
        asked = posting.post_message(by=robot.actor, text="?", webhook_url=url, review=question)
        cast.answer(ada, asked)
    drain()
    by_path = {heard.path: heard.headers for heard in there.heard}
    pair = base64.b64encode(b"bot:word").decode()
    for path in ("/hook", "/hook/mine"):
        assert by_path[path]["x-token"] == "swordfish"
        assert by_path[path]["authorization"] == f"Basic {pair}"
    assert "x-token" not in by_path["/stranger"]
    assert "authorization" not in by_path["/stranger"]
    # A signature is no credential: the agent can tell that it is us.
    stranger = next(heard for heard in there.heard if heard.path == "/stranger")
    Webhook(secret).verify(stranger.body, stranger.headers)


def test_a_password_is_for_the_agent_and_hidden_from_everybody_else(
    robot: cast.Robot, ada: User, olga: User, there: Receiver, secret: str
) -> None:
    endpoints.create_endpoint(by=olga.as_actor(), name="Audit", url=f"{there.url}/audit")
    cast.answer(ada, cast.ask(robot, "form"))
    drain()
    told = {heard.path: heard.json["response"]["token"] for heard in there.heard}
    assert told == {"/hook": "hunter2-hunter2", "/hook/audit": "***REDACTED***"}
    shown = [row.body for row in map(DeliverySnapshot.of, Delivery.objects.all())]
    assert [body and body["response"]["token"] for body in shown] == ["***REDACTED***"] * 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM webhooks_delivery")
        assert "hunter2" not in str(cursor.fetchall())


def test_an_acknowledgement_is_never_overwritten(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    question = respond(robot, ada)
    keeping.acknowledge(by=robot.actor, message_id=question.id)
    drain()
    assert (len(there.heard), status_of(question)) == (1, "agent_received")


def test_a_private_address_is_refused_again_when_it_is_sent(
    robot: cast.Robot, ada: User, there: Receiver, secret: str, settings: Any
) -> None:
    respond(robot, ada)
    settings.PLACET_OUTBOUND_ALLOW = []
    drain()
    assert there.heard == []
    assert "https" in Attempt.objects.get().error


def test_no_redirect_is_followed(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answers(302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})
    respond(robot, ada)
    drain()
    assert (len(there.heard), Attempt.objects.get().code) == (1, 302)


def test_what_is_gone_by_now_is_still_told(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    question = respond(robot, ada)
    keeping.delete_message(by=robot.actor, message_id=question.id)
    drain()
    assert sorted(there.events) == ["message:deleted", "review:responded"]
    assert {heard.json["message_id"] for heard in there.heard} == {str(question.id)}


def test_a_body_that_cannot_be_written_holds_up_no_other(
    robot: cast.Robot,
    ada: User,
    there: Receiver,
    secret: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = respond(robot, ada)
    Delivery.objects.update(event_type="no:such")
    fine = respond(robot, ada)
    drain()
    assert [heard.json["message_id"] for heard in there.heard] == [str(fine.id)]
    assert Delivery.objects.get(message_id=broken.id).status == DeliveryStatus.FAILED
    assert "webhook.unwritable" in caplog.text


def many_more() -> None:
    """Enough of the one delivery there is that a single look does not reach past them."""
    row, at = Delivery.objects.get(), now() - timedelta(minutes=1)
    Delivery.objects.filter(pk=row.pk).update(due_at=at)
    copies = [Delivery.objects.get() for _ in range(sending.LOOKED_AT)]
    for copy in copies:
        copy.pk, copy.due_at = new_id(), at
    Delivery.objects.bulk_create(copies)


@pytest.mark.parametrize("failures", [0, circuits.THRESHOLD])
def test_what_waits_for_an_endpoint_that_is_off_is_settled_and_holds_up_no_other(
    robot: cast.Robot,
    other_robot: cast.Robot,
    ada: User,
    bob: User,
    there: Receiver,
    secret: str,
    failures: int,
) -> None:
    respond(robot, ada)
    many_more()
    endpoint = Endpoint.objects.get(agent_id=robot.agent.id)
    endpoints.switch_endpoint(by=ada.as_actor(), endpoint_id=endpoint.pk, on=False)
    Circuit.objects.create(target=key_of_endpoint(endpoint.pk), failures=failures)
    endpoints.set_agent_webhook(by=other_robot.actor, agent_id=other_robot.agent.id, url=there.url)
    respond(other_robot, bob)
    drain()
    assert len(there.heard) == 1
    assert not Delivery.objects.filter(status="pending").exists()


def test_a_slow_receiver_keeps_to_its_own_slots(
    robot: cast.Robot, other_robot: cast.Robot, ada: User, bob: User, there: Receiver, secret: str
) -> None:
    """Nobody waits behind forty deliveries that do not come back."""
    endpoints.set_agent_webhook(
        by=other_robot.actor, agent_id=other_robot.agent.id, url=f"{there.url}/quick"
    )
    order: list[str] = []

    def answer(heard: Heard) -> Any:
        order.append(heard.path)
        return (200, {}, 0.5 if heard.path == "/hook" else 0.0)

    there.answer = answer
    for _ in range(40):
        respond(robot, ada)
    respond(other_robot, bob)
    drain()
    assert len(order) == 41
    assert order.index("/hook/quick") < 40
    assert Delivery.objects.filter(status="delivered").count() == 41


def test_who_dies_with_a_delivery_is_taken_over_when_the_lease_ends(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    respond(robot, ada)
    with time_machine.travel(now(), tick=True) as clock:
        assert len(sending.take(most=10, most_each=10)) == 1
        drain()
        assert there.heard == []
        clock.shift(sending.LEASE)
        drain()
    assert len(there.heard) == 1


def test_a_database_that_is_away_for_a_moment_costs_no_news_of_what_is_under_way(
    robot: cast.Robot,
    ada: User,
    there: Receiver,
    secret: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    takes: list[object] = []

    def take(**wanted: Any) -> Any:
        takes.append(wanted)
        if len(takes) == 2:
            raise OperationalError("the connection is lost")
        return real(**wanted)

    real = sending.take
    monkeypatch.setattr(sending, "take", take)
    monkeypatch.setattr(engines, "LOOK_SECONDS", 0.1)
    there.answer = lambda heard: (200, {}, 0.5)
    question = respond(robot, ada)
    drain()
    assert "webhook.take_failed" in caplog.text
    assert status_of(question) == "webhook_delivered"
    assert len(there.heard) == 1


def test_two_who_look_at_once_take_each_delivery_once(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    for _ in range(30):
        respond(robot, ada)

    def take(_: int) -> list[Any]:
        return [p.delivery_id for p in tidily(sending.take, most=30, most_each=30)]

    with ThreadPoolExecutor(4) as workers:
        taken = [one for some in workers.map(take, range(4)) for one in some]
    assert len(taken) == len(set(taken)) == 30


def test_a_worker_that_leaves_gives_back_what_it_cannot_finish(
    robot: cast.Robot, ada: User, there: Receiver, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "PARTING_SECONDS", 0.1)
    there.answer = lambda heard: (200, {}, 5.0)
    respond(robot, ada)
    engine = engines.Engine()
    working = Thread(target=engine.drain)
    working.start()
    until(lambda: there.heard)
    engine.stop()
    working.join(5)
    assert not working.is_alive()
    row = Delivery.objects.get()
    assert (row.status, row.taken, row.tries) == (DeliveryStatus.PENDING, False, 0)
    assert row.due_at <= now()


def test_what_becomes_due_meanwhile_is_sent_by_the_same_run(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answer = lambda heard: (200, {}, 0.5)
    respond(robot, ada)
    engine = Engine()
    working = Thread(target=engine.drain)
    working.start()
    until(lambda: there.heard)
    writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="And this")
    engine.drain()
    until(lambda: len(there.heard) == 2)
    working.join(10)
    assert not Delivery.objects.filter(status="pending").exists()

"""Who hears of what: rows beside the change, so that nothing is lost and nothing undoes it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from agents import services as agents
from inbox.services import keeping, posting, writing
from placet.lib.clock import now
from reviews import services as reviews
from tests import cast
from tests.receiver import Receiver
from webhooks.models import Delivery, Kind
from webhooks.services import endpoints

pytestmark = pytest.mark.django_db
ELSEWHERE, CALLBACK = "https://message.example/hook", {"url": "https://callback.example/hook"}


def told() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("event_type", "kind"))


def write(human: User, robot: cast.Robot) -> Any:
    return writing.write_message(by=human.as_actor(), agent_id=robot.agent.id, text="Stop it")


def test_a_response_goes_to_the_agents_webhook(robot: cast.Robot, ada: User, secret: str) -> None:
    cast.answer(ada, cast.ask(robot))
    assert told() == [("review:responded", Kind.AGENT)]


def test_without_anybody_to_tell_nothing_is_queued(robot: cast.Robot, ada: User) -> None:
    cast.answer(ada, cast.ask(robot))
    write(ada, robot)
    assert told() == []


def test_the_messages_own_address_comes_first(robot: cast.Robot, ada: User, secret: str) -> None:
    cast.answer(ada, cast.ask(robot, callback=CALLBACK))
    with_own = posting.post_message(
        by=robot.actor,
        text="Deploy?",
        webhook_url=ELSEWHERE,
        review=posting.Question(type="freeform", callback=CALLBACK),
    )
    cast.answer(ada, with_own)
    assert told() == [("review:responded", Kind.AGENT), ("review:responded", Kind.MESSAGE)]


def test_the_callback_is_for_agents_without_a_webhook(robot: cast.Robot, ada: User) -> None:
    cast.answer(ada, cast.ask(robot, callback={**CALLBACK, "method": "put"}))
    row = Delivery.objects.get()
    assert (row.kind, row.url, row.method) == (Kind.CALLBACK, CALLBACK["url"], "PUT")


def test_what_people_write_goes_to_the_agents_webhook_and_what_agents_say_goes_nowhere(
    robot: cast.Robot, ada: User, secret: str
) -> None:
    cast.say(robot, "I am here")
    cast.ask(robot)
    write(ada, robot)
    assert told() == [("message:created", Kind.AGENT)]


def test_every_end_of_a_question_is_told(robot: cast.Robot, secret: str) -> None:
    late, gone = cast.ask(robot, expires_in_seconds=1), cast.ask(robot)
    reviews.cancel_review(by=robot.actor, review_id=gone.id)
    assert late.review
    reviews.expire_due_reviews(at=late.review.expires_at)
    keeping.delete_message(by=robot.actor, message_id=gone.id)
    events = ["review:cancelled", "review:expired", "message:deleted"]
    assert [event for event, _ in told()] == events


def test_an_agent_is_not_told_its_own_status_but_the_workspace_is(
    robot: cast.Robot, olga: User, secret: str
) -> None:
    endpoint(olga)
    agents.ping(by=robot.actor, agent_id=robot.agent.id, status="busy")
    assert told() == [("agent:status", Kind.WORKSPACE)]


def test_an_endpoint_of_the_workspace_hears_what_it_asked_for(
    robot: cast.Robot, other_robot: cast.Robot, ada: User, bob: User, olga: User
) -> None:
    endpoint(olga, events=["review:responded"], agent_ids=[robot.agent.id])
    endpoint(olga)
    cast.answer(ada, cast.ask(robot))
    cast.answer(bob, cast.ask(other_robot))
    write(ada, robot)
    assert sorted(told()) == sorted(
        [
            ("review:responded", Kind.WORKSPACE),
            ("review:responded", Kind.WORKSPACE),
            ("review:responded", Kind.WORKSPACE),
            ("message:created", Kind.WORKSPACE),
        ]
    )


def test_what_is_switched_off_is_not_told(
    robot: cast.Robot, ada: User, olga: User, secret: str
) -> None:
    shared = endpoint(olga)
    own = endpoints.rotate_agent_secret(by=robot.actor, agent_id=robot.agent.id).endpoint
    for one in (shared, own.id):
        endpoints.switch_endpoint(by=olga.as_actor(), endpoint_id=one, on=False)
    cast.answer(ada, cast.ask(robot))
    assert told() == []


def test_a_change_that_is_undone_tells_nobody(robot: cast.Robot, ada: User, secret: str) -> None:
    question = cast.ask(robot)
    with transaction.atomic():
        cast.answer(ada, question)
        transaction.set_rollback(True)
    assert told() == []


def test_many_expiries_ask_no_more_than_few(
    robot: cast.Robot, secret: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        cast.ask(robot, expires_in_seconds=1)
    with django_assert_max_num_queries(14) as few:
        reviews.expire_due_reviews(at=later())
    for _ in range(30):
        cast.ask(robot, expires_in_seconds=1)
    with django_assert_max_num_queries(len(few)):
        reviews.expire_due_reviews(at=later())
    assert len(told()) == 35


def later() -> Any:
    return now() + timedelta(seconds=2)


def endpoint(owner: User, **more: Any) -> Any:
    minted = endpoints.create_endpoint(
        by=owner.as_actor(), name="Audit", url="https://audit.example/", **more
    )
    return minted.endpoint.id


def test_a_webhook_set_by_any_door_has_an_endpoint(
    robot: cast.Robot, ada: User, there: Receiver
) -> None:
    agents.update_agent(
        by=robot.actor, agent_id=robot.agent.id, changes={}, webhook={"url": there.url}
    )
    cast.answer(ada, cast.ask(robot))
    assert told() == [("review:responded", Kind.AGENT)]

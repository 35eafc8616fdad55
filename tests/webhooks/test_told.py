"""Who is told that an endpoint was given up, and until when."""

import pytest

from accounts.models import User
from agents import services as agents
from placet.lib.clock import now
from tests import cast
from tests.receiver import Receiver
from webhooks.models import Endpoint, Off
from webhooks.selectors import switched_off_by_us
from webhooks.services import endpoints

pytestmark = pytest.mark.django_db


def give_up(why: Off = Off.DEAD) -> None:
    Endpoint.objects.update(off=why, off_since=now())


def told(human: User) -> list[tuple[str, str]]:
    return [(one.name, one.reason) for one in switched_off_by_us(human.as_actor())]


def test_its_agents_owner_and_the_workspaces_owners_are_told_and_nobody_else(
    robot: cast.Robot, ada: User, bob: User, olga: User, there: Receiver, secret: str
) -> None:
    endpoints.create_endpoint(by=olga.as_actor(), name="Audit", url=there.url)
    agents.set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=[bob.pk])
    assert told(olga) == []
    give_up()
    assert told(ada) == [("Deploy pilot", "It failed for three days")]
    assert {name for name, _ in told(olga)} == {"Deploy pilot", "Audit"}
    assert told(bob) == []


def test_what_was_switched_off_by_hand_is_no_news(
    robot: cast.Robot, ada: User, secret: str
) -> None:
    give_up(Off.BY_HAND)
    assert told(ada) == []


def test_leaving_it_off_is_an_answer_too(robot: cast.Robot, ada: User, secret: str) -> None:
    give_up()
    row = Endpoint.objects.get()
    endpoints.switch_endpoint(by=ada.as_actor(), endpoint_id=row.pk, on=False)
    assert told(ada) == []
    assert Endpoint.objects.get().off == Off.BY_HAND


def test_a_webhook_that_was_removed_is_no_news_and_comes_back_with_a_clean_record(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    give_up()
    agents.set_webhook(by=robot.actor, agent_id=robot.agent.id, url="")
    assert told(ada) == []
    agents.set_webhook(by=robot.actor, agent_id=robot.agent.id, url=there.url)
    assert Endpoint.objects.get().off == ""

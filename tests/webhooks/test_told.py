"""Who is told that an endpoint was given up, and until when."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

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


def test_every_page_leaves_room_for_it_and_asks_nothing_itself(
    client: Client, ada: User, bob: User, robot: cast.Robot, secret: str
) -> None:
    give_up()
    for human, has_room in ((ada, True), (bob, False)):
        client.force_login(human)
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/inbox/").text
        assert ('data-told="/told/"' in page) is has_room, "Who manages nothing need not ask."
        assert not [one for one in queries if "webhooks_" in one["sql"]]


def test_the_line_names_each_and_leads_to_it(
    client: Client, ada: User, olga: User, bob: User, robot: cast.Robot, there: Receiver, secret: str
) -> None:  # fmt: skip
    minted = endpoints.create_endpoint(by=olga.as_actor(), name="Audit", url=there.url)
    client.force_login(olga)
    assert "webhook" not in client.get("/told/").text
    give_up(Off.GONE)
    line = client.get("/told/").text
    assert "2 webhooks are off" in line
    assert f'<a href="/settings/agents/{robot.agent.id}/webhook/"><bdi>Deploy pilot</bdi>' in line
    assert f'<a href="/settings/webhooks/{minted.endpoint.id}/"><bdi>Audit</bdi></a>' in line
    assert "it answered 410 Gone" in line
    client.force_login(ada)
    assert "A webhook is off" in client.get("/told/").text
    assert "Audit" not in client.get("/told/").text
    client.force_login(bob)
    assert "off" not in client.get("/told/").text


def test_many_of_them_are_still_one_line(
    client: Client, olga: User, robot: cast.Robot, there: Receiver
) -> None:
    for n in range(5):
        endpoints.create_endpoint(by=olga.as_actor(), name=f"Audit {n}", url=there.url)
    give_up()
    client.force_login(olga)
    line = client.get("/told/").text
    assert line.count("<a ") == 3
    assert "and 2 more." in line

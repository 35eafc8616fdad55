"""An agent's own webhook: replaced whole or changed in part, sealed at rest, masked for whoever reads it back."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from agents import services
from agents.models import AgentWebhook
from agents.webhook import webhooks_of
from placet.lib.errors import Invalid, NotFound
from tests import cast

pytestmark = pytest.mark.django_db
URL = "https://bot.example/hook"
HEADERS = {"X-Token": "swordfish-header"}
AUTH = {"username": "bot", "password": "swordfish-password"}


def patch(robot: cast.Robot, body: dict[str, Any]) -> Any:
    path = f"/api/v1/agents/{robot.agent.id}"
    return Client().patch(path, body, content_type="application/json", headers=robot.headers)


def given(robot: cast.Robot) -> None:
    services.set_webhook(
        by=robot.actor, agent_id=robot.agent.id, url=URL, headers=HEADERS, auth=AUTH
    )


def test_it_is_sealed_and_read_back_masked(robot: cast.Robot) -> None:
    given(robot)
    with connection.cursor() as cursor:
        cursor.execute("SELECT url, headers, auth FROM agents_agentwebhook")
        stored = str(cursor.fetchone())
    assert not [secret for secret in ("bot.example", "swordfish") if secret in stored]
    read = Client().get(f"/api/v1/agents/{robot.agent.id}", headers=robot.headers).json()
    assert read["webhookUrl"] == URL
    assert read["webhookHeaders"] == {"X-Token": "***"}
    assert read["webhookAuth"] == {"username": "bot", "password": "***"}


def test_what_was_masked_may_be_sent_back_and_stays_what_it_was(robot: cast.Robot) -> None:
    given(robot)
    masked = {
        "webhookHeaders": {"X-Token": "***", "X-New": "fresh"},
        "webhookAuth": {"username": "bot2", "password": "***"},
    }
    assert patch(robot, masked).status_code == 200
    kept = webhooks_of([robot.agent.id])[robot.agent.id]
    assert kept.headers == {"X-Token": "swordfish-header", "X-New": "fresh"}
    assert kept.auth == {"username": "bot2", "password": "swordfish-password"}
    assert kept.url == URL


def test_setting_it_replaces_it_whole(robot: cast.Robot) -> None:
    given(robot)
    services.set_webhook(by=robot.actor, agent_id=robot.agent.id, url="https://other.example/")
    (kept,) = webhooks_of([robot.agent.id]).values()
    assert (kept.url, kept.headers, kept.auth) == ("https://other.example/", {}, None)


def test_a_part_that_is_not_named_stays(robot: cast.Robot) -> None:
    given(robot)
    assert patch(robot, {"webhookUrl": f"{URL}/v2"}).status_code == 200
    (kept,) = webhooks_of([robot.agent.id]).values()
    assert (kept.url, kept.headers, kept.auth) == (f"{URL}/v2", HEADERS, AUTH)


def test_what_was_given_for_one_host_is_not_sent_to_another(robot: cast.Robot) -> None:
    given(robot)
    elsewhere = {"webhookUrl": "https://moved.example/"}
    for masked in (
        {"webhookHeaders": {"X-Token": "***"}},
        {"webhookAuth": {"username": "bot", "password": "***"}},
    ):
        refused = patch(robot, {**elsewhere, **masked})
        assert refused.status_code == 400
        assert "must be given anew" in refused.json()["errors"][0]["message"]
    assert patch(robot, elsewhere).status_code == 200
    (kept,) = webhooks_of([robot.agent.id]).values()
    assert (kept.headers, kept.auth) == ({}, None)


def test_without_an_address_there_is_none(robot: cast.Robot) -> None:
    given(robot)
    answer = patch(robot, {"webhookUrl": None}).json()
    assert (answer["webhookUrl"], answer["webhookHeaders"], answer["webhookAuth"]) == (None,) * 3
    assert not AgentWebhook.objects.exists()


def test_credentials_need_an_address(robot: cast.Robot) -> None:
    refused = patch(robot, {"webhookHeaders": HEADERS, "name": "Renamed"})
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {"path": "webhookHeaders", "message": "needs a webhookUrl, and this agent has none"}
    ]
    assert services.update_agent(by=robot.actor, agent_id=robot.agent.id, changes={}).name != (
        "Renamed"
    )


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://bot.example/", 'must begin with "https://"'),
        ("https://127.0.0.1/", "must not lead into a private network"),
        ("https://[::ffff:10.0.0.1]/", "must not lead into a private network"),
        ("https://user:word@bot.example/", "must not carry a name or password"),
    ],
)
def test_an_address_we_do_not_go_to_is_refused_when_it_is_saved(
    robot: cast.Robot, url: str, why: str
) -> None:
    refused = patch(robot, {"webhookUrl": url})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["path"]) == (400, "webhookUrl")
    assert error["message"].startswith(why)


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1,forged"},
        {"Host": "metadata.google.internal"},
        {"X-Two-Lines": "a\r\nHost: evil"},
        {"X Blank": "x"},
        {"X-Number": 5},
        {f"X-{n}": "x" for n in range(31)},
    ],
    ids=["ours", "host", "two lines", "name", "number", "many"],
)
def test_headers_that_would_forge_or_break_a_request_are_refused(
    robot: cast.Robot, headers: Any
) -> None:
    with pytest.raises(Invalid) as refused:
        services.set_webhook(by=robot.actor, agent_id=robot.agent.id, url=URL, headers=headers)
    assert all(error.path.startswith("webhookHeaders") for error in refused.value.errors)
    assert "evil" not in str(refused.value.errors)


def test_a_reviewer_reads_nothing_of_it_and_changes_nothing(
    robot: cast.Robot, ada: User, bob: User
) -> None:
    given(robot)
    services.set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=[bob.pk])
    browser = Client()
    browser.force_login(bob)
    shown = browser.get("/api/agents").json()
    assert [agent["webhookUrl"] for agent in shown] == [None]
    assert browser.get(f"/api/agents/{robot.agent.id}").json()["webhookAuth"] is None
    with pytest.raises(NotFound):
        services.set_webhook(by=bob.as_actor(), agent_id=robot.agent.id, url=URL)


def test_its_owner_reads_it_in_the_browsers_list(robot: cast.Robot, browser: Client) -> None:
    given(robot)
    (shown,) = browser.get("/api/agents").json()
    assert (shown["webhookUrl"], shown["webhookHeaders"]) == (URL, {"X-Token": "***"})

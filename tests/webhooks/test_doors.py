"""Setting webhooks and reading what became of them, for agents and for people."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from agents import services as agents
from inbox.services import writing
from tests import cast
from tests.receiver import Receiver
from webhooks.models import Delivery, Endpoint
from webhooks.services import endpoints, queueing

pytestmark = pytest.mark.django_db


class Door:
    def __init__(self, client: Client, prefix: str, headers: dict[str, str] | None = None) -> None:
        self.client, self.prefix, self.headers = client, prefix, headers or {}

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        send = getattr(self.client, method)
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        return send(self.prefix + path, headers=self.headers, **more)


@pytest.fixture
def api(robot: cast.Robot) -> Door:
    return Door(Client(), "/api/v1", robot.headers)


def signed_in(user: User) -> Door:
    client = Client()
    client.force_login(user)
    return Door(client, "/api")


def test_the_secret_is_in_the_answer_that_makes_the_webhook_and_in_no_other(
    api: Door, robot: cast.Robot, there: Receiver
) -> None:
    body = {"channelId": str(robot.agent.id), "url": there.url, "headers": {"X-A": "b"}}
    made = api("post", "/agents/setWebhook", body)
    assert made.status_code == 200
    assert made.json()["webhookSecret"].startswith("whsec_")
    assert made.json()["webhookUrl"] == there.url
    again = api("post", "/agents/setWebhook", {"url": there.url})
    assert "webhookSecret" not in again.json()
    assert again.json()["webhookHeaders"] is None, "It replaces: what is not named is gone."
    gone = api("post", "/agents/deleteWebhook", {})
    assert (gone.status_code, gone.json()["webhookUrl"]) == (200, None)


def test_a_webhook_made_by_a_patch_shows_its_secret_when_it_is_set(
    api: Door, robot: cast.Robot, there: Receiver
) -> None:
    api("patch", f"/agents/{robot.agent.id}", {"webhookUrl": there.url})
    assert "webhookSecret" in api("post", "/agents/setWebhook", {"url": there.url}).json()


def test_a_secret_can_be_rotated_before_there_is_a_webhook(api: Door) -> None:
    first = api("post", "/agents/rotateWebhookSecret", {}).json()
    second = api("post", "/agents/rotateWebhookSecret", {}).json()
    assert first["webhookSecret"] != second["webhookSecret"]
    assert second["oldSecretValidUntil"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "url"),
        ({"url": "nope"}, "url"),
        ({"url": "https://10.0.0.1/"}, "webhookUrl"),
        ({"url": "https://bot.example/", "headers": {"webhook-id": "x"}}, "webhookHeaders"),
        ({"url": "https://bot.example/", "auth": {"username": "a:b"}}, "webhookAuth"),
    ],
)
def test_what_cannot_be_a_webhook_is_refused_with_its_field(
    api: Door, body: dict[str, Any], path: str
) -> None:
    refused = api("post", "/agents/setWebhook", body)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"].startswith(path)


def test_another_agents_key_sets_nothing(
    other_robot: cast.Robot, robot: cast.Robot, there: Receiver
) -> None:
    stranger = Door(Client(), "/api/v1", other_robot.headers)
    for name in ("setWebhook", "deleteWebhook", "rotateWebhookSecret"):
        body = {"channelId": str(robot.agent.id), "url": there.url}
        assert stranger("post", f"/agents/{name}", body).status_code == 404
    assert not Endpoint.objects.exists()


def test_an_owner_adds_changes_and_removes_an_endpoint(
    olga: User, robot: cast.Robot, there: Receiver
) -> None:
    owner = signed_in(olga)
    body = {
        "name": "Audit",
        "url": there.url,
        "events": ["review:responded"],
        "agentIds": [str(robot.agent.id)],
        "headers": {"X-Token": "swordfish"},
    }
    made = owner("post", "/webhooks", body)
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    path = f"/webhooks/{made.json()['id']}"
    changed = owner("patch", path, {"events": [], "enabled": False}).json()
    assert (changed["events"], changed["enabled"]) == ([], False)
    assert changed["disabledReason"] == "Switched off by hand"
    assert changed["headers"] == {"X-Token": "***"}
    assert "secret" not in changed
    assert owner("patch", path, {"headers": {"X-Token": "***"}, "enabled": True}).json()["enabled"]
    assert Endpoint.objects.get().headers == {"X-Token": "swordfish"}
    elsewhere = owner(
        "patch", path, {"url": "https://else.example/", "headers": {"X-Token": "***"}}
    )
    assert (elsewhere.status_code, elsewhere.json()["errors"][0]["path"]) == (
        400,
        "headers.X-Token",
    )
    assert owner("patch", path, {"url": "https://else.example/"}).json()["headers"] == {}
    assert [one["name"] for one in owner("get", "/webhooks").json()] == ["Audit"]
    assert owner("delete", path).json() == {"deleted": True}
    assert owner("get", path).status_code == 404


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"name": "", "url": "https://a.example/"}, "name"),
        ({"name": "A", "url": "https://a.example/", "events": ["no:such"]}, "events"),
        ({"name": "A", "url": "https://a.example/", "agentIds": ["nobody"]}, "agentIds"),
        ({"name": "A", "url": "http://a.example/"}, "url"),
    ],
)
def test_a_bad_endpoint_is_refused_with_its_field(
    olga: User, body: dict[str, Any], path: str
) -> None:
    refused = signed_in(olga)("post", "/webhooks", body)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, path)


def test_a_member_manages_no_endpoint_of_the_workspace(
    ada: User, olga: User, there: Receiver
) -> None:
    minted = endpoints.create_endpoint(by=olga.as_actor(), name="Audit", url=there.url)
    member, path = signed_in(ada), f"/webhooks/{minted.endpoint.id}"
    assert member("get", "/webhooks").json() == []
    assert member("post", "/webhooks", {"name": "x", "url": there.url}).status_code == 403
    assert member("get", path).status_code == 404
    assert member("patch", path, {"enabled": False}).status_code == 403
    assert member("post", f"{path}/rotate", {}).status_code == 404
    assert member("post", f"{path}/test", {}).status_code == 404
    assert member("delete", path).status_code == 403


def test_deliveries_are_for_who_manages_the_agent(
    robot: cast.Robot, ada: User, bob: User, olga: User, secret: str, there: Receiver
) -> None:
    endpoints.create_endpoint(by=olga.as_actor(), name="Audit", url=there.url)
    agents.set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=[bob.pk])
    cast.answer(ada, cast.ask(robot))
    own, all_of_them = signed_in(ada)("get", "/deliveries"), signed_in(olga)("get", "/deliveries")
    assert [one["to"] for one in own.json()["data"]] == ["agent"]
    assert {one["to"] for one in all_of_them.json()["data"]} == {"agent", "workspace"}
    assert signed_in(bob)("get", "/deliveries").json()["data"] == []
    delivery = own.json()["data"][0]["id"]
    assert signed_in(bob)("get", f"/deliveries/{delivery}").status_code == 404
    assert signed_in(bob)("post", f"/deliveries/{delivery}/replay", {}).status_code == 404
    assert signed_in(ada)("get", f"/deliveries/{delivery}").json()["attemptLog"] == []


def test_deliveries_are_filtered_and_paged(
    robot: cast.Robot, ada: User, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webhooks import selectors

    for _ in range(3):
        cast.answer(ada, cast.ask(robot))
    writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="Stop it")
    first = selectors.deliveries_page(ada.as_actor(), limit=3)
    rest = selectors.deliveries_page(ada.as_actor(), limit=3, cursor=first.next_cursor)
    assert (len(first.deliveries), len(rest.deliveries), rest.next_cursor) == (3, 1, None)
    door = signed_in(ada)
    assert len(door("get", "/deliveries?event=message:created").json()["data"]) == 1
    assert len(door("get", "/deliveries?status=failed").json()["data"]) == 0
    message = Delivery.objects.filter(event_type="message:created").get().message_id
    assert len(door("get", f"/deliveries?message={message}").json()["data"]) == 1
    assert len(door("get", "/deliveries?agent=nonsense").json()["data"]) == 0


def test_all_failed_are_replayed_but_no_strangers(
    robot: cast.Robot, other_robot: cast.Robot, ada: User, bob: User, secret: str, there: Receiver
) -> None:
    endpoints.set_agent_webhook(by=other_robot.actor, agent_id=other_robot.agent.id, url=there.url)
    cast.answer(ada, cast.ask(robot))
    cast.answer(ada, cast.ask(robot))
    cast.answer(bob, cast.ask(other_robot))
    Delivery.objects.update(status="failed", settled_at="2026-01-01T00:00:00Z")
    assert signed_in(ada)("post", "/deliveries/replay-failed", {}).json() == {"replayed": 2}
    assert Delivery.objects.filter(status="failed").count() == 1


def test_a_message_is_told_once_more(robot: cast.Robot, ada: User, secret: str) -> None:
    question = cast.ask(robot)
    door = signed_in(ada)
    assert door("post", f"/messages/{question.id}/retry", {}).status_code == 400
    cast.answer(ada, question)
    Delivery.objects.update(status="delivered", settled_at="2026-01-01T00:00:00Z")
    assert door("post", f"/messages/{question.id}/retry", {}).json() == {"retried": True}
    assert Delivery.objects.get().status == "pending"
    Delivery.objects.all().delete()
    assert door("post", f"/messages/{question.id}/retry", {}).status_code == 200
    assert Delivery.objects.count() == 1


def test_without_a_webhook_there_is_nothing_to_retry(robot: cast.Robot, ada: User) -> None:
    written = writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="Hello")
    refused = signed_in(ada)("post", f"/messages/{written.id}/retry", {})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["message"] == "must be of an agent that has a webhook"


def test_a_test_event_needs_an_endpoint_that_is_on(olga: User, there: Receiver) -> None:
    minted = endpoints.create_endpoint(by=olga.as_actor(), name="Audit", url=there.url)
    sent = queueing.send_test(by=olga.as_actor(), endpoint_id=minted.endpoint.id)
    assert (sent.event_type, sent.status) == ("webhook:test", "pending")
    endpoints.switch_endpoint(by=olga.as_actor(), endpoint_id=minted.endpoint.id, on=False)
    assert signed_in(olga)("post", f"/webhooks/{minted.endpoint.id}/test", {}).status_code == 400

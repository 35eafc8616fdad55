"""`/api/messages` and `/api/agents`: what a person with a session does in JSON."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from inbox.snapshots import MessageSnapshot
from tests import cast

pytestmark = pytest.mark.django_db


def respond(client: Client, message: MessageSnapshot, response: Any, **more: Any) -> Any:
    return client.post(
        f"/api/messages/{message.id}/respond", {"response": response, **more}, "application/json"
    )


def test_without_a_session_every_route_is_401(
    client: Client, approval: MessageSnapshot, robot: cast.Robot
) -> None:
    for method, path in [
        ("get", "/messages"), ("post", "/messages"), ("get", "/messages/reviews"), ("get", f"/messages/{approval.id}"),
        ("post", f"/messages/{approval.id}/respond"), ("get", "/agents"), ("post", "/agents"),
        ("get", "/agents/stats"), ("get", f"/agents/{robot.agent.id}/stats"), ("post", f"/agents/{robot.agent.id}/read"),
    ]:  # fmt: skip
        for headers in ({}, robot.headers):
            answer = getattr(client, method)(f"/api{path}", headers=headers)
            assert answer.status_code == 401, path
            assert answer.json()["message"] == "Not signed in", path


@pytest.mark.parametrize("path", ["/messages", "/agents", "/api-keys"])
def test_what_a_form_of_another_site_can_send_is_not_read(browser: Client, path: str) -> None:
    answer = browser.post(f"/api{path}", '{"text": "hi", "name": "hi"}', "text/plain")
    assert answer.status_code == 415


def test_a_response_is_201_with_the_message_and_its_agent(
    browser: Client, approval: MessageSnapshot
) -> None:
    answer = respond(browser, approval, {"selectedOption": "approve"}, feedback="go")
    body = answer.json()
    assert answer.status_code == 201
    assert (body["review"]["status"], body["review"]["response"]) == (
        "completed",
        {"selectedOption": "approve"},
    )
    assert (body["review"]["feedback"], body["agent"]["name"]) == ("go", "Deploy pilot")
    assert body["agent"]["webhookAuth"] is None


def test_the_loser_gets_403_with_who_and_when(
    browser: Client, olga: User, approval: MessageSnapshot
) -> None:
    cast.answer(olga, approval)
    answer = respond(browser, approval, {"selectedOption": "approve"})
    body = answer.json()
    assert (answer.status_code, body["message"], body["code"]) == (
        403,
        "Review already responded",
        "review_settled",
    )
    assert body["extra"]["respondedBy"] == "Olga"
    assert body["extra"]["settledAt"].endswith("Z")


def test_a_response_is_checked_by_field(browser: Client, approval: MessageSnapshot) -> None:
    answer = respond(browser, approval, {"selectedOption": "maybe"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (
        400,
        "response.selectedOption",
    )
    for broken in ({}, {"response": "yes"}, {"response": None}):
        answer = browser.post(f"/api/messages/{approval.id}/respond", broken, "application/json")
        assert answer.json()["errors"][0]["path"] == "response"


def test_changes_need_the_form_token(ada: User, approval: MessageSnapshot) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert respond(strict, approval, {"selectedOption": "approve"}).status_code == 403
    strict.get("/login/")
    signed = Client(enforce_csrf_checks=True)
    login = signed.post(
        "/api/auth/login", {"email": ada.email, "password": cast.PASSWORD}, "application/json"
    )
    assert login.status_code == 200
    token = signed.cookies["csrftoken"].value
    body = {"response": {"selectedOption": "approve"}}
    answer = signed.post(
        f"/api/messages/{approval.id}/respond",
        body,
        "application/json",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 201


def test_a_human_writes_and_a_resend_is_the_same_message(
    browser: Client, robot: cast.Robot, ada: User
) -> None:
    body = {"channelId": str(robot.agent.id), "text": "Please look again.", "clientId": "draft-1"}
    first = browser.post("/api/messages", body, "application/json")
    again = browser.post("/api/messages", body, "application/json")
    assert (first.status_code, first.json()["senderType"], first.json()["senderId"]) == (
        201,
        "user",
        str(ada.pk),
    )
    assert again.json()["id"] == first.json()["id"]
    empty = browser.post("/api/messages", {**body, "text": "  "}, "application/json")
    assert empty.json()["errors"][0]["path"] == "text"


def test_reviews_are_listed_by_status(browser: Client, robot: cast.Robot, ada: User) -> None:
    open_, done, gone = (cast.ask(robot) for _ in range(3))
    cast.answer(ada, done)
    from reviews import services

    services.cancel_review(by=robot.actor, review_id=gone.id)
    listed = {
        status: {one["id"] for one in browser.get(f"/api/messages/reviews?status={status}").json()}
        for status in ("pending", "completed", "expired", "all", "")
    }
    everything = {str(one.id) for one in (open_, done, gone)}
    assert listed == {
        "pending": {str(open_.id)}, "completed": {str(done.id)}, "expired": set(), "all": everything, "": everything,
    }  # fmt: skip
    assert browser.get("/api/messages/reviews?status=odd").status_code == 400


def test_a_strangers_row_and_no_row_look_the_same(browser: Client, other_robot: cast.Robot) -> None:
    foreign = cast.ask(other_robot)
    for row in (foreign.id, "no-such-message"):
        assert browser.get(f"/api/messages/{row}").status_code == 404
        assert (
            browser.post(
                f"/api/messages/{row}/respond", {"response": {}}, "application/json"
            ).status_code
            == 404
        )
    for agent in (other_robot.agent.id, "no-such-agent"):
        assert browser.get(f"/api/messages?channel={agent}").status_code == 403
        assert browser.get(f"/api/messages/reviews?channel={agent}").status_code == 403
        assert browser.get(f"/api/agents/{agent}/stats").status_code == 404
        assert browser.post(f"/api/agents/{agent}/read").status_code == 404
        assert (
            browser.patch(f"/api/agents/{agent}", {"name": "mine"}, "application/json").status_code
            == 404
        )
        assert browser.delete(f"/api/agents/{agent}").status_code == 404
    assert browser.get("/api/messages/reviews").json() == []


def test_the_chat_list_knows_what_is_unread(browser: Client, robot: cast.Robot) -> None:
    cast.say(robot, "first")
    cast.say(robot, "**last**")
    (line,) = browser.get("/api/agents").json()
    assert (line["lastMessage"], line["unreadCount"]) == ("**last**", 2)
    assert browser.post(f"/api/agents/{robot.agent.id}/read").status_code == 201
    assert browser.get("/api/agents").json()[0]["unreadCount"] == 0


def test_stats_count_messages_and_pings(browser: Client, robot: cast.Robot) -> None:
    from agents import services

    cast.say(robot, "ok", status="success")
    cast.say(robot, "not ok", status="error")
    for status in ("active", "busy", "error", "active"):
        services.ping(by=robot.actor, agent_id=robot.agent.id, status=status)
    stats = browser.get(f"/api/agents/{robot.agent.id}/stats").json()
    assert (stats["totalMessages"], stats["totalInbound"], stats["totalOutbound"]) == (2, 2, 0)
    assert (stats["successRequests"], stats["errorRequests"], len(stats["statusHistory"])) == (
        1,
        1,
        4,
    )
    totals = browser.get("/api/agents/stats").json()
    assert (totals["totalAgents"], totals["activeAgents"], totals["totalMessages"]) == (1, 1, 2)


def test_a_reviewer_responds_but_does_not_manage(bob: User, ada: User, robot: cast.Robot) -> None:
    from agents.services import set_reviewers

    set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=[bob.pk])
    client = Client()
    client.force_login(bob)
    assert respond(client, cast.ask(robot), {"selectedOption": "reject"}).status_code == 201
    assert client.delete(f"/api/agents/{robot.agent.id}").status_code == 404


def test_a_group_of_reviewers_sees_the_agent_too(bob: User, robot: cast.Robot) -> None:
    from django.contrib.auth.models import Group

    from agents.models import Agent

    group = Group.objects.create(name="on call")
    group.user_set.add(bob)
    Agent.objects.get(pk=robot.agent.id).reviewer_groups.add(group)
    client = Client()
    client.force_login(bob)
    assert respond(client, cast.ask(robot), {"selectedOption": "reject"}).status_code == 201


def test_a_password_value_never_reaches_a_browser(
    browser: Client, robot: cast.Robot, ada: User
) -> None:
    message = cast.ask(robot, "form")
    answer = respond(browser, message, cast.RESPONSES["form"])
    seen = [
        answer,
        browser.get(f"/api/messages/{message.id}"),
        browser.get("/api/messages/reviews"),
        browser.get(f"/api/messages?channel={robot.agent.id}"),
    ]
    for page in seen:
        assert "***REDACTED***" in page.text
        assert "hunter2" not in page.text

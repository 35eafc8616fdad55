"""`/api/v1` as an agent written for the reference inbox meets it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from agents import keys
from inbox.snapshots import MessageSnapshot
from placet.lib.clock import now
from tests import cast

pytestmark = pytest.mark.django_db

MESSAGE_KEYS = {
    "id", "channelId", "senderType", "senderId", "text", "status", "review", "metadata", "clientId", "streamId",
    "streamState", "deliveryStatus", "iterationGroupId", "iteration", "createdAt", "updatedAt", "attachments",
}  # fmt: skip
AGENT_KEYS = {
    "id", "name", "description", "avatarUrl", "webhookUrl", "webhookHeaders", "webhookAuth", "status", "statusMessage",
    "statusSince", "lastActiveAt", "commands", "tag", "managementUrl", "managementApiKey", "isSubagent",
    "parentAgentId", "createdAt", "takesRuns", "runStaleSeconds",
}  # fmt: skip


@pytest.fixture
def api(client: Client, robot: cast.Robot) -> "Api":
    return Api(client, robot.key)


class Api:
    def __init__(self, client: Client, key: str) -> None:
        self.client, self.key = client, key

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = {"data": body, "content_type": "application/json"} if body is not None else {}
        headers = {"Authorization": f"Bearer {self.key}", **headers}
        return getattr(self.client, method)(f"/api/v1{path}", headers=headers, **content)


def test_the_seeds_first_curl_posts_a_message(api: Api, robot: cast.Robot) -> None:
    answer = api("post", "/messages", {"text": "Hello from my agent!"})
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == MESSAGE_KEYS
    assert (body["channelId"], body["senderType"], body["senderId"]) == (
        str(robot.agent.id),
        "agent",
        str(robot.agent.id),
    )
    assert (body["text"], body["deliveryStatus"], body["attachments"]) == (
        "Hello from my agent!",
        "sent",
        [],
    )
    assert body["createdAt"].endswith("Z")
    assert len(body["createdAt"]) == len("2026-11-23T08:00:00.000Z")


def test_either_header_carries_the_key(client: Client, robot: cast.Robot) -> None:
    for headers in ({"Authorization": f"Bearer {robot.key}"}, {"x-api-key": robot.key}):
        assert client.get("/api/v1/agents", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({}, "Missing or invalid API key"),
        ({"Authorization": "Bearer sk_123"}, "Missing or invalid API key"),
        ({"Authorization": "Basic aGk6aGk="}, "Missing or invalid API key"),
        ({"x-api-key": "hp_" + "0" * 48}, "Invalid API key"),
    ],
)
def test_without_a_live_key_every_route_is_401(
    client: Client, db: None, headers: dict[str, str], says: str
) -> None:
    for method, path in [
        ("get", "/agents"), ("post", "/agents"), ("post", "/messages"), ("get", "/messages"), ("get", "/messages/x"),
        ("delete", "/messages/x"), ("post", "/messages/x/ack"), ("get", "/reviews/pending"), ("get", "/reviews/x"),
        ("post", "/reviews/x/cancel"), ("post", "/status/ping"),
    ]:  # fmt: skip
        answer = getattr(client, method)(f"/api/v1{path}", headers=headers)
        body = answer.json()
        assert (answer.status_code, body["message"], body["statusCode"]) == (401, says, 401), path
        assert set(body) >= {"statusCode", "message", "errors", "timestamp", "path"}
        assert [error["path"] for error in body["errors"]] == ["Authorization"]
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_revoked_or_rotated_key_is_let_in_no_more(
    client: Client, ada: User, robot: cast.Robot
) -> None:
    issued = keys.issue_key(by=ada.as_actor())
    rotated = keys.rotate_key(by=ada.as_actor(), key_id=issued.snapshot.id)
    assert client.get("/api/v1/agents", headers={"x-api-key": issued.key}).status_code == 401
    assert client.get("/api/v1/agents", headers={"x-api-key": rotated.key}).status_code == 200
    assert rotated.snapshot.id == issued.snapshot.id
    keys.revoke_key(by=ada.as_actor(), key_id=issued.snapshot.id)
    assert client.get("/api/v1/agents", headers={"x-api-key": rotated.key}).status_code == 401


def test_who_sends_no_key_is_told_how_to_send_one(client: Client, db: None) -> None:
    told = client.get("/api/v1/agents").json()["errors"][0]["message"]
    assert "Bearer hp_" in told
    assert "x-api-key" in told


def test_the_holder_of_an_expired_key_is_told_when_it_ended(
    client: Client, ada: User, robot: cast.Robot
) -> None:
    with time_machine.travel("2026-03-01T09:00:00Z", tick=False):
        until = now() + timedelta(hours=1)
        issued = keys.issue_key(by=ada.as_actor(), expires_at=until)
    headers = {"x-api-key": issued.key}
    expired = client.get("/api/v1/agents", headers=headers)
    assert (expired.status_code, expired.json()["message"]) == (
        401,
        "This API key expired at 2026-03-01T10:00:00.000Z",
    )
    keys.revoke_key(by=ada.as_actor(), key_id=issued.snapshot.id)
    revoked = client.get("/api/v1/agents", headers=headers)
    assert (revoked.status_code, revoked.json()["message"]) == (401, "Invalid API key")


def test_a_read_only_key_reads_and_is_told_what_it_lacks(
    client: Client, ada: User, robot: cast.Robot
) -> None:
    issued = keys.issue_key(by=ada.as_actor(), agent_id=robot.agent.id, scopes=["read"])
    assert client.get("/api/v1/messages", headers={"x-api-key": issued.key}).status_code == 200
    answer = client.post(
        "/api/v1/messages", {"text": "x"}, "application/json", headers={"x-api-key": issued.key}
    )
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        'This key lacks the "write" scope.',
    )


@pytest.mark.parametrize(
    "type", ["approval", "selection", "form", "text-input", "freeform", "approve"]
)
def test_every_review_type_is_posted_read_and_listed(api: Api, type: str) -> None:
    posted = api(
        "post",
        "/messages",
        {
            "text": "?",
            "review": {"type": type, "payload": cast.PAYLOADS.get(type, {"a": 1}), "label": "x"},
        },
    )
    assert posted.status_code == 201, posted.json()
    review = posted.json()["review"]
    assert (review["type"], review["status"], review["response"]) == (type, "pending", None)
    assert set(review) >= {
        "payload",
        "expiresAt",
        "callback",
        "feedback",
        "modifiedFileIds",
        "completedAt",
        "completed_at",
    }
    read = api("get", f"/reviews/{posted.json()['id']}")
    assert read.json() == posted.json()
    assert [one["id"] for one in api("get", "/reviews/pending").json()] == [posted.json()["id"]]


@pytest.mark.parametrize(
    ("body", "path", "says"),
    [
        ({}, "body", "at least one of text"),
        ({"text": "x", "status": "loud"}, "status", '"loud"'),
        ({"text": 5.5, "metadata": []}, "metadata", "must be an object; got an array"),
        ({"text": 5}, "text", "must be a string; got 5"),
        ({"text": True}, "text", "must be a string; got true"),
        ({"text": "x", "clientId": 5}, "clientId", "must be a string; got 5"),
        ({"text": "x", "clientId": ""}, "clientId", 'must not be empty; got ""'),
        ({"text": "x", "clientId": "c" * 201}, "clientId", "at most 200 characters; got 201"),
        ({"text": "x", "channelId": 5}, "channelId", "must be a string; got 5"),
        ({"text": "x", "attachmentIds": "a"}, "attachmentIds", 'must be an array; got "a"'),
        ({"text": "x", "attachmentIds": [5]}, "attachmentIds.0", "must be a string; got 5"),
        ({"review": "approval"}, "review", 'must be an object; got "approval"'),
        ({"review": {}}, "review.type", "is required"),
        ({"review": {"type": None}}, "review.type", "must not be null"),
        ({"review": {"type": 5}}, "review.type", "must be a string; got 5"),
        (
            {"review": {"type": "freeform", "expiresInSeconds": "60"}},
            "review.expiresInSeconds",
            'must be a whole number; got "60"',
        ),
        (
            {"review": {"type": "freeform", "expiresInSeconds": 1.5}},
            "review.expiresInSeconds",
            "must be a whole number; got 1.5",
        ),
        (
            {"review": {"type": "freeform", "expiresAt": 1764000000}},
            "review.expiresAt",
            "must be a valid ISO date string like 2026-01-31T09:30:00Z; got 1764000000",
        ),
        ({"review": {"type": "freeform", "callback": {}}}, "review.callback.url", "is required"),
        (
            {"review": {"type": "freeform", "callback": {"url": "ftp://a.example"}}},
            "review.callback.url",
            'must be an http or https URL; got "ftp://a.example"',
        ),
        (
            {"review": {"type": "approval", "payload": {"options": []}}},
            "review.payload.options",
            "at least 1",
        ),
        ({"review": {"type": "approval", "payload": []}}, "review.payload", "object"),
        ({"review": {"type": "freeform", "expiresInSeconds": 0}}, "review.expiresInSeconds", "0"),
        (
            {"review": {"type": "freeform", "expiresAt": "tomorrow"}},
            "review.expiresAt",
            '"tomorrow"',
        ),
        (
            {"review": {"type": "freeform", "expiresAt": "2001-01-01T00:00:00Z"}},
            "review.expiresAt",
            "2001-01-01",
        ),
        ({"text": "nul \u0000 byte"}, "text", "U+0000"),
        ({"metadata": {"a": {"nul \u0000 key": 1}}}, "metadata.a", "U+0000"),
        ({"metadata": {"a": [1, 1e30]}}, "metadata.a.1", "got 1e+30"),
        ({"text": "x", "webhookUrl": "not a url"}, "webhookUrl", '"not a url"'),
    ],
)
def test_bad_input_names_field_rule_and_value(api: Api, body: Any, path: str, says: str) -> None:
    answer = api("post", "/messages", body)
    assert answer.status_code == 400, answer.json()
    errors = {error["path"]: error["message"] for error in answer.json()["errors"]}
    assert says in errors[path]


def test_a_body_that_is_not_json_or_too_deep_or_too_big_is_refused(api: Api, settings: Any) -> None:
    def raw(text: str) -> Any:
        return api.client.post(
            "/api/v1/messages", text, "application/json", headers={"x-api-key": api.key}
        )

    assert "must be JSON" in raw("{text:").json()["errors"][0]["message"]
    assert "object; got an array" in raw("[1]").json()["errors"][0]["message"]
    assert (
        "levels deep"
        in raw('{"metadata":' + '{"a":' * 40 + "1" + "}" * 41).json()["errors"][0]["message"]
    )
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert raw('{"text":"' + "x" * 2000 + '"}').status_code == 413


def test_a_form_is_told_that_json_is_wanted(api: Api) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        said = api.client.post(
            "/api/v1/messages", "text=hello", kind, headers={"x-api-key": api.key}
        )
        assert said.json()["errors"] == [
            {
                "path": "body",
                "message": "must be JSON, sent with Content-Type: application/json; "
                f"got {kind.partition(';')[0]}",
            }
        ]


def test_a_whole_number_with_a_point_is_a_whole_number(api: Api) -> None:
    review = {"type": "freeform", "expiresInSeconds": 60.0}
    assert api("post", "/messages", {"review": review}).status_code == 201


def test_every_fault_is_told_at_once(api: Api) -> None:
    body = {"text": 5, "status": "loud", "metadata": [], "webhookUrl": "x", "review": {"type": 1}}
    told = {error["path"] for error in api("post", "/messages", body).json()["errors"]}
    assert told == {"text", "status", "metadata", "webhookUrl", "review.type"}


@pytest.mark.parametrize("url", ["http://jenkins:8080/job/1", "https://[::1]/x", "http://10.0.0.7"])
def test_an_intranet_address_is_a_web_address_and_a_target_where_the_operator_says_so(
    client: Client, ada: User, url: str, settings: Any
) -> None:
    api = Api(client, keys.issue_key(by=ada.as_actor()).key)
    made = api("post", "/agents", {"name": "Builder", "avatarUrl": url})
    assert (made.status_code, made.json()["avatarUrl"]) == (201, url)
    callback = {"url": url, "method": "PUT", "headers": {"X-Token": "t"}}
    body = {"webhookUrl": url, "review": {"type": "freeform", "callback": callback}}
    refused = api("post", "/messages", body)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "webhookUrl")
    settings.PLACET_OUTBOUND_ALLOW = ["jenkins", "10.0.0.0/8", "::1"]
    posted = api("post", "/messages", body)
    assert (posted.status_code, posted.json()["review"]["callback"]) == (201, callback)


def test_json_is_read_whatever_the_content_type_says(api: Api) -> None:
    form_like = api.client.post(
        "/api/v1/messages",
        '{"text":"x"}',
        "application/x-www-form-urlencoded",
        headers={"x-api-key": api.key},
    )
    assert form_like.status_code == 201


@pytest.mark.parametrize("body", [{}, {"text": " \n"}, {"text": "", "metadata": {"a": 1}}])
def test_an_empty_message_is_told_what_works(api: Api, body: Any) -> None:
    answer = api("post", "/messages", body)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "path": "body",
            "message": "must have at least one of text, review, status, attachmentIds, textAttachments",
        }
    ]


def test_files_nobody_has_are_skipped_but_make_no_message_by_themselves(api: Api) -> None:
    kept = api("post", "/messages", {"text": "See this", "attachmentIds": ["file-id"]})
    assert (kept.status_code, kept.json()["attachments"]) == (201, [])
    refused = api("post", "/messages", {"attachmentIds": ["file-id"]})
    assert refused.status_code == 400
    told = {error["path"]: error["message"] for error in refused.json()["errors"]}
    assert '"file-id"' in told["attachmentIds"]


def test_without_files_no_message_is_listed_as_having_some(
    api: Api, browser: Client, robot: cast.Robot, other_robot: cast.Robot
) -> None:
    cast.say(robot)
    empty: dict[str, Any] = {"data": [], "nextCursor": None}
    for query in ("has_attachments=true", "has_attachments=true&search=hello"):
        assert api("get", f"/messages?{query}").json() == empty
        assert browser.get(f"/api/messages?{query}").json() == empty
    assert len(api("get", "/messages?has_attachments=false").json()["data"]) == 1
    foreign = f"/messages?has_attachments=true&channel={other_robot.agent.id}"
    assert api("get", foreign).status_code == 403


def test_the_same_client_id_is_one_message(api: Api) -> None:
    first = api("post", "/messages", {"text": "one", "clientId": "c-1"}).json()
    again = api("post", "/messages", {"text": "two", "clientId": "c-1"})
    assert (again.status_code, again.json()["id"], again.json()["text"]) == (
        201,
        first["id"],
        "one",
    )


def test_the_same_idempotency_key_is_one_message_and_with_another_body_a_conflict(
    api: Api, client: Client, ada: User
) -> None:
    first = api("post", "/messages", {"text": "one"}, **{"Idempotency-Key": "k-1"})
    again = api("post", "/messages", {"text": "one"}, **{"Idempotency-Key": "k-1"})
    other = api("post", "/messages", {"text": "two"}, **{"Idempotency-Key": "k-1"})
    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    somebody = keys.issue_key(by=ada.as_actor())
    fresh = Api(client, somebody.key)(
        "post", "/messages", {"text": "two"}, **{"Idempotency-Key": "k-1"}
    )
    assert fresh.status_code == 201


def test_pages_walk_newest_first_by_cursor(api: Api, robot: cast.Robot) -> None:
    ids = [str(cast.say(robot, f"message {n}").id) for n in range(5)]
    first = api("get", "/messages?limit=2").json()
    second = api("get", f"/messages?limit=2&cursor={first['nextCursor']}").json()
    third = api("get", f"/messages?limit=2&cursor={second['nextCursor']}").json()
    assert [one["id"] for page in (first, second, third) for one in page["data"]] == ids[::-1]
    assert third["nextCursor"] is None
    assert set(first["data"][0]) == MESSAGE_KEYS | {"statusEvents"}
    assert api("get", "/messages?cursor=unknown").json() == {"data": [], "nextCursor": None}
    assert len(api("get", "/messages?limit=100000").json()["data"]) == 5
    assert api("get", "/messages?limit=-5").status_code == 200
    assert (
        api("get", "/messages?limit=abc").json()["errors"][0]["message"]
        == 'must be a whole number; got "abc"'
    )


def test_search_finds_a_piece_of_the_text_in_any_case(api: Api, robot: cast.Robot) -> None:
    wanted = cast.say(robot, "The Canary looks healthy")
    cast.say(robot, "100% sure")
    assert [one["id"] for one in api("get", "/messages?search=cANARY").json()["data"]] == [
        str(wanted.id)
    ]
    assert [one["text"] for one in api("get", "/messages?search=100%25").json()["data"]] == [
        "100% sure"
    ]


def test_a_message_is_acknowledged_and_deleted(api: Api, robot: cast.Robot) -> None:
    message = cast.ask(robot)
    assert api("post", f"/messages/{message.id}/ack", {}).json() == {"acknowledged": True}
    assert api("get", f"/messages/{message.id}").json()["deliveryStatus"] == "agent_received"
    assert api("delete", f"/messages/{message.id}").json() == {"deleted": True}
    for method, path in [
        ("get", f"/messages/{message.id}"),
        ("delete", f"/messages/{message.id}"),
        ("post", f"/messages/{message.id}/ack"),
        ("get", f"/reviews/{message.id}"),
    ]:
        assert api(method, path).status_code == 404


def test_a_question_can_be_taken_back_once(api: Api, approval: MessageSnapshot) -> None:
    cancelled = api("post", f"/reviews/{approval.id}/cancel")
    assert (cancelled.status_code, cancelled.json()["review"]["status"]) == (200, "cancelled")
    again = api("post", f"/reviews/{approval.id}/cancel")
    assert (again.status_code, again.json()["message"]) == (403, "Review already cancelled")


def test_a_message_without_a_review_is_no_review(api: Api, robot: cast.Robot) -> None:
    plain = cast.say(robot)
    answer = api("get", f"/reviews/{plain.id}")
    assert (answer.status_code, answer.json()["message"]) == (404, "No review on this message")


def test_password_values_reach_the_agent_that_asked_and_no_list(
    api: Api, robot: cast.Robot, ada: User
) -> None:
    message = cast.ask(robot, "form")
    cast.answer(ada, message)
    read = api("get", f"/reviews/{message.id}").json()["review"]
    assert read["response"]["token"] == "hunter2-hunter2"
    assert read["respondedBy"]["name"] == "Ada"
    assert read["completedAt"] == read["completed_at"] is not None
    listed = api("get", "/messages").json()["data"][0]["review"]
    assert listed["response"]["token"] == "***REDACTED***"


def test_the_channel_may_be_left_out_only_when_there_is_one(
    client: Client, ada: User, robot: cast.Robot
) -> None:
    unbound = Api(client, keys.issue_key(by=ada.as_actor()).key)
    assert unbound("post", "/messages", {"text": "to the only one"}).status_code == 201
    second = cast.make_robot(ada, "Invoice reader")
    refused = unbound("post", "/messages", {"text": "to whom?"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"] == "channelId"
    assert {choice["name"] for choice in refused.json()["extra"]["choices"]} == {
        "Deploy pilot",
        "Invoice reader",
    }
    for path in ("/messages", "/reviews/pending", "/messages/x", "/reviews/x"):
        assert unbound("get", path).json()["errors"][0]["path"] == "channel"
    assert (
        unbound(
            "post", "/messages", {"text": "to you", "channelId": str(second.agent.id)}
        ).status_code
        == 201
    )


def test_a_foreign_channel_is_403_and_a_foreign_row_404(
    api: Api, robot: cast.Robot, other_robot: cast.Robot
) -> None:
    foreign = cast.ask(other_robot)
    for channel in (other_robot.agent.id, "no-such-channel"):
        for method, path in [
            ("get", f"/messages?channel={channel}"),
            ("get", f"/reviews/pending?channel={channel}"),
            ("get", f"/messages/{foreign.id}?channel={channel}"),
        ]:
            answer = api(method, path)
            assert (answer.status_code, answer.json()["message"]) == (403, "Not your agent")
    assert (
        api("post", "/messages", {"text": "x", "channelId": str(other_robot.agent.id)}).status_code
        == 403
    )
    for method, path in [
        ("get", f"/messages/{foreign.id}"), ("delete", f"/messages/{foreign.id}"), ("post", f"/messages/{foreign.id}/ack"),
        ("get", f"/reviews/{foreign.id}"), ("post", f"/reviews/{foreign.id}/cancel"),
        ("get", f"/agents/{other_robot.agent.id}"), ("patch", f"/agents/{other_robot.agent.id}"),
        ("delete", f"/agents/{other_robot.agent.id}"),
    ]:  # fmt: skip
        assert api(method, path, {} if method in {"post", "patch"} else None).status_code == 404, (
            path
        )


def test_agents_are_created_changed_and_deleted_by_their_users_key(
    client: Client, ada: User
) -> None:
    api = Api(client, keys.issue_key(by=ada.as_actor()).key)
    made = api("post", "/agents", {"name": "Crawler", "tag": "ops"})
    assert (made.status_code, set(made.json())) == (201, AGENT_KEYS)
    path = f"/agents/{made.json()['id']}"
    assert api("patch", path, {"description": "crawls"}).json()["description"] == "crawls"
    assert api("get", path).json()["tag"] == "ops"
    assert [agent["name"] for agent in api("get", "/agents").json()] == ["Crawler"]
    assert api("post", "/agents", {"name": ""}).status_code == 400
    assert (
        api("post", "/agents", {"name": "x", "avatarUrl": "nope"}).json()["errors"][0]["path"]
        == "avatarUrl"
    )
    refused = api("patch", path, {"name": "", "tag": "x" * 65, "avatarUrl": "nope"}).json()
    assert {error["path"]: error["message"] for error in refused["errors"]} == {
        "name": 'must not be empty; got ""',
        "tag": "must be at most 64 characters; got 65",
        "avatarUrl": 'must be an http or https URL; got "nope"',
    }
    assert api("delete", path).json() == {"deleted": True}
    assert api("get", path).status_code == 404


def test_a_bound_key_sees_its_agent_only(client: Client, ada: User, robot: cast.Robot) -> None:
    sister = cast.make_robot(ada, "Sister")
    api = Api(client, robot.key)
    assert [agent["id"] for agent in api("get", "/agents").json()] == [str(robot.agent.id)]
    assert api("get", f"/messages?channel={sister.agent.id}").status_code == 403
    assert api("post", "/agents", {"name": "Another"}).status_code == 403


def test_pings_are_201_and_refused_with_reasons(
    api: Api, robot: cast.Robot, other_robot: cast.Robot
) -> None:
    me = str(robot.agent.id)
    for status in ("active", "busy", "error", "offline"):
        answer = api(
            "post",
            "/status/ping",
            {"agentId": me, "status": status, "message": "Processing 42 tasks"},
        )
        assert (answer.status_code, answer.json()["status"]) == (201, status)
    assert (
        api("post", "/status/ping", {"agentId": me, "status": "asleep"}).json()["errors"][0]["path"]
        == "status"
    )
    assert (
        api(
            "post", "/status/ping", {"agentId": me, "status": "active", "message": "x" * 501}
        ).status_code
        == 400
    )
    assert (
        api(
            "post", "/status/ping", {"agentId": str(other_robot.agent.id), "status": "active"}
        ).status_code
        == 404
    )


def test_a_ping_may_leave_its_agent_out_when_there_is_only_one(
    api: Api, client: Client, ada: User, robot: cast.Robot
) -> None:
    pinged = api("post", "/status/ping", {"status": "active"})
    assert (pinged.status_code, pinged.json()["id"]) == (201, str(robot.agent.id))
    unbound = Api(client, keys.issue_key(by=ada.as_actor()).key)
    pinged = unbound("post", "/status/ping", {"agentId": None, "status": "busy"})
    assert (pinged.status_code, pinged.json()["status"]) == (201, "busy")


def test_a_ping_without_a_clear_agent_is_told_the_choices_and_all_its_faults(
    client: Client, ada: User, robot: cast.Robot
) -> None:
    cast.make_robot(ada, "Invoice reader")
    unbound = Api(client, keys.issue_key(by=ada.as_actor()).key)
    refused = unbound("post", "/status/ping", {"status": "sleeping", "message": "x" * 501})
    told = {error["path"]: error["message"] for error in refused.json()["errors"]}
    assert told == {
        "status": 'must be one of active, busy, error, offline; got "sleeping"',
        "message": "must be at most 500 characters; got 501",
        "agentId": told["agentId"],
    }
    assert "Invoice reader" in told["agentId"]
    assert len(refused.json()["extra"]["choices"]) == 2


def test_using_a_key_is_noted_at_most_once_a_minute(
    api: Api, django_assert_num_queries: Any
) -> None:
    from agents.models import ApiKey

    api("get", "/agents")
    noted = ApiKey.objects.get().last_used_at
    api("get", "/agents")
    assert ApiKey.objects.get().last_used_at == noted
    assert noted is not None
    assert (now() - noted).total_seconds() < 60


def test_every_answer_ends_its_line_for_who_reads_it_at_a_prompt(api: Api) -> None:
    for path in ("/agents", "/messages/unknown"):
        assert api("get", path).content.endswith(b"}\n" if "unknown" in path else b"]\n")


def test_no_answer_redirects_a_post(api: Api) -> None:
    assert api("post", "/messages/", {"text": "x"}).status_code == 404


def test_a_person_with_more_agents_than_a_list_shows_still_reads_each_of_them(
    ada: User, robot: cast.Robot, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.selectors.MOST_AGENTS", 1)
    said = cast.say(cast.make_robot(ada, "Number 501"))
    key = keys.issue_key(by=ada.as_actor()).key
    path = f"/messages/{said.id}?channel={said.agent.id}"
    assert Api(client, key)("get", path).status_code == 200

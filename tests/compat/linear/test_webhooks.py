"""Linear's webhooks, received by the SDK's own LinearWebhookClient: it verifies each, or answers 400."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import needs
from tests.compat.linear.conftest import make_bot
from tests.compat.linear.parts import Bot, newest_run, run, write
from tests.compat.noded import Node
from tests.compat.parts import press
from tests.processes import Human, Server, free_port, until

pytestmark = [pytest.mark.processes, needs.node]

LISTEN = """
    const { createServer } = await import("node:http");
    const { LinearWebhookClient } = linearWebhooks;
    const heard = (kept[name] = { events: [], answered: [], refuse: 0, headers: [] });
    const handler = new LinearWebhookClient(secret).createHandler();
    handler.on("*", (event) => heard.events.push({ at: Date.now(), ...event }));
    heard.server = createServer(async (request, response) => {
        heard.headers.push(request.headers);
        if (heard.refuse-- > 0) return response.writeHead(503).end();
        await handler(request, response);
        heard.answered.push(response.statusCode);
    });
    await new Promise((done) => heard.server.listen(port, "127.0.0.1", done));
"""


class Ear:
    """A receiver in Node with the SDK's handler."""

    def __init__(self, bot: Bot, port: int) -> None:
        self.bot, self.name = bot, f"ear-{port}"
        secret = bot.app["webhook_secret"]
        bot.node.run(LISTEN, name=self.name, secret=secret, port=port)

    @property
    def events(self) -> list[Any]:
        events: list[Any] = self._get("events")
        return events

    @property
    def headers(self) -> list[Any]:
        headers: list[Any] = self._get("headers")
        return headers

    @property
    def answered(self) -> list[int]:
        answered: list[int] = self._get("answered")
        return answered

    def refuse(self, times: int) -> None:
        self.bot.node.run("kept[name].refuse = times", name=self.name, times=times)

    def wait_for(self, type: str, action: str, count: int = 1) -> Any:
        """The last of so many events of this kind."""

        def look() -> list[Any]:
            found = [one for one in self.events if (one["type"], one["action"]) == (type, action)]
            return found if len(found) >= count else []

        return until(look, seconds=20)[-1]

    def close(self) -> None:
        self.bot.node.run("kept[name].server.close()", name=self.name)

    def _get(self, what: str) -> Any:
        return self.bot.node.run("return kept[name][what]", name=self.name, what=what)


@pytest.fixture
def ear(server: Server, node: Node) -> Iterator[Ear]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    bot = make_bot(server, node, "Build doctor", "--webhook", url, "--dialect", "linear")
    made = Ear(bot, port)
    yield made
    made.close()


def test_a_message_is_heard_as_a_session_that_was_created(ear: Ear, olga: Human) -> None:
    run_id = write(olga, ear.bot, "Why is the build <red> & not green?")
    event = ear.wait_for("AgentSessionEvent", "created")
    session = event["agentSession"]
    assert session["id"] == run_id
    assert (session["status"], session["type"]) == ("pending", "commentThread")
    assert session["creator"]["email"] == "olga@example.org"
    assert session["issue"]["id"] == session["issueId"] == ear.bot.agent_id
    assert session["comment"]["body"] == "Why is the build <red> & not green?"
    assert "Why is the build &lt;red&gt; &amp; not green?</prompt>" in event["promptContext"]
    assert event["appUserId"] == ear.bot.agent_id
    assert event["oauthClientId"] == ear.bot.app["client_id"]
    assert abs(event["webhookTimestamp"] - event["at"]) < 60_000
    headers = ear.headers[0]
    assert headers["linear-event"] in {"AgentSessionEvent", "AppUserNotification"}
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["user-agent"] == "Linear-Webhook"
    assert {"linear-delivery", "linear-timestamp"} <= headers.keys()
    # The first prompt is told by `created` and not once more.
    write(olga, ear.bot, "And the tests?")
    prompted = ear.wait_for("AgentSessionEvent", "prompted")
    assert prompted["agentActivity"]["content"] == {"type": "prompt", "body": "And the tests?"}
    assert prompted["agentActivity"]["body"] == "And the tests?"
    assert prompted["agentActivity"]["agentSessionId"] == run_id
    kinds = [one["action"] for one in ear.events if one["type"] == "AgentSessionEvent"]
    assert kinds == ["created", "prompted"]
    assert set(ear.answered) == {200}


def test_what_was_said_before_comes_with_the_session(ear: Ear, olga: Human) -> None:
    first = write(olga, ear.bot, "Why is the build red?")
    ear.bot.tell(first, {"type": "response", "body": "A test is broken."})
    second = write(olga, ear.bot, "Mend it")
    ear.wait_for("AgentSessionEvent", "created", 2)
    created = [one for one in ear.events if one["action"] == "created"]
    # Two deliveries at once come in any order.
    event = next(one for one in created if one["agentSession"]["id"] == second)
    before = [comment["body"] for comment in event["previousComments"]]
    assert before == ["Why is the build red?", "A test is broken."]
    assert event["promptContext"].index("A test is broken.") < event["promptContext"].index("Mend")


def test_stop_is_a_prompt_with_a_signal(ear: Ear, olga: Human) -> None:
    run_id = write(olga, ear.bot)
    ear.bot.tell(run_id, {"type": "thought", "body": "Looking"})
    olga.post(f"/api/runs/{run_id}/stop")
    event = ear.wait_for("AgentSessionEvent", "prompted")
    assert event["agentActivity"]["signal"] == "stop"
    assert event["agentSession"]["status"] == "stopping"
    ear.bot.tell(run_id, {"type": "response", "body": "Stopped."})
    assert ear.bot.status(run_id) == "complete"


def test_a_choice_arrives_as_an_ordinary_prompt(ear: Ear, olga: Human) -> None:
    run_id = write(olga, ear.bot)
    options = [{"value": "staging", "label": "Staging"}, {"value": "prod", "label": "Production"}]
    asked = ear.bot.tell(
        run_id,
        {"type": "elicitation", "body": "Where?"},
        signal="select",
        signalMetadata={"options": options},
    )
    review = olga.get(f"/api/runs/{run_id}").json()["reviewId"]
    assert asked["signal"] == "select"
    assert olga.respond(review, {"selectedIds": ["prod"]}).ok
    event = ear.wait_for("AgentSessionEvent", "prompted")
    assert event["agentActivity"]["body"] == "prod"
    assert event["agentSession"]["status"] == "active"


def test_each_try_is_stamped_and_signed_anew(ear: Ear, olga: Human) -> None:
    """What an hour later still had the time of the first try would be refused. Here the tries are five seconds apart."""
    ear.refuse(2)
    write(olga, ear.bot)
    ear.wait_for("AgentSessionEvent", "created")
    ear.wait_for("AppUserNotification", "issueNewComment")
    tries: dict[str, list[Any]] = {}
    for headers in ear.headers:
        tries.setdefault(headers["webhook-id"], []).append(headers)
    assert sorted(map(len, tries.values())) == [2, 2]
    for first, second in tries.values():
        stamps = [int(headers["linear-timestamp"]) for headers in (first, second)]
        assert stamps[1] - stamps[0] > 3_000
        for name in ("linear-signature", "linear-delivery"):
            assert first[name] != second[name]
    assert ear.answered == [200, 200]


def test_inbox_notifications_tell_of_comments_mentions_and_responses(ear: Ear, olga: Human) -> None:
    write(olga, ear.bot, "Hello")
    new = ear.wait_for("AppUserNotification", "issueNewComment")["notification"]
    assert (new["type"], new["comment"]["body"]) == ("issueNewComment", "Hello")
    assert new["actor"]["name"] == "Olga"
    assert new["userId"] == ear.bot.agent_id
    write(olga, ear.bot, "I mean you, @Build doctor")
    called = ear.wait_for("AppUserNotification", "issueCommentMention")["notification"]
    assert called["comment"]["body"] == "I mean you, @Build doctor"
    run_id = newest_run(olga, ear.bot)
    ear.bot.tell(run_id, {"type": "elicitation", "body": "Really?"})
    review = olga.get(f"/api/runs/{run_id}").json()["reviewId"]
    assert olga.respond(review, {"text": "Yes"}).ok
    answered = ear.wait_for("AppUserNotification", "issueCommentReaction")["notification"]
    assert (answered["commentId"], answered["comment"]["body"]) == (review, "Really?")


def test_conversations_that_are_handed_over_and_taken_away(
    ear: Ear, server: Server, node: Node, olga: Human
) -> None:
    host = make_bot(server, node, "Release train", "--dialect", "linear")
    guest, home = ear.bot.agent_id, host.agent_id
    press(olga, ear.bot.app["client_id"], "conversations", channels=[home])
    added = ear.wait_for("PermissionChange", "teamAccessChanged")
    assert (added["addedTeamIds"], added["removedTeamIds"]) == ([home], [])
    assert added["canAccessAllPublicTeams"] is False
    begun = olga.post("/api/runs", {"agentId": guest, "channelId": home, "text": "Take it"})
    assert begun.ok, begun.text
    assigned = ear.wait_for("AppUserNotification", "issueAssignedToYou")["notification"]
    assert assigned["issue"]["id"] == home
    created = ear.wait_for("AgentSessionEvent", "created")
    assert created["agentSession"]["comment"]["body"] == "Take it"
    assert created["agentSession"]["issue"]["title"] == "Release train"
    assert created["previousComments"] == []
    press(olga, ear.bot.app["client_id"], "conversations")
    removed = ear.wait_for("PermissionChange", "teamAccessChanged", 2)
    assert (removed["addedTeamIds"], removed["removedTeamIds"]) == ([], [home])
    taken = ear.wait_for("AppUserNotification", "issueUnassignedFromYou")["notification"]
    assert taken["issueId"] == home


def test_a_mention_in_another_conversation(
    ear: Ear, server: Server, node: Node, olga: Human
) -> None:
    host = make_bot(server, node, "Release train", "--dialect", "linear")
    press(olga, ear.bot.app["client_id"], "conversations", channels=[host.agent_id])
    said = olga.post("/api/messages", {"channelId": host.agent_id, "text": "@Build doctor, help"})
    assert said.ok, said.text
    created = ear.wait_for("AgentSessionEvent", "created")
    called = ear.wait_for("AppUserNotification", "issueCommentMention")["notification"]
    assert called["comment"]["body"] == created["agentSession"]["comment"]["body"]
    assert called["issue"]["id"] == host.agent_id
    # Called once more while it works there it is told both ways again.
    olga.post("/api/messages", {"channelId": host.agent_id, "text": "@Build doctor, hurry"})
    assert ear.wait_for("AgentSessionEvent", "prompted")["agentActivity"]["body"].endswith("hurry")
    again = ear.wait_for("AppUserNotification", "issueCommentMention", 2)["notification"]
    assert again["comment"]["body"].endswith("hurry")


def test_a_revoked_app_is_told_so_and_is_nobody_any_more(ear: Ear, olga: Human) -> None:
    run_id = write(olga, ear.bot)
    ear.wait_for("AgentSessionEvent", "created")
    ear.wait_for("AppUserNotification", "issueNewComment")
    page = press(olga, ear.bot.app["client_id"], "revoke")
    assert "Not installed" in page
    event = ear.wait_for("OAuthApp", "revoked")
    assert event["oauthClientId"] == ear.bot.app["client_id"]
    assert "appUserId" not in event
    code = "return await client.viewer.then(() => false, (error) => error.type)"
    assert ear.bot.js(code) == "AuthenticationError"
    assert run(olga, run_id)["status"] == "stopped"
    # Installed again it hears again, and of what came in between never.
    olga.post("/api/messages", {"channelId": ear.bot.agent_id, "text": "Into the void"})
    press(olga, ear.bot.app["client_id"], "install", scopes=["read", "write"])
    write(olga, ear.bot, "Are you back?")
    back = ear.wait_for("AgentSessionEvent", "created", 2)
    assert back["agentSession"]["comment"]["body"] == "Are you back?"
    ear.wait_for("AppUserNotification", "issueNewComment", 2)
    heard = [(one["type"], one["action"]) for one in ear.events]
    assert sorted(heard) == [
        ("AgentSessionEvent", "created"),
        ("AgentSessionEvent", "created"),
        ("AppUserNotification", "issueNewComment"),
        ("AppUserNotification", "issueNewComment"),
        ("OAuthApp", "revoked"),
    ]


def test_a_test_event_verifies_and_reaches_no_handler_of_an_event(ear: Ear, olga: Human) -> None:
    """As its name says it is none of Linear's: an agent's handlers of sessions are not called, and its answer is 200."""
    assert olga.post(f"/settings/agents/{ear.bot.agent_id}/webhook/test/").ok
    event = ear.wait_for("WebhookTest", "test")
    assert event["appUserId"] == ear.bot.agent_id
    assert event["oauthClientId"] == ear.bot.app["client_id"]
    assert abs(event["webhookTimestamp"] - event["at"]) < 60_000
    assert "agentSession" not in event
    assert ear.headers[0]["linear-event"] == "WebhookTest"
    until(lambda: ear.answered)
    assert (ear.answered, len(ear.events)) == ([200], 1)

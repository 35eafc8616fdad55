"""The unmodified @linear/sdk against a live server, through all that an agent does with it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests import needs
from tests.compat.linear.conftest import make_bot
from tests.compat.linear.parts import SELECT, Bot, run, write
from tests.compat.noded import JsError, Node
from tests.processes import Human, Server

pytestmark = [pytest.mark.processes, needs.node]


@pytest.fixture(scope="module")
def asked(
    server: Server, node: Node, apps: Iterator[dict[str, Any]], olga: Human
) -> tuple[Bot, str]:
    """An agent and its session, in which it has not said anything that was good."""
    bot = Bot(server.url, node, next(apps))
    return bot, write(olga, bot)


def refusal(bot: Bot, code: str, **args: Any) -> JsError:
    with pytest.raises(JsError) as caught:
        bot.js(code, **args)
    return caught.value


def test_the_viewer_is_the_app_and_no_person(bot: Bot) -> None:
    viewer = bot.js("return await client.viewer")
    assert (viewer["id"], viewer["name"]) == (bot.agent_id, "Build doctor")
    assert (viewer["app"], viewer["isMe"], viewer["supportsAgentSessions"]) == (True, True, True)
    assert (viewer["admin"], viewer["owner"], viewer["guest"]) == (False, False, False)
    organization = bot.js("return (await client.organization).id")
    assert bot.js("return (await (await client.viewer).organization).id") == organization
    info = bot.js("return await client.applicationInfo(id)", id=bot.app["client_id"])
    assert info["name"] == "Build doctor"


def test_a_session_from_the_prompt_to_the_end(bot: Bot, olga: Human) -> None:
    run_id = write(olga, bot)
    begun = bot.session(run_id)
    assert (begun["status"], begun["type"]) == ("pending", "commentThread")
    creator = "return await (await client.agentSession(id)).creator"
    assert bot.js(creator, id=run_id)["email"] == "olga@example.org"
    app_user = "return (await (await client.agentSession(id)).appUser).app"
    assert bot.js(app_user, id=run_id) is True
    comment = "return await (await client.agentSession(id)).comment"
    assert bot.js(comment, id=run_id)["body"] == "Why is the build red?"

    thought = bot.tell(run_id, {"type": "thought", "body": "Looking…"}, ephemeral=True)
    assert thought["content"] == {
        "__typename": "AgentActivityThoughtContent",
        "type": "thought",
        "body": "Looking…",
    }
    assert (thought["ephemeral"], bot.status(run_id)) == (True, "active")
    content = {"type": "action", "action": "Searched", "parameter": "the log", "result": "3 errors"}
    action = bot.tell(run_id, content)
    assert action["content"] == {"__typename": "AgentActivityActionContent", **content}

    asked = bot.tell(
        run_id, {"type": "elicitation", "body": "Where?"}, signal="select", signalMetadata=SELECT
    )
    assert (asked["signal"], asked["signalMetadata"]) == ("select", SELECT)
    assert bot.status(run_id) == "awaitingInput"
    review = run(olga, run_id)["reviewId"]
    assert olga.respond(review, {"selectedIds": ["staging"]}).ok
    assert bot.status(run_id) == "active"
    bot.tell(run_id, {"type": "error", "body": "No such place"})
    assert bot.status(run_id) == "error"
    bot.tell(run_id, {"type": "thought", "body": "Once more"})
    assert bot.status(run_id) == "active"
    bot.tell(run_id, {"type": "response", "body": "Done."})
    ended = bot.session(run_id)
    assert ended["status"] == "complete"
    assert ended["endedAt"]
    names = [one["content"]["__typename"] for one in bot.history(run_id)]
    assert names == [
        f"AgentActivity{kind}Content"
        for kind in [
            "Prompt",
            "Thought",
            "Action",
            "Elicitation",
            "Prompt",
            "Error",
            "Thought",
            "Response",
        ]
    ]
    assert bot.history(run_id)[4]["content"]["body"] == "staging"


def test_plan_links_and_summary_are_read_back_as_they_were_sent(bot: Bot, olga: Human) -> None:
    run_id = write(olga, bot)
    plan = [
        {"content": "Look", "status": "completed"},
        {"content": "Mend", "status": "inProgress"},
        {"content": "Tell", "status": "pending"},
    ]
    link = {"label": "Build 1240", "url": "https://ci.example/1240"}
    update = "return (await client.updateAgentSession(id, input)).success"
    changes = {"plan": plan, "externalUrls": [link], "summary": "Mending the build"}
    assert bot.js(update, id=run_id, input=changes) is True
    found = bot.session(run_id)
    assert (found["plan"], found["externalUrls"], found["externalLinks"]) == (plan, [link], [link])
    assert (found["externalLink"], found["summary"]) == (link["url"], "Mending the build")
    # A link is a sign of life, and no activity.
    assert found["status"] == "pending"
    assert run(olga, run_id)["unresponsive"] is False

    more = {"label": "Log", "url": "https://ci.example/log"}
    update_own = "const s = await client.agentSession(id); return (await s.update(input)).success"
    assert bot.js(update_own, id=run_id, input={"addedExternalUrls": [more]})
    assert bot.session(run_id)["externalLinks"] == [link, more]
    only_urls = "return (await client.agentSessionUpdateExternalUrl(id, input)).success"
    assert bot.js(only_urls, id=run_id, input={"removedExternalUrls": [link["url"]]})
    assert bot.session(run_id)["externalLinks"] == [more]
    assert bot.js(update, id=run_id, input={"plan": None, "summary": None})
    assert "plan" not in bot.session(run_id)


def test_six_kinds_over_pages_of_two(bot: Bot, olga: Human) -> None:
    run_id = write(olga, bot)
    for kind in ("thought", "action", "elicitation", "error", "response"):
        content = {"type": kind, "body": kind}
        if kind == "action":
            content = {"type": kind, "action": "Looked", "parameter": "around"}
        bot.tell(run_id, content)
    code = """
        const session = await client.agentSession(id);
        let page = await session.activities({ first: 2 });
        const sizes = [page.nodes.length];
        while (page.pageInfo.hasNextPage) {
            const before = page.nodes.length;
            page = await page.fetchNext();
            sizes.push(page.nodes.length - before);
        }
        return { sizes, kinds: page.nodes.map((node) => node.content.__typename) };
    """
    walked = bot.js(code, id=run_id)
    assert walked["sizes"] == [2, 2, 2]
    kinds = ("Prompt", "Thought", "Action", "Elicitation", "Error", "Response")
    assert walked["kinds"] == [f"AgentActivity{kind}Content" for kind in kinds]
    last = "return (await (await client.agentSession(id)).activities({last: 2})).nodes"
    assert [one["content"]["type"] for one in bot.js(last, id=run_id)] == ["error", "response"]
    some = "return (await client.agentActivities({filter: {type: {in: kinds}}})).nodes"
    found = bot.js(some, kinds=["thought", "error"])
    assert [one["content"]["type"] for one in found] == ["thought", "error"]


@pytest.mark.parametrize(
    ("content", "more"),
    [
        ({"type": "prompt", "body": "Do it"}, {}),
        ({"type": "response", "body": "Done"}, {"ephemeral": True}),
        ({"type": "thought"}, {}),
        ({"type": "thought", "body": "  "}, {}),
        ({"type": "action", "action": "Looked"}, {}),
        ({"type": "action", "parameter": "around"}, {}),
        ({"body": "What am I?"}, {}),
        ({"type": "dream", "body": "…"}, {}),
        ({"type": "response", "body": "Stopped"}, {"signal": "stop"}),
        ({"type": "thought", "body": "x"}, {"signal": "select", "signalMetadata": SELECT}),
        ({"type": "elicitation", "body": "x"}, {"signal": "select", "signalMetadata": {}}),
        (
            {"type": "elicitation", "body": "x"},
            {"signal": "auth", "signalMetadata": {"url": "http://evil.example/"}},
        ),
        ({"type": "thought", "body": "x"}, {"id": "no-uuid"}),
        ({"type": "thought", "body": "x"}, {"signal": "shout"}),
        (["thought"], {}),
        ("thought", {}),
    ],
)
def test_bad_activities_are_refused_and_nothing_is_stored(
    asked: tuple[Bot, str], content: Any, more: Any
) -> None:
    bot, run_id = asked
    code = "return (await client.createAgentActivity(input)).success"
    refused = refusal(bot, code, input={"agentSessionId": run_id, "content": content, **more})
    assert refused.name == "InvalidInputLinearError"
    assert refused.errors[0]["userError"] is True
    assert len(bot.history(run_id)) == 1
    assert bot.status(run_id) == "pending"


def test_another_agents_session_looks_like_none(bot: Bot, stranger: Bot, olga: Human) -> None:
    run_id = write(olga, bot)
    activity = bot.history(run_id)[0]["id"]
    unknown = str(uuid4())
    attempts = {
        "return await client.agentSession(id)": run_id,
        "return (await client.updateAgentSession(id, {summary: 'Mine'})).success": run_id,
        "return await client.createAgentActivity({agentSessionId: id, content: {type: 'thought', body: 'x'}})": run_id,
        "return await client.agentActivity(id)": activity,
        "return (await client.agentActivities({filter: {agentSessionId: {eq: id}}})).nodes": run_id,
        "return await client.agentSessionCreateOnIssue({issueId: id})": bot.agent_id,
        "return await client.team(id)": bot.agent_id,
        "return await client.user(id)": bot.agent_id,
    }
    for code, id in attempts.items():
        theirs, none = refusal(stranger, code, id=id), refusal(stranger, code, id=unknown)
        assert (theirs.name, theirs.message) == (none.name, none.message), code
        if "team" not in code:
            assert theirs.name == "InvalidInputLinearError", code
    assert stranger.js("return (await client.agentSessions()).nodes") == []
    assert stranger.js("return (await client.agentActivities()).nodes") == []
    assert len(bot.history(run_id)) == 1


def test_the_same_id_again_is_the_same_activity(bot: Bot, olga: Human) -> None:
    run_id, id = write(olga, bot), str(uuid4())
    for _ in range(2):
        told = bot.tell(run_id, {"type": "thought", "body": "Once"}, id=id)
        assert told["id"] == id
    assert len(bot.history(run_id)) == 2
    code = "return await client.createAgentActivity(input)"
    other = {"type": "thought", "body": "Another"}
    refused = refusal(bot, code, input={"agentSessionId": run_id, "content": other, "id": id})
    assert refused.name == "UserLinearError"


def test_an_agent_begins_sessions_of_its_own(bot: Bot, olga: Human) -> None:
    begin = "return await (await client.agentSessionCreateOnIssue(input)).agentSession"
    link = {"label": "Job", "url": "https://ci.example/job"}
    begun = bot.js(begin, input={"issueId": bot.agent_id, "externalUrls": [link]})
    assert (begun["status"], begun["externalLinks"]) == ("pending", [link])
    assert "_creator" not in begun
    bot.tell(begun["id"], {"type": "response", "body": "Here it is."})

    comment = "return (await (await client.createComment(input)).comment).id"
    said = bot.js(comment, input={"issueId": bot.agent_id, "body": "The build is red."})
    on_it = "return await (await client.agentSessionCreateOnComment({commentId: id})).agentSession"
    about = bot.js(on_it, id=said)
    assert about["_comment"] == {"id": said}
    assert about["id"] != begun["id"]


def test_stop_and_its_confirmation(bot: Bot, olga: Human) -> None:
    run_id = write(olga, bot)
    bot.tell(run_id, {"type": "thought", "body": "Deleting everything"})
    assert olga.post(f"/api/runs/{run_id}/stop").ok
    assert bot.status(run_id) == "stopping"
    stop = bot.history(run_id)[-1]
    assert (stop["signal"], stop["content"]["type"]) == ("stop", "prompt")
    bot.tell(run_id, {"type": "thought", "body": "Putting it down"})
    assert bot.status(run_id) == "stopping"
    ask = "return await client.createAgentActivity(input)"
    question = {"type": "elicitation", "body": "But why?"}
    refused = refusal(bot, ask, input={"agentSessionId": run_id, "content": question})
    assert refused.name == "UserLinearError"
    bot.tell(run_id, {"type": "response", "body": "Stopped."})
    assert (bot.status(run_id), run(olga, run_id)["status"]) == ("complete", "stopped")


def test_a_link_to_connect_an_account_goes_away_with_the_next_activity(
    bot: Bot, olga: Human
) -> None:
    run_id = write(olga, bot)
    metadata = {"url": "https://bot.example/connect", "providerName": "GitHub"}
    bot.tell(
        run_id,
        {"type": "elicitation", "body": "Connect GitHub"},
        signal="auth",
        signalMetadata=metadata,
    )
    assert run(olga, run_id)["reviewId"]
    bot.tell(run_id, {"type": "thought", "body": "Connected"})
    assert run(olga, run_id)["reviewId"] is None


def test_sessions_newest_first_over_pages(bot: Bot, olga: Human) -> None:
    ids = []
    for number in range(3):
        ids.append(write(olga, bot, f"Question {number}"))
        bot.tell(ids[-1], {"type": "response", "body": "Answer"})
    code = """
        const page = await client.agentSessions({ first: 2, orderBy });
        const first = page.nodes.map((node) => node.id);
        const all = (await page.fetchNext()).nodes.map((node) => node.id);
        return { first, all, more: page.pageInfo.hasNextPage };
    """
    for order in (None, "createdAt", "updatedAt"):
        walked = bot.js(code, orderBy=order)
        assert walked == {"first": ids[:0:-1], "all": ids[::-1], "more": False}


def test_errors_are_of_the_sdks_own_classes(bot: Bot, node: Node, server: Server) -> None:
    code = """
        const client = new linear.LinearClient({ [kind]: "nonsense", apiUrl: url });
        return await client.viewer;
    """
    for kind in ("accessToken", "apiKey"):
        with pytest.raises(JsError) as caught:
            node.run(code, kind=kind, url=f"{server.url}/graphql")
        assert (caught.value.name, caught.value.status) == ("AuthenticationLinearError", 401)
    unknown = refusal(bot, "return await client.issues()")
    assert unknown.name == "GraphqlLinearError"
    assert refusal(bot, "return await client.agentSessions({first: 1000})").name == (
        "InvalidInputLinearError"
    )


def test_a_key_of_placets_does_as_an_api_key(server: Server, node: Node) -> None:
    robot = server.robot("Keyed")
    code = """
        const client = new linear.LinearClient({ apiKey: key, apiUrl: url });
        return (await client.viewer).id;
    """
    assert node.run(code, key=robot.key, url=f"{server.url}/graphql") == robot.agent_id


@pytest.mark.parametrize("limit", ["key", "points", "address"])
def test_past_a_limit_the_sdk_knows_when_to_come_back(node: Node, limit: str) -> None:
    limits = {
        "key": {"PLACET_RATE_PER_KEY": "3/minute"},
        "points": {"PLACET_RATE_GRAPHQL_POINTS": "30/hour"},
        "address": {"PLACET_RATE_PER_ADDRESS": "40/minute", "PLACET_BEHIND_PROXY": "true"},
    }[limit]
    code = """
        const client = new linear.LinearClient({accessToken: token, apiUrl: `${url}/graphql`,
            headers: {"X-Forwarded-For": "203.0.113.9"}});
        try {
            for (let n = 0; n < 100; n++) await client.viewer;
        } catch (error) {
            return {name: error.constructor.name, message: error.message, now: Date.now(), ...error};
        }
    """
    with Server(limits) as server:
        bot = make_bot(server, node, "Hasty")
        told = node.run(code, token=bot.token, url=server.url)
    assert told["name"] == "RatelimitedLinearError", told
    assert told["type"] == "Ratelimited"
    assert 1 <= told["retryAfter"] <= 3600
    what = "complexity" if limit == "points" else "requests"
    assert told[f"{what}Limit"] == {"key": 3, "points": 30, "address": 40}[limit]
    assert told[f"{what}Remaining"] == 0
    assert 0 < told[f"{what}ResetAt"] - told["now"] <= 3_601_000

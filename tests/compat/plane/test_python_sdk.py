"""The unmodified plane-sdk (Python) against a live Placet: everything an agent does there, with only the address and the token changed."""

# Dicts where its types want models, as all of its own samples have it.
# mypy: disable-error-code="arg-type,union-attr,dict-item"

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from plane import PlaneClient
from plane.client import OAuthClient
from plane.errors import HttpError
from plane.models.agent_runs import (
    AgentRun,
    AgentRunActivity,
    CreateAgentRun,
    CreateAgentRunActivity,
)
from plane.models.work_items import CreateWorkItemComment

from tests.compat.parts import Installed, heard_of, installed, press, prompted, run_of, write
from tests.processes import Human, Server, until
from tests.receiver import Receiver, receiver

pytestmark = pytest.mark.processes
RUN_OF_NOBODY = "01a21528-d000-7000-9000-000000000001"


def client_of(server: Server, app: Installed) -> PlaneClient:
    return PlaneClient(base_url=server.url, access_token=app.access_token)


@pytest.fixture
def plane(server: Server, app: Installed) -> PlaneClient:
    return client_of(server, app)


@pytest.fixture
def run(person: Human, app: Installed, plane: PlaneClient) -> AgentRun:
    """A run that a person has just opened."""
    current = (
        run_of(person, app) if person.get("/api/runs", channel=app.id).json()["data"] else None
    )
    if current and current["status"] not in ("completed", "failed", "stopped"):
        report(plane, app, current["id"], "response", "That was all.")
    return plane.agent_runs.retrieve(app.workspace_slug, prompted(person, app)["id"])


def report(
    plane: PlaneClient, app: Installed, run_id: str, type: str, body: str, **more: Any
) -> AgentRunActivity:
    return plane.agent_runs.activities.create(
        workspace_slug=app.workspace_slug,
        run_id=run_id,
        data=CreateAgentRunActivity(type=type, content={"type": type, "body": body}, **more),
    )


def state(plane: PlaneClient, app: Installed, run: AgentRun) -> str:
    return plane.agent_runs.retrieve(app.workspace_slug, run.id).status.value


def contents(plane: PlaneClient, app: Installed, run: AgentRun) -> list[str]:
    page = plane.agent_runs.activities.list(app.workspace_slug, run.id)
    return [one.type.value for one in page.results]


def refused(error: pytest.ExceptionInfo[HttpError], status: int, *words: str) -> None:
    assert error.value.status_code == status, error.value
    for word in words:
        assert word in str(error.value)


def test_it_knows_itself(plane: PlaneClient, app: Installed) -> None:
    me = plane.users.get_me()
    assert (me.id, me.display_name) == (app.id, "Weather bot")


def test_a_run_is_told_whole_and_bears_the_agent_and_its_place(
    plane: PlaneClient, app: Installed, run: AgentRun
) -> None:
    assert (run.status.value, run.type.value) == ("created", "comment_thread")
    assert run.agent_user == run.issue == app.id
    assert run.comment
    assert run.workspace
    assert run.ended_at is None


def test_the_first_prompt_is_there_to_be_listed(
    plane: PlaneClient, app: Installed, run: AgentRun
) -> None:
    (prompt,) = plane.agent_runs.activities.list(app.workspace_slug, run.id).results
    assert (prompt.type.value, prompt.content.body) == ("prompt", "What is the weather?")
    assert (prompt.ephemeral, prompt.signal.value) == (False, "continue")
    assert prompt.actor == run.creator
    again = plane.agent_runs.activities.retrieve(app.workspace_slug, run.id, prompt.id)
    assert again == prompt


def test_each_activity_makes_of_the_run_what_the_table_says(
    plane: PlaneClient, app: Installed, run: AgentRun, person: Human
) -> None:
    thought = report(plane, app, run.id, "thought", "Looking out of the window…")
    assert (thought.ephemeral, thought.comment) == (True, None)
    assert state(plane, app, run) == "in_progress"

    action = plane.agent_runs.activities.create(
        app.workspace_slug,
        run.id,
        CreateAgentRunActivity(
            type="action",
            content={
                "type": "action",
                "action": "getWeather",
                "parameters": {"location": "San Francisco", "result": "68°F"},
            },
            content_metadata={"temp": 68, "wind": [1, 2]},
        ),
    )
    assert action.content.parameters == {"location": "San Francisco", "result": "68°F"}
    assert action.content_metadata == {"temp": 68, "wind": [1, 2]}
    assert action.ephemeral
    assert state(plane, app, run) == "in_progress"

    question = report(plane, app, run.id, "elicitation", "Which city?")
    assert (question.ephemeral, bool(question.comment)) == (False, True)
    assert state(plane, app, run) == "awaiting"

    write(person, app, "Oslo")
    assert state(plane, app, run) == "in_progress"

    response = report(plane, app, run.id, "response", "It is **sunny**.", signal="continue")
    assert (response.ephemeral, bool(response.comment)) == (False, True)
    assert state(plane, app, run) == "completed"
    assert plane.agent_runs.retrieve(app.workspace_slug, run.id).ended_at
    assert contents(plane, app, run) == [
        "prompt", "thought", "action", "elicitation", "prompt", "response",
    ]  # fmt: skip


def test_an_error_fails_the_run_and_its_facts_are_kept(
    plane: PlaneClient, app: Installed, run: AgentRun
) -> None:
    facts = {"error_code": "NO_DATABASE", "retryable": True}
    error = report(
        plane, app, run.id, "error", "The weather is not to be had.", signal_metadata=facts
    )
    # Plane's pages say both of an error: that it passes, and that it is a comment.
    assert error.ephemeral
    assert error.comment
    found = plane.agent_runs.retrieve(app.workspace_slug, run.id)
    assert found.status.value == "failed"
    assert found.error_metadata
    assert facts.items() <= found.error_metadata.items()


def test_a_selection_is_a_review_and_the_choice_comes_back_as_a_prompt(
    plane: PlaneClient, app: Installed, run: AgentRun, person: Human
) -> None:
    options = [
        {"id": "bug-1", "label": "Sign-in hangs", "description": "First"},
        {"id": "bug-2", "label": "Uploads fail"},
    ]
    asked = report(
        plane,
        app,
        run.id,
        "elicitation",
        "Which bug?",
        signal="select",
        signal_metadata={"options": options, "allow_multiple": False},
    )
    assert asked.signal.value == "select"
    assert asked.signal_metadata == {"options": options, "allow_multiple": False}
    answer = person.respond(str(asked.comment), {"selectedIds": ["bug-2"]})
    assert answer.ok, answer.text
    page = plane.agent_runs.activities.list(app.workspace_slug, run.id)
    assert page.results[-1].content.body == "Uploads fail"
    assert state(plane, app, run) == "in_progress"


def test_a_link_to_sign_in_must_be_https(plane: PlaneClient, app: Installed, run: AgentRun) -> None:
    link = {"url": "https://agent.example/auth/github?session=abc123", "provider": "github"}
    asked = report(
        plane,
        app,
        run.id,
        "elicitation",
        "Please sign in.",
        signal="auth_request",
        signal_metadata=link,
    )
    assert (asked.signal.value, asked.signal_metadata) == ("auth_request", link)
    with pytest.raises(HttpError) as error:
        report(
            plane, app, run.id, "elicitation", "Please sign in.", signal="auth_request",
            signal_metadata={"url": "http://agent.example/auth"},
        )  # fmt: skip
    refused(error, 400, "signal_metadata.url", "https")


def test_stop_is_a_prompt_with_a_signal_and_the_confirmation_ends_the_run(
    plane: PlaneClient, app: Installed, run: AgentRun, person: Human
) -> None:
    report(plane, app, run.id, "thought", "Working…")
    assert person.post(f"/api/runs/{run.id}/stop").ok
    found = plane.agent_runs.retrieve(app.workspace_slug, run.id)
    assert found.status.value == "stopping"
    assert found.stopped_at
    assert found.stopped_by == run.creator
    prompt = plane.agent_runs.activities.list(app.workspace_slug, run.id).results[-1]
    assert (prompt.type.value, prompt.signal.value) == ("prompt", "stop")
    # A thought does not take the run back from stopping; and some agents say "stop" with their confirmation.
    report(plane, app, run.id, "thought", "Putting things down…")
    assert state(plane, app, run) == "stopping"
    report(plane, app, run.id, "response", "I've stopped.", signal="stop")
    assert state(plane, app, run) == "stopped"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"type": "prompt", "content": {"type": "prompt", "body": "Deploy!"}}, ["type", "only people prompt"]),
        ({"type": "thought", "content": {"type": "thought"}}, ["content.body", "required"]),
        ({"type": "thought", "content": {"type": "response", "body": "x"}}, ["content.type"]),
        ({"type": "action", "content": {"type": "action", "action": "a"}}, ["content.parameters"]),
        (
            {"type": "action", "content": {"type": "action", "action": "a", "parameters": {"limit": 10}}},
            ["content.parameters.limit", "string"],
        ),
        (
            {"type": "action", "content": {"type": "action", "action": "a", "parameters": {"result": 1}}},
            ["content.parameters.result", "string"],
        ),
        ({"type": "thought", "content": {"body": "x"}, "signal": "jump"}, ["signal"]),
        ({"type": "response", "content": {"body": "x"}, "signal": "select"}, ["signal", "elicitation"]),
        ({"type": "elicitation", "content": {"body": "x"}, "signal": "select"}, ["signal_metadata.options"]),
        ({"type": "thought", "content": {"body": "x"}, "content_metadata": [1]}, ["content_metadata"]),
        ({}, ["type"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_planes_own_shape_and_nothing_is_stored(
    plane: PlaneClient, app: Installed, run: AgentRun, body: dict[str, Any], words: list[str]
) -> None:
    before = contents(plane, app, run)
    with pytest.raises(HttpError) as error:
        # Past the SDK's own models, which would not let most of these out.
        plane.agent_runs.activities._post(f"{app.workspace_slug}/runs/{run.id}/activities", body)
    refused(error, 400, *words)
    said = error.value.response
    assert isinstance(said, dict)
    assert said["error"] == said["detail"] == said["message"]
    assert isinstance(said[words[0]], list)
    assert contents(plane, app, run) == before
    assert state(plane, app, run) == "created"


def test_pages_follow_each_other_and_tell_how_many_there_are(
    plane: PlaneClient, app: Installed, run: AgentRun
) -> None:
    for number in range(4):
        report(plane, app, run.id, "thought", f"Thought {number}")
    seen, cursor = [], None
    for size in (2, 2, 1):
        params = {"per_page": 2} if cursor is None else {"cursor": cursor}
        page = plane.agent_runs.activities.list(app.workspace_slug, run.id, params)
        assert (page.count, page.total_results, page.total_pages) == (size, 5, 3)
        assert page.prev_page_results is (cursor is not None)
        seen += [one.content.body for one in page.results]
        cursor = page.next_cursor
    assert seen == ["What is the weather?", *(f"Thought {number}" for number in range(4))]
    assert (page.next_page_results, cursor) == (False, "2:3:0")
    back = plane.agent_runs.activities.list(
        app.workspace_slug, run.id, {"cursor": page.prev_cursor}
    )
    assert [one.content.body for one in back.results] == seen[2:4]
    beyond = plane.agent_runs.activities.list(app.workspace_slug, run.id, {"cursor": "2:9:0"})
    assert beyond.results == []
    for wrong in ("2", "a:b:c", "2:x:0"):
        with pytest.raises(HttpError) as error:
            plane.agent_runs.activities.list(app.workspace_slug, run.id, {"cursor": wrong})
        refused(error, 400, "cursor")


def test_another_agents_run_looks_like_none(
    server: Server, plane: PlaneClient, app: Installed, other: Installed, run: AgentRun
) -> None:
    stranger = client_of(server, other)
    (prompt,) = plane.agent_runs.activities.list(app.workspace_slug, run.id).results
    asks = [
        lambda run_id: stranger.agent_runs.retrieve(app.workspace_slug, run_id),
        lambda run_id: stranger.agent_runs.activities.list(app.workspace_slug, run_id),
        lambda run_id: stranger.agent_runs.activities.retrieve(
            app.workspace_slug, run_id, prompt.id
        ),
        lambda run_id: report(stranger, app, run_id, "response", "Mine now."),
    ]
    for ask in asks:
        said = []
        for run_id in (run.id, RUN_OF_NOBODY):
            with pytest.raises(HttpError) as error:
                ask(run_id)
            refused(error, 404)
            said.append(error.value.response)
        assert said[0] == said[1]
    assert contents(plane, app, run) == ["prompt"]


def test_another_workspace_is_not_there(plane: PlaneClient, run: AgentRun) -> None:
    with pytest.raises(HttpError) as error:
        plane.agent_runs.retrieve("another-workspace", run.id)
    refused(error, 404)


def test_an_agent_begins_a_run_of_its_own_and_of_nobody_else(
    plane: PlaneClient, app: Installed, other: Installed, run: AgentRun
) -> None:
    report(plane, app, run.id, "response", "Done.")
    begun = plane.agent_runs.create(
        app.workspace_slug,
        CreateAgentRun(agent_slug="weather-bot", external_link="https://agent.example/runs/1"),
    )
    assert (begun.status.value, begun.external_link) == ("created", "https://agent.example/runs/1")
    assert begun.agent_user == app.id
    again = plane.agent_runs.create(app.workspace_slug, CreateAgentRun(agent_slug="weather-bot"))
    assert again.id == begun.id
    with pytest.raises(HttpError) as error:
        plane.agent_runs.create(app.workspace_slug, CreateAgentRun(agent_slug="invoice-bot"))
    refused(error, 400, "agent_slug")
    with pytest.raises(HttpError) as error:
        plane.agent_runs.create(
            app.workspace_slug, CreateAgentRun(agent_slug="weather-bot", issue=other.id)
        )
    refused(error, 404)
    report(plane, app, begun.id, "response", "Done again.")


def test_a_conversation_is_a_work_item_to_be_read_with_its_messages_as_comments(
    plane: PlaneClient, app: Installed, run: AgentRun
) -> None:
    response = report(plane, app, run.id, "response", "It is **sunny**.")
    assert run.project
    assert run.issue
    item = plane.work_items.retrieve(app.workspace_slug, run.project, run.issue)
    assert (item.id, item.name, item.assignees) == (app.id, "Weather bot", [app.id])
    assert item.priority == "none"
    page = plane.work_items.comments.list(
        app.workspace_slug, run.project, run.issue, {"per_page": 1}
    )
    (newest,) = page.results
    assert (newest.id, newest.actor) == (response.comment, app.id)
    assert newest.comment_html == "<p>It is <strong>sunny</strong>.</p>\n"
    assert newest.comment_stripped == "It is sunny."
    assert page.next_page_results
    page = plane.work_items.comments.list(
        app.workspace_slug, run.project, run.issue, {"cursor": page.next_cursor}
    )
    assert [one.id for one in page.results] == [run.comment]
    # By keys there is one way to go.
    assert not page.prev_page_results
    one = plane.work_items.comments.retrieve(
        app.workspace_slug, run.project, run.issue, str(run.comment)
    )
    assert (one.comment_stripped, one.actor) == ("What is the weather?", run.creator)


def test_conversations_are_only_read_and_those_of_others_are_not_there(
    server: Server, plane: PlaneClient, app: Installed, other: Installed, run: AgentRun
) -> None:
    assert run.project
    assert run.issue
    with pytest.raises(HttpError) as error:
        plane.work_items.comments.create(
            app.workspace_slug,
            run.project,
            run.issue,
            CreateWorkItemComment(comment_html="<p>x</p>"),
        )
    refused(error, 405)
    stranger = client_of(server, other)
    for ask in (stranger.work_items.retrieve, stranger.work_items.comments.list):
        with pytest.raises(HttpError) as error:
            ask(app.workspace_slug, run.project, run.issue)
        refused(error, 404)
    with pytest.raises(HttpError) as error:
        plane.work_items.retrieve(app.workspace_slug, RUN_OF_NOBODY, run.issue)
    refused(error, 404)


def test_the_members_are_the_agents_people_and_itself(
    plane: PlaneClient, app: Installed, run: AgentRun
) -> None:
    members = plane.workspaces.get_members(app.workspace_slug)
    assert {str(member.id) for member in members} == {run.creator, app.id}


def test_what_is_not_about_agents_is_not_there_and_says_so(
    plane: PlaneClient, app: Installed
) -> None:
    with pytest.raises(HttpError) as error:
        plane.projects.list(app.workspace_slug)
    refused(error, 404, "docs/compat-plane.md")


def test_a_key_that_is_bound_to_one_agent_does_as_well(server: Server) -> None:
    robot = server.robot("Key bearer")
    for client in (
        PlaneClient(base_url=server.url, api_key=robot.key),
        PlaneClient(base_url=server.url, access_token=robot.key),
    ):
        assert client.users.get_me().id == robot.agent_id


@pytest.mark.parametrize("token", ["hpo_unknown", "hp_unknown", "x"])
def test_who_is_nobody_is_told_so(server: Server, app: Installed, token: str) -> None:
    with pytest.raises(HttpError) as error:
        PlaneClient(base_url=server.url, access_token=token).users.get_me()
    refused(error, 401)


def test_a_bot_token_by_json_opens_the_same_doors(server: Server, app: Installed) -> None:
    oauth = OAuthClient(
        base_url=server.url, client_id=app.client_id, client_secret=app.client_secret
    )
    token = oauth.get_client_credentials_token(app_installation_id=app.app_installation_id)
    assert (token.token_type, token.expires_in, token.scope) == ("Bearer", 86_400, "read write")
    assert token.refresh_token is None
    plane = PlaneClient(base_url=server.url, access_token=token.access_token)
    assert plane.users.get_me().id == app.id
    oauth.revoke_token(token.access_token)
    with pytest.raises(HttpError) as error:
        plane.users.get_me()
    refused(error, 401)


def test_a_wrong_secret_and_another_installation_get_no_token(
    server: Server, app: Installed, other: Installed
) -> None:
    wrong = OAuthClient(base_url=server.url, client_id=app.client_id, client_secret="guess")
    with pytest.raises(HttpError) as error:
        wrong.get_client_credentials_token(app_installation_id=app.app_installation_id)
    refused(error, 401, "invalid client")
    oauth = OAuthClient(
        base_url=server.url, client_id=app.client_id, client_secret=app.client_secret
    )
    with pytest.raises(HttpError) as error:
        oauth.get_client_credentials_token(app_installation_id=other.app_installation_id)
    refused(error, 400, "app_installation_id")


def test_a_person_consents_and_the_code_becomes_a_token_of_the_agent(
    server: Server, person: Human
) -> None:
    callback = "http://127.0.0.1:9/callback"
    app = installed(server, "Consented bot", "--redirect-uri", callback)
    oauth = OAuthClient(
        base_url=server.url, client_id=app.client_id, client_secret=app.client_secret
    )
    url = oauth.get_authorization_url(redirect_uri=callback, state="of-mine")
    path = url.removeprefix(server.url)
    page = person.get(path)
    assert page.status_code == 200
    assert "Install Consented bot?" in page.text
    assert "form-action 'self' http://127.0.0.1:9" in page.headers["Content-Security-Policy"]
    back = person.request("POST", path, data={"decision": "allow"}, allow_redirects=False)
    assert back.status_code == 302, back.text
    query = parse_qs(urlsplit(back.headers["Location"]).query)
    assert back.headers["Location"].startswith(callback)
    assert query["state"] == ["of-mine"]
    assert query["app_installation_id"] == [app.app_installation_id]
    token = oauth.exchange_code(code=query["code"][0], redirect_uri=callback)
    plane = PlaneClient(base_url=server.url, access_token=token.access_token)
    assert plane.users.get_me().id == app.id
    assert token.refresh_token
    fresh = oauth.refresh_token(token.refresh_token)
    assert fresh.access_token != token.access_token
    assert (
        PlaneClient(base_url=server.url, access_token=fresh.access_token).users.get_me().id
        == app.id
    )
    with pytest.raises(HttpError):
        oauth.exchange_code(code=query["code"][0], redirect_uri=callback)


def test_who_says_no_installs_nothing_and_an_unknown_address_is_not_redirected_to(
    server: Server, person: Human
) -> None:
    callback = "http://127.0.0.1:9/callback"
    app = installed(server, "Declined bot", "--redirect-uri", callback)
    press(person, app.client_id, "revoke")
    oauth = OAuthClient(
        base_url=server.url, client_id=app.client_id, client_secret=app.client_secret
    )
    path = oauth.get_authorization_url(redirect_uri=callback).removeprefix(server.url)
    back = person.request("POST", path, data={"decision": "deny"}, allow_redirects=False)
    assert "error=access_denied" in back.headers["Location"]
    assert "code=" not in back.headers["Location"]
    elsewhere = oauth.get_authorization_url(redirect_uri="https://evil.example/").removeprefix(
        server.url
    )
    for method in ("GET", "POST"):
        answer = person.request(
            method, elsewhere, data={"decision": "allow"}, allow_redirects=False
        )
        assert answer.status_code == 400
        assert "Location" not in answer.headers
    assert "Not installed" in press(person, app.client_id)
    with pytest.raises(HttpError) as error:
        oauth.get_client_credentials_token(app_installation_id=app.app_installation_id)
    refused(error, 400)
    # The same page does install it where the answer is yes.
    person.request("POST", path, data={"decision": "allow"}, allow_redirects=False)
    assert "Not installed" not in press(person, app.client_id)


def test_both_webhooks_come_signed_and_whole(
    app: Installed, run: AgentRun, plane: PlaneClient, person: Human, there: Receiver
) -> None:
    created = heard_of(there, "x-plane-event", "agent_run_create", run.id)
    told = heard_of(there, "x-plane-event", "agent_run_user_prompt", run.id)
    assert created.headers["x-plane-delivery"] != told.headers["x-plane-delivery"]
    for one in (created, told):
        digest = hmac.new(app.webhook_secret.encode(), one.body, hashlib.sha256).hexdigest()
        assert one.headers["x-plane-signature"] == digest
        assert one.headers["user-agent"] == "Autopilot"
        AgentRun.model_validate(one.json["agent_run"])
        assert one.json["agent_user_id"] == app.id
        assert one.json["app_client_id"] == app.client_id
        assert one.json["workspace_id"] == run.workspace
        assert one.json["issue_id"] == run.issue
        assert one.json["data"]["agent_run"] == one.json["agent_run"]
    assert (created.json["action"], created.json["type"]) == ("created", "agent_run")
    assert created.json["event"] == "agent_run_create"
    assert (told.json["action"], told.json["type"]) == ("prompted", "agent_run_activity")
    activity = AgentRunActivity.model_validate(told.json["agent_run_activity"])
    assert activity.content.body == "What is the weather?"
    assert activity.actor == run.creator


def tried_at(person: Human, app: Installed, event: str) -> datetime:
    """When the only delivery of this event was tried."""

    def look() -> list[Any]:
        (one,) = person.get("/api/deliveries", agent=app.id, event=event).json()["data"]
        tries: list[Any] = person.get(f"/api/deliveries/{one['id']}").json()["attemptLog"]
        return tries

    return datetime.fromisoformat(until(look)[0]["at"])


def test_a_slow_receiver_hears_of_the_run_before_it_hears_of_the_prompt(
    server: Server, person: Human
) -> None:
    with receiver() as there:
        app = installed(server, "Slow bot", "--webhook", there.url, "--dialect", "plane")
        there.answer = lambda heard: (200, {}, 1.0 if heard.json["action"] == "created" else 0.0)
        prompted(person, app)
        until(lambda: len(there.heard) == 2)
        assert [heard.json["action"] for heard in there.heard] == ["created", "prompted"]
        begun, told = (tried_at(person, app, event) for event in ("run:created", "run:activity"))
        assert told - begun >= timedelta(seconds=1), "The first had been answered."


def test_a_test_event_is_signed_as_all_are_and_starts_nothing(
    server: Server, person: Human
) -> None:
    with receiver() as there:
        app = installed(server, "Tested bot", "--webhook", there.url, "--dialect", "plane")
        assert person.post(f"/settings/agents/{app.id}/webhook/test/").ok
        (heard,) = until(lambda: there.heard)
        digest = hmac.new(app.webhook_secret.encode(), heard.body, hashlib.sha256).hexdigest()
        assert heard.headers["x-plane-signature"] == digest
        assert heard.headers["x-plane-event"] == heard.json["event"] == "webhook_test"
        # Neither of the two types a handler asks for, and no run that it could answer in.
        assert (heard.json["type"], heard.json["action"]) == ("webhook_test", "test")
        assert "agent_run" not in heard.json
        assert heard.json["agent_user_id"] == app.id
        assert heard.json["app_client_id"] == app.client_id
        assert heard.json["data"]["workspace_id"] == heard.json["workspace_id"]

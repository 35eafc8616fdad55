"""What the samples of Plane's pages about agents call, with both SDKs: the same calls and shapes, and what becomes of them here."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from plane import PlaneClient
from plane.models.agent_runs import CreateAgentRunActivity

from tests import needs
from tests.compat.noded import Node
from tests.compat.parts import Installed, heard_of, installed, prompted, run_of
from tests.processes import Human, Server, until
from tests.receiver import OK, Answer, Heard, Receiver, receiver

pytestmark = [pytest.mark.processes, needs.node]
Json = dict[str, Any]

OPTIONS = [
    {"id": "north", "label": "North pier", "description": "Windy"},
    {"id": "south", "label": "South pier"},
]
FINDINGS = {"tides": [{"at": "06:10", "metres": 1.2}, {"at": "12:25", "metres": 4.9}], "ms": 1250}


def said(type: str, body: str, **more: Any) -> Json:
    return {"type": type, "content": {"type": type, "body": body}, **more}


def done(action: str, parameters: dict[str, str], **more: Any) -> Json:
    content = {"type": "action", "action": action, "parameters": parameters}
    return {"type": "action", "content": content, **more}


@dataclass(frozen=True)
class Call:
    """One activity, the state after it, and what a person then sees of it."""

    body: Json
    status: str
    #: Of the message: the type of its review, or none.
    review: str | None = None

    @property
    def passes(self) -> bool:
        return self.body["type"] in ("thought", "action")


CALLS = {
    "a thought": Call(said("thought", "Looking at the tables…"), "in_progress"),
    "an action": Call(done("lookUpTide", {"place": "Leith"}), "in_progress"),
    "an action with several parameters": Call(
        done("findBoats", {"harbour": "Leith", "limit": "10"}), "in_progress"
    ),
    "an action and its result": Call(
        done("findBoats", {"harbour": "Leith", "result": "Two boats"}), "in_progress"
    ),
    "an action, its result and the whole of it": Call(
        done(
            "lookUpTide",
            {"place": "Leith", "result": "High at 12:25"},
            content_metadata={"result": FINDINGS},
        ),
        "in_progress",
    ),
    "a response": Call(said("response", "High water is at **12:25**."), "completed"),
    "a response that says go on": Call(
        said("response", "High water is at 12:25.\n\nAnd tomorrow?", signal="continue"), "completed"
    ),
    "a question": Call(said("elicitation", "Which harbour?"), "awaiting", "text-input"),
    "a choice": Call(
        said(
            "elicitation",
            "Which pier?\n\n1. North\n2. South",
            signal="select",
            signal_metadata={"options": [{"id": "n", "label": "North"}, {"id": "s", "label": "S"}]},
        ),
        "awaiting",
        "selection",
    ),
    "a choice of exactly one, with descriptions": Call(
        said(
            "elicitation",
            "Which pier?",
            signal="select",
            signal_metadata={"options": OPTIONS, "allow_multiple": False},
        ),
        "awaiting",
        "selection",
    ),
    "a choice of several": Call(
        said(
            "elicitation",
            "Which piers?",
            signal="select",
            signal_metadata={"options": OPTIONS, "allow_multiple": True},
        ),
        "awaiting",
        "selection",
    ),
    "a link to sign in": Call(
        said(
            "elicitation",
            "Please sign in at the harbour office.",
            signal="auth_request",
            signal_metadata={"url": "https://bot.example/auth?session=1"},
        ),
        "awaiting",
        "link",
    ),
    "a link, whose it is and what for": Call(
        said(
            "elicitation",
            "Please sign in at the harbour office.",
            signal="auth_request",
            signal_metadata={
                "url": "https://bot.example/auth?session=2",
                "provider": "harbour",
                "scopes": ["tides", "read:boats"],
            },
        ),
        "awaiting",
        "link",
    ),
    "an error": Call(said("error", "The tables are not to be had."), "failed"),
    "an error with its facts": Call(
        said(
            "error",
            "The tables are not to be had.",
            signal_metadata={"error_code": "NO_TABLES", "retryable": True},
        ),
        "failed",
    ),
    "an error that says when to come back": Call(
        said(
            "error",
            "Too many questions.",
            signal="continue",
            signal_metadata={"error_code": "SLOW_DOWN", "retry_after": 60, "retryable": True},
        ),
        "failed",
    ),
}

Create = Callable[[str, Json], Json]


@dataclass
class Caller:
    """An app and the SDK it is built with."""

    app: Installed
    create: Create
    person: Human

    def status(self, run_id: str) -> str:
        return str(self.run(run_id)["status"])

    def run(self, run_id: str) -> Json:
        found: Json = self.person.get(f"/api/runs/{run_id}").json()
        return found

    def messages(self) -> list[Json]:
        """What stands in the conversation, newest first."""
        found: list[Json] = self.person.get("/api/messages", channel=self.app.id).json()["data"]
        return found

    def fresh_run(self) -> str:
        """A run that a person has just opened."""
        runs = self.person.get("/api/runs", channel=self.app.id).json()["data"]
        if runs and run_of(self.person, self.app)["status"] not in ("completed", "failed"):
            self.create(runs[0]["id"], said("response", "That was all."))
        return str(prompted(self.person, self.app)["id"])


def in_python(server: Server, app: Installed) -> Create:
    plane = PlaneClient(base_url=server.url, access_token=app.access_token)

    def create(run_id: str, body: Json) -> Json:
        made = plane.agent_runs.activities.create(
            workspace_slug=app.workspace_slug, run_id=run_id, data=CreateAgentRunActivity(**body)
        )
        return made.model_dump(mode="json")

    return create


def in_node(server: Server, app: Installed, node: Node) -> Create:
    code = """
        const client = new plane.PlaneClient({ baseUrl, accessToken });
        return await client.agentRuns.activities.create(slug, runId, body);
    """

    def create(run_id: str, body: Json) -> Json:
        about = {"slug": app.workspace_slug, "runId": run_id, "body": body}
        made: Json = node.run(code, baseUrl=server.url, accessToken=app.access_token, **about)
        return made

    return create


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with Node() as running:
        yield running


@pytest.fixture(scope="module", params=["python", "node"])
def caller(request: pytest.FixtureRequest, server: Server, person: Human, node: Node) -> Caller:
    app = installed(server, f"Pilot in {request.param}", "--dialect", "plane")
    in_python_ = request.param == "python"
    create = in_python(server, app) if in_python_ else in_node(server, app, node)
    return Caller(app, create, person)


@pytest.mark.parametrize("name", CALLS)
def test_each_call_is_taken_as_it_is_and_makes_of_the_run_what_it_should(
    caller: Caller, name: str
) -> None:
    call, run_id = CALLS[name], caller.fresh_run()
    made = caller.create(run_id, call.body)
    assert (made["type"], made["agent_run"]) == (call.body["type"], run_id)
    assert call.body["content"].items() <= made["content"].items()
    assert made["signal"] == call.body.get("signal", "continue")
    for key in ("signal_metadata", "content_metadata"):
        assert made[key] == call.body.get(key), "It is kept letter by letter."
    assert caller.status(run_id) == call.status


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if not call.passes])
def test_what_is_said_stands_in_the_conversation(caller: Caller, name: str) -> None:
    call, run_id = CALLS[name], caller.fresh_run()
    made = caller.create(run_id, call.body)
    newest = caller.messages()[0]
    assert (newest["id"], newest["text"]) == (made["comment"], call.body["content"]["body"])
    assert newest["status"] == ("error" if call.body["type"] == "error" else None)
    assert (newest["review"] or {}).get("type") == call.review
    if "error" in name:
        facts = call.body.get("signal_metadata", {})
        assert facts.items() <= caller.run(run_id)["error"].items()


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if call.passes])
def test_a_step_is_shown_with_its_run_and_says_nothing_in_the_conversation(
    caller: Caller, name: str
) -> None:
    call, run_id = CALLS[name], caller.fresh_run()
    before = caller.messages()
    made = caller.create(run_id, call.body)
    assert (made["comment"], made["ephemeral"]) == (None, True)
    assert caller.messages() == before
    page = caller.person.get(f"/runs/{run_id}/").text
    content = call.body["content"]
    for word in (
        content.get("body"),
        content.get("action"),
        *content.get("parameters", {}).values(),
    ):
        assert word is None or word in page


def test_choices_are_offered_as_the_agent_names_them(caller: Caller) -> None:
    for name, mode in (
        ("a choice of exactly one, with descriptions", "single"),
        ("a choice of several", "multi"),
    ):
        caller.create(caller.fresh_run(), CALLS[name].body)
        payload = caller.messages()[0]["review"]["payload"]
        assert (payload["items"], payload["mode"]) == (OPTIONS, mode)


def test_a_link_is_offered_with_whose_it_is(caller: Caller) -> None:
    caller.create(caller.fresh_run(), CALLS["a link, whose it is and what for"].body)
    payload = caller.messages()[0]["review"]["payload"]
    assert payload["url"] == "https://bot.example/auth?session=2"
    assert payload["provider"] == "harbour"


def test_one_of_each_in_a_row_is_taken_although_the_response_ended_the_run(caller: Caller) -> None:
    run_id, states = caller.fresh_run(), []
    row = [
        "a thought",
        "an action",
        "a response that says go on",
        "a choice",
        "an error with its facts",
    ]
    for name in row:
        caller.create(run_id, CALLS[name].body)
        states.append(caller.status(run_id))
    assert states == ["in_progress", "in_progress", "completed", "awaiting", "failed"]
    error, question, response = caller.messages()[:3]
    assert (error["status"], response["review"]) == ("error", None)
    assert question["review"]["status"] == "cancelled", "Who has failed asks no longer."
    assert response["text"] == CALLS["a response that says go on"].body["content"]["body"]


Handle = Callable[[Json], None]


def handler_in_python(create: Create) -> Handle:
    def handle(webhook: Json) -> None:
        if webhook.get("type") != "agent_run_activity":
            return
        run_id = webhook["agent_run"]["id"]
        prompt = webhook["agent_run_activity"]
        if prompt["signal"] == "stop":
            create(run_id, said("response", "Standing down."))
            return
        create(run_id, said("thought", "Reading the tables…"))
        asked = prompt["content"].get("body", "")
        if "wait" not in asked:
            create(run_id, said("response", f"About {asked}: high water."))

    return handle


def handler_in_node(server: Server, app: Installed, node: Node) -> Handle:
    code = """
        const client = new plane.PlaneClient({ baseUrl, accessToken: credentials.bot_token });
        if (webhook.type !== "agent_run_activity") return;
        const run = webhook.agent_run.id;
        const say = (type, body) =>
            client.agentRuns.activities.create(credentials.workspace_slug, run, { type, content: { type, body } });
        const { content, signal } = webhook.agent_run_activity;
        if (signal === "stop") return await say("response", "Standing down.");
        await say("thought", "Reading the tables…");
        const asked = content.body || "";
        if (!asked.includes("wait")) await say("response", `About ${asked}: high water.`);
    """
    credentials = {"bot_token": app.access_token, "workspace_slug": app.workspace_slug}

    def handle(webhook: Json) -> None:
        node.run(code, baseUrl=server.url, webhook=webhook, credentials=credentials)

    return handle


@dataclass
class Listener:
    """An agent that is told by webhook, and does what its handler does."""

    app: Installed
    there: Receiver


@pytest.fixture(scope="module", params=["python", "node"])
def listener(request: pytest.FixtureRequest, server: Server, node: Node) -> Iterator[Listener]:
    with receiver() as there:
        name = f"Listener in {request.param}"
        app = installed(server, name, "--webhook", there.url, "--dialect", "plane")
        if request.param == "python":
            handle = handler_in_python(in_python(server, app))
        else:
            handle = handler_in_node(server, app, node)

        def answer(heard: Heard) -> Answer:
            digest = hmac.new(app.webhook_secret.encode(), heard.body, hashlib.sha256).hexdigest()
            if not hmac.compare_digest(digest, heard.headers["x-plane-signature"]):
                return 401, {}, 0.0
            handle(heard.json)
            return OK

        there.answer = answer
        yield Listener(app, there)


def status_of(person: Human, run_id: str) -> str:
    return str(person.get(f"/api/runs/{run_id}").json()["status"])


def test_a_handler_is_told_of_a_prompt_and_answers_it(person: Human, listener: Listener) -> None:
    run_id = prompted(person, listener.app, "Leith")["id"]
    until(lambda: status_of(person, run_id) == "completed", seconds=20)
    newest = person.get("/api/messages", channel=listener.app.id).json()["data"][0]
    assert newest["text"] == "About Leith: high water."
    assert {code for _, code in listener.there.answered} == {200}


def test_a_handler_is_told_to_stop_and_its_response_makes_the_run_stopped(
    person: Human, listener: Listener
) -> None:
    run_id = prompted(person, listener.app, "Leith, and wait")["id"]
    until(lambda: status_of(person, run_id) == "in_progress", seconds=20)
    assert person.post(f"/api/runs/{run_id}/stop").json()["status"] == "stopping"
    until(lambda: status_of(person, run_id) == "stopped", seconds=20)
    newest = person.get("/api/messages", channel=listener.app.id).json()["data"][0]
    assert newest["text"] == "Standing down."
    told = [one.json for one in listener.there.heard if run_id.encode() in one.body]
    stop = told[-1]["agent_run_activity"]
    assert (stop["type"], stop["content"]["type"], stop["signal"]) == ("prompt", "prompt", "stop")
    assert stop["content"]["body"]


FLAT = {"action", "agent_run", "agent_user_id", "app_client_id", "comment_id", "issue_id", "project_id", "type", "workspace_id"}  # fmt: skip
OF_THE_RUN = {"agent_user", "id", "issue", "project", "started_at", "status", "type", "workspace"}
OF_THE_PROMPT = {"actor", "agent_run", "content", "ephemeral", "id", "signal", "type", "workspace"}


def test_what_the_handlers_are_told_has_every_key_the_pages_name(
    server: Server, person: Human, there: Receiver
) -> None:
    app = installed(server, "Told bot", "--webhook", there.url, "--dialect", "plane")
    run_id = prompted(person, app)["id"]
    created = heard_of(there, "x-plane-event", "agent_run_create", run_id).json
    told = heard_of(there, "x-plane-event", "agent_run_user_prompt", run_id).json
    for body in (created, told):
        assert body.keys() >= FLAT
        assert body["agent_run"].keys() >= OF_THE_RUN
        missing = {key for key in FLAT if body[key] is None}
        assert not missing
    assert told["agent_run_activity"].keys() >= OF_THE_PROMPT
    assert (created["agent_run"]["status"], told["agent_run_activity"]["ephemeral"]) == (
        "created",
        False,
    )

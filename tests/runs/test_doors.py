"""`/api/v1/runs` for agents and `/api/runs` for people: shapes, refusals with field, rule and value, and who sees what."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from agents import keys
from inbox import live
from inbox.models import Message
from placet.events import selectors as events
from reviews.models import Review
from runs.models import Activity, Run
from runs.services import stopping
from tests import cast
from tests.runs.parts import AUTH, SELECT, make_runner, run_of, tell, write
from webhooks.models import Delivery
from webhooks.parcels import Packer
from webhooks.services import endpoints

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner(ada: User) -> cast.Robot:
    return make_runner(ada)


ODD: tuple[Any, ...] = ({}, {"a": 1}, [], [1], [{}], [[["a"]]], 5, True, 1.5, "x")


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("field", ["signal", "removedUrls"])
def test_no_value_of_whatever_kind_breaks_a_door(
    ada: User, runner: cast.Robot, field: str, odd: Any
) -> None:
    write(ada, runner)
    path = f"/api/v1/runs/{run_of(runner).id}"
    said = {"type": "thought", "content": {"body": "x"}, "signal": odd}
    ask, sent = Client().post, said
    if field == "removedUrls":
        ask, sent = Client().patch, {field: odd}
    else:
        path += "/activities"
    answer = ask(path, sent, content_type="application/json", headers=runner.headers)
    if answer.status_code != 200:
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, field)


class Door:
    """One key's requests."""

    def __init__(self, robot: cast.Robot) -> None:
        self.client, self.headers = Client(), robot.headers

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/runs{path}", query, headers=self.headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(
            f"/api/v1/runs{path}",
            body,
            content_type="application/json",
            headers={**self.headers, **headers},
        )

    def patch(self, path: str, body: Any) -> Any:
        return self.client.patch(
            f"/api/v1/runs{path}", body, content_type="application/json", headers=self.headers
        )


@pytest.fixture
def door(runner: cast.Robot) -> Door:
    return Door(runner)


def faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400, answer.json()
    return {error["path"]: error["message"] for error in answer.json()["errors"]}


def test_a_run_and_its_activities_read_as_the_page_says(
    ada: User, runner: cast.Robot, door: Door
) -> None:
    message = write(ada, runner)
    run = run_of(runner)
    (listed,) = door.get("", channel=str(runner.agent.id)).json()["data"]
    assert listed == door.get(f"/{run.id}").json()
    assert listed["staleAt"]
    assert {**listed, "staleAt": None, "updatedAt": None} == {
        "id": str(run.id),
        "agentId": str(runner.agent.id),
        "channelId": str(runner.agent.id),
        "status": "created",
        "unresponsive": False,
        "trigger": "message",
        "creator": {"id": str(ada.pk), "name": "Ada"},
        "messageId": str(message.id),
        "reviewId": None,
        "plan": None,
        "summary": None,
        "links": [],
        "error": None,
        "activityCount": 1,
        "createdAt": listed["createdAt"],
        "updatedAt": None,
        "startedAt": None,
        "endedAt": None,
        "stoppedAt": None,
        "stoppedBy": None,
        "staleAt": None,
    }
    (prompt,) = door.get(f"/{run.id}/activities").json()["data"]
    assert prompt == {
        "id": prompt["id"],
        "runId": str(run.id),
        "number": 1,
        "type": "prompt",
        "content": {"body": "Why is the build red?"},
        "contentMetadata": None,
        "ephemeral": False,
        "signal": None,
        "signalMetadata": None,
        "user": {"id": str(ada.pk), "name": "Ada"},
        "messageId": str(message.id),
        "createdAt": prompt["createdAt"],
    }
    assert door.get(f"/{run.id}/activities/{prompt['id']}").json() == prompt


def test_an_action_is_told_and_read_back(ada: User, runner: cast.Robot, door: Door) -> None:
    write(ada, runner)
    content = {"action": "Read the log", "parameters": {"build": "1240"}, "result": "3 errors"}
    body = {
        "type": "action",
        "content": {"type": "action", **content},
        "contentMetadata": {"lines": [1, 2, 3]},
        "ephemeral": True,
        "signal": "continue",
    }
    answer = door.post(f"/{run_of(runner).id}/activities", body)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["content"], told["contentMetadata"]) == (content, {"lines": [1, 2, 3]})
    assert (told["ephemeral"], told["signal"], told["messageId"]) == (True, None, None)
    assert run_of(runner).status == "in_progress"


BODY = {"body": "So it is."}
REFUSED: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {"type": "thought, action, elicitation, response, error; got null"}),
    ({"type": "prompt", "content": BODY}, {"type": 'only people prompt; got "prompt"'}),
    ({"type": "sigh", "content": BODY}, {"type": 'got "sigh"'}),
    ({"type": "thought"}, {"content": "must be an object; got null"}),
    ({"type": "thought", "content": "Hm"}, {"content": "must be an object; got a string"}),
    ({"type": "thought", "content": {}}, {"content.body": "is required"}),
    ({"type": "thought", "content": {"body": " "}}, {"content.body": 'must not be blank; got " "'}),
    ({"type": "thought", "content": {"body": 5}}, {"content.body": "must be a string; got 5"}),
    (
        {"type": "thought", "content": {"type": "error", "body": "x"}},
        {"content.type": 'must be the type of the activity, "thought"; got "error"'},
    ),
    (
        {"type": "response", "content": {"body": "x" * 200_001}},
        {"content.body": "must have at most 200000 characters; got 200001"},
    ),
    ({"type": "action", "content": {}}, {"content.action": "is required"}),
    (
        {"type": "action", "content": {"action": "Look", "parameters": {"n": 5}}},
        {"content.parameters.n": "must be a string; got 5"},
    ),
    (
        {"type": "action", "content": {"action": "Look", "parameters": ["n"]}},
        {"content.parameters": "must be an object; got an array"},
    ),
    (
        {"type": "action", "content": {"action": "Look", "result": {}}},
        {"content.result": "must be a string; got an object"},
    ),
    (
        {"type": "response", "content": BODY, "ephemeral": True},
        {"ephemeral": "must be false but for a thought and an action; got response"},
    ),
    (
        {"type": "thought", "content": BODY, "ephemeral": "yes"},
        {"ephemeral": 'must be true or false; got "yes"'},
    ),
    (
        {"type": "thought", "content": BODY, "signal": "stop"},
        {"signal": 'only people say stop; got "stop"'},
    ),
    ({"type": "thought", "content": BODY, "signal": 7}, {"signal": "got 7"}),
    (
        {"type": "response", "content": BODY, "signal": "select", "signalMetadata": SELECT},
        {"signal": 'must come with an elicitation; got "select"'},
    ),
    (
        {"type": "elicitation", "content": BODY, "signal": "select"},
        {"signalMetadata.options": "is required"},
    ),
    (
        {
            "type": "elicitation",
            "content": BODY,
            "signal": "select",
            "signalMetadata": {"options": []},
        },
        {"signalMetadata.options": "must have at least 1 item; got 0"},
    ),
    (
        {
            "type": "elicitation",
            "content": BODY,
            "signal": "select",
            "signalMetadata": {"options": [{}]},
        },
        {"signalMetadata.options.0": "must have one of id, value, label"},
    ),
    (
        {
            "type": "elicitation",
            "content": BODY,
            "signal": "select",
            "signalMetadata": {"options": [{"id": "a"}, {"value": "a"}]},
        },
        {"signalMetadata.options.1.id": 'must be unique; got "a" again'},
    ),
    (
        {"type": "elicitation", "content": BODY, "signal": "auth", "signalMetadata": {}},
        {"signalMetadata.url": "is required"},
    ),
    (
        {
            "type": "elicitation",
            "content": BODY,
            "signal": "auth_request",
            "signalMetadata": {"url": "http://bot.example/"},
        },
        {"signalMetadata.url": 'must be an https URL; got "http://bot.example/"'},
    ),
    (
        {"type": "thought", "content": BODY, "contentMetadata": []},
        {"contentMetadata": "must be an object; got an array"},
    ),
    ({"type": "thought", "content": BODY, "id": "mine"}, {"id": 'must be a UUID; got "mine"'}),
]


@pytest.mark.parametrize(("body", "told"), REFUSED)
def test_a_broken_activity_is_refused_by_field_rule_and_value_and_nothing_is_stored(
    ada: User, runner: cast.Robot, door: Door, body: Any, told: dict[str, str]
) -> None:
    write(ada, runner)
    run = run_of(runner)
    found = faults(door.post(f"/{run.id}/activities", body))
    assert found.keys() == told.keys()
    assert all(found[path].endswith(message) for path, message in told.items()), found
    assert (Activity.objects.count(), Message.objects.count()) == (1, 1)
    assert (run_of(runner).status, Review.objects.count()) == ("created", 0)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"plan": {}}, {"plan": "must be an array; got an object"}),
        ({"plan": ["Look"]}, {"plan.0": "must be an object; got a string"}),
        (
            {"plan": [{"content": "Look", "status": "done"}]},
            {
                "plan.0.status": 'must be one of pending, inProgress, completed, canceled; got "done"'
            },
        ),
        ({"plan": [{"status": "pending"}]}, {"plan.0.content": "is required"}),
        ({"summary": "two\nlines"}, {"summary": 'must be one line of text; got "two\\nlines"'}),
        ({"summary": "x" * 256}, {"summary": "must have at most 255 characters; got 256"}),
        (
            {"links": [{"label": "L", "url": "ftp://x"}]},
            {"links.0.url": 'must be an http or https URL without a user name; got "ftp://x"'},
        ),
        ({"links": [{"url": "https://x.example"}]}, {"links.0.label": "is required"}),
        ({"addedLinks": 5}, {"addedLinks": "must be an array; got 5"}),
    ],
)
def test_a_broken_change_is_refused_and_changes_nothing(
    ada: User, runner: cast.Robot, door: Door, changes: Any, told: dict[str, str]
) -> None:
    write(ada, runner)
    before = Run.objects.values().get()
    assert faults(door.patch(f"/{run_of(runner).id}", changes)) == told
    assert Run.objects.values().get() == before


def test_plan_links_and_summary_are_read_back(ada: User, runner: cast.Robot, door: Door) -> None:
    write(ada, runner)
    plan = [{"content": "Look", "status": "inProgress"}]
    links = [{"label": "Build", "url": "https://ci.example/1"}]
    run_id = run_of(runner).id
    told = door.patch(f"/{run_id}", {"plan": plan, "links": links, "summary": "Mending"}).json()
    assert (told["plan"], told["links"], told["summary"]) == (plan, links, "Mending")
    told = door.patch(f"/{run_id}", {"plan": None, "summary": None, "status": "completed"}).json()
    assert (told["plan"], told["summary"], told["status"]) == (None, None, "created")


def test_an_idempotency_key_or_an_id_makes_a_repeated_activity_one(
    ada: User, runner: cast.Robot, door: Door
) -> None:
    write(ada, runner)
    path, body = f"/{run_of(runner).id}/activities", {"type": "response", "content": BODY}
    by_key = [door.post(path, body, **{"Idempotency-Key": "done"}).json() for _ in range(2)]
    assert by_key[0] == by_key[1]
    other = {"type": "response", "content": {"body": "Or not."}}
    assert door.post(path, other, **{"Idempotency-Key": "done"}).status_code == 409
    named = {**body, "id": str(uuid4())}
    by_id = [door.post(path, named).json() for _ in range(2)]
    assert by_id[0] == by_id[1]
    assert by_id[0]["id"] == named["id"]
    assert Message.objects.filter(sender_type="agent").count() == 2


def test_the_same_idempotency_key_of_another_key_is_another_activity(
    ada: User, runner: cast.Robot, door: Door
) -> None:
    write(ada, runner)
    issued = keys.issue_key(by=ada.as_actor(), agent_id=runner.agent.id)
    twin = Door(cast.Robot(agent=runner.agent, key=issued.key))
    path, body = f"/{run_of(runner).id}/activities", {"type": "thought", "content": BODY}
    ids = {one.post(path, body, **{"Idempotency-Key": "1"}).json()["id"] for one in (door, twin)}
    assert len(ids) == 2


def test_pages_follow_one_another(ada: User, runner: cast.Robot, door: Door) -> None:
    write(ada, runner)
    run_id = run_of(runner).id
    for n in range(5):
        tell(runner, "thought", f"{n}")
    seen: list[int] = []
    cursor: Any = ""
    while cursor is not None:
        page = door.get(f"/{run_id}/activities", cursor=cursor, limit=2).json()
        seen += [one["number"] for one in page["data"]]
        cursor = page["nextCursor"]
    assert seen == [1, 2, 3, 4, 5, 6]
    refused = faults(door.get(f"/{run_id}/activities", cursor="x"))
    assert refused == {"cursor": 'must be a nextCursor of this list; got "x"'}


def test_runs_are_listed_newest_first_and_narrowed_by_state(
    ada: User, runner: cast.Robot, door: Door
) -> None:
    for _ in range(3):
        write(ada, runner)
        tell(runner, "response")
    write(ada, runner)
    page = door.get("", limit=3).json()
    assert [one["status"] for one in page["data"]] == ["created", "completed", "completed"]
    rest = door.get("", limit=3, cursor=page["nextCursor"]).json()
    assert ([one["status"] for one in rest["data"]], rest["nextCursor"]) == (["completed"], None)
    assert len(door.get("", status="completed").json()["data"]) == 3
    assert "status" in faults(door.get("", status="done"))


def test_another_agents_run_is_not_there(
    ada: User, runner: cast.Robot, other_robot: cast.Robot, door: Door
) -> None:
    write(ada, runner)
    run, prompt = run_of(runner), Activity.objects.get()
    stranger, nothing = Door(other_robot), uuid4()
    sibling = Door(make_runner(ada, "Sibling"))
    for other in (stranger, sibling):
        for path in ("", "/activities", f"/activities/{prompt.pk}"):
            theirs, none = other.get(f"/{run.id}{path}"), other.get(f"/{nothing}{path}")
            assert (theirs.status_code, none.status_code) == (404, 404)
            assert theirs.json()["message"] == none.json()["message"]
        bad = {"type": "prompt", "content": "nonsense"}
        assert other.post(f"/{run.id}/activities", bad).status_code == 404
        assert other.patch(f"/{run.id}", {"summary": 5}).status_code == 404
        assert other.get("", channel=str(runner.agent.id)).status_code == 403
    assert Activity.objects.count() == 1
    assert door.get(f"/{uuid4()}").status_code == 404
    other_run = door.post("", {}).json()
    assert door.get(f"/{other_run['id']}/activities/{uuid4()}").status_code == 404


def test_a_key_without_the_write_scope_only_reads(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    issued = keys.issue_key(by=ada.as_actor(), agent_id=runner.agent.id, scopes=["read"])
    reader = Door(cast.Robot(agent=runner.agent, key=issued.key))
    run_id = run_of(runner).id
    assert reader.get(f"/{run_id}").status_code == 200
    body = {"type": "thought", "content": BODY}
    assert reader.post(f"/{run_id}/activities", body).status_code == 403


def test_an_agent_begins_a_run_and_joins_it(runner: cast.Robot, door: Door) -> None:
    links = [{"label": "Live", "url": "https://bot.example/live"}]
    begun = door.post("", {"channelId": str(runner.agent.id), "links": links})
    assert (begun.status_code, begun.json()["links"]) == (201, links)
    assert begun.json()["trigger"] == "agent"
    tell(runner, "response")
    about = cast.say(runner).id
    assert door.post("", {"messageId": str(about)}).json()["messageId"] == str(about)
    for nowhere in (str(uuid4()), "nonsense"):
        refused = faults(door.post("", {"messageId": nowhere}))
        assert refused == {"messageId": "must be a message of this conversation"}
    assert door.post("", {}).json()["id"] == str(run_of(runner).id)
    assert "links.0.url" in faults(door.post("", {"links": [{"label": "x", "url": "x"}]}))


def test_a_person_reads_stops_and_prompts(
    ada: User, browser: Client, runner: cast.Robot, bob: User
) -> None:
    write(ada, runner)
    run_id = str(run_of(runner).id)
    tell(runner, "thought", "Looking")
    listed = browser.get("/api/runs", {"channel": str(runner.agent.id)}).json()["data"]
    assert listed == [browser.get(f"/api/runs/{run_id}").json()]
    assert len(browser.get(f"/api/runs/{run_id}/activities").json()["data"]) == 2
    assert browser.get(f"/api/runs/{run_id}/stop").status_code == 405
    stopped = browser.post(f"/api/runs/{run_id}/stop", content_type="application/json")
    assert (stopped.status_code, stopped.json()["status"]) == (200, "stopping")
    tell(runner, "response", "Stopped.")
    again = browser.post(f"/api/runs/{run_id}/stop", content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "run_ended")
    body = {"text": "Go on after all"}
    told = browser.post(f"/api/runs/{run_id}/prompts", body, content_type="application/json")
    assert (told.status_code, told.json()["status"]) == (201, "in_progress")
    stranger = Client()
    stranger.force_login(bob)
    for path in ("", "/activities"):
        assert stranger.get(f"/api/runs/{run_id}{path}").status_code == 404
    for path in ("/stop", "/prompts"):
        refused = stranger.post(f"/api/runs/{run_id}{path}", {}, content_type="application/json")
        assert refused.status_code == 404


def test_a_key_has_nothing_to_say_at_peoples_door(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    run_id, client = run_of(runner).id, Client()
    for path in ("stop", "prompts"):
        answer = client.post(
            f"/api/runs/{run_id}/{path}", {}, "application/json", headers=runner.headers
        )
        assert answer.status_code == 401
    assert run_of(runner).status == "created"


def test_an_elicitation_is_waited_for_like_every_review(
    ada: User, runner: cast.Robot, door: Door
) -> None:
    write(ada, runner)
    body = {
        "type": "elicitation",
        "content": BODY,
        "signal": "auth",
        "signalMetadata": AUTH,
    }
    asked = door.post(f"/{run_of(runner).id}/activities", body).json()
    review = Client().get(f"/api/v1/reviews/{asked['messageId']}", headers=runner.headers).json()
    assert review["review"]["type"] == "link"
    assert door.get(f"/{asked['runId']}").json()["reviewId"] == asked["messageId"]


def test_reports_and_lists_cost_the_same_however_long_the_run_is(
    ada: User, runner: cast.Robot, door: Door, django_assert_num_queries: Any
) -> None:
    from django.db import connection

    write(ada, runner)
    run_id = run_of(runner).id

    def cost(*, of: Any) -> int:
        with CaptureQueriesContext(connection) as seen:
            of()
        return len(seen)

    def costs() -> list[int]:
        return [
            cost(of=lambda: tell(runner, "thought", run=run_id)),
            cost(of=lambda: door.get("")),
            cost(of=lambda: door.get(f"/{run_id}/activities")),
        ]

    few = costs()
    for n in range(20):
        tell(runner, "thought", f"{n}")
    assert costs() == few


@pytest.mark.django_db(transaction=True)
def test_the_feed_and_the_socket_tell_ids_and_no_contents(ada: User, runner: cast.Robot) -> None:
    write(ada, runner, "A secret plan")
    tell(runner, "thought", "A secret thought")
    stopping.stop(by=ada.as_actor(), run_id=run_of(runner).id)
    answer = Client().get("/api/v1/events", {"after": "0"}, headers=runner.headers).json()
    told = [one for one in answer["data"] if one["type"].startswith("run:")]
    activities = list(Activity.objects.order_by("number"))
    run_id = str(run_of(runner).id)
    assert [
        {name: value for name, value in one.items() if name not in {"eventId", "recordedAt"}}
        for one in told
    ] == [
        {
            "type": "run:created",
            "channelId": str(runner.agent.id),
            "runId": run_id,
            "trigger": "message",
        },
        *(
            {
                "type": "run:activity",
                "channelId": str(runner.agent.id),
                "runId": run_id,
                "activityId": str(row.pk),
                "activityType": kind,
                "status": status,
                **signal,
            }
            for row, (kind, status, signal) in zip(
                activities,
                [
                    ("prompt", "created", {}),
                    ("thought", "in_progress", {}),
                    ("prompt", "stopping", {"signal": "stop"}),
                ],
                strict=True,
            )
        ),
    ]
    frames = [live.frame_of(one) for one in events.events_since(0)]
    assert len([frame for frame in frames if '"run:' in frame]) == 4
    assert "secret" not in str(frames)


def test_a_webhook_hears_of_a_run_and_of_what_people_say_in_it(
    ada: User, runner: cast.Robot
) -> None:
    url = "https://hooks.example/"
    endpoints.set_agent_webhook(by=runner.actor, agent_id=runner.agent.id, url=url)
    write(ada, runner)
    tell(runner, "thought", "Looking")
    tell(runner, "response", "Done.")
    rows = list(Delivery.objects.filter(event_type__startswith="run:").order_by("pk"))
    assert [row.event_type for row in rows] == ["run:created", "run:activity"]
    packer = Packer(rows)
    for row in rows:
        packer.freeze(row)
    assert '"status":"completed"' in str(rows[0].body), "The run as it is when it is told."
    assert '"body":"Why is the build red?"' in str(rows[1].body)

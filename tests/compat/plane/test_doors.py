"""Plane's doors without a server: scopes, guests, the flat query count, and a body that two kinds of handlers can read."""

import time
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from agents import services as agents
from compat.apps import services
from compat.apps.auth import actor_of_token
from compat.plane.paging import Wanted
from compat.plane.place import Place
from compat.plane.wire import draft_of
from inbox.services import writing
from placet.lib.errors import Invalid
from runs import selectors as runs
from runs.drafts import draft
from runs.services import admitting, reporting
from runs.snapshots import RunSnapshot
from tests import cast
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


class Caller:
    """An installed app of Ada's, and HTTP with its token."""

    def __init__(self, ada: User, *scopes: str, name: str = "Weather bot") -> None:
        made = services.register_app(
            by=ada.as_actor(), name=name, webhook_url="https://bot.example/hook"
        )
        services.install_app(by=ada.as_actor(), app_id=made.app.id, scopes=scopes or None)
        self.id, self.app = made.app.agent.id, made.app
        self.token = services.issue_token(by=ada.as_actor(), app_id=made.app.id).token
        self.actor, self.client = actor_of_token(self.token), Client()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        place = Place.ours()
        path = path.replace("{slug}", place.slug).replace("{project}", str(place.project_id))
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            body or "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}"},
        )


@pytest.fixture
def caller(ada: User) -> Caller:
    return Caller(ada)


def prompted(ada: User, agent_id: UUID, text: str = "Rain?") -> RunSnapshot:
    writing.write_message(by=ada.as_actor(), agent_id=agent_id, text=text)
    return runs.runs_page(ada.as_actor(), agent_id).runs[0]


def think(caller: Caller, run: RunSnapshot, text: str = "…") -> None:
    told = draft(type="thought", content={"body": text})
    reporting.report(by=caller.actor, run_id=run.id, draft=told)


DOORS = {
    ("GET", "users/me/"): "profile:read",
    ("GET", "workspaces/{slug}/members/"): "profile:read",
    ("POST", "workspaces/{slug}/runs/"): "agents.runs:write",
    ("GET", "workspaces/{slug}/runs/{run}/"): "agents.runs:read",
    ("GET", "workspaces/{slug}/runs/{run}/activities/"): "agents.run_activities:read",
    ("POST", "workspaces/{slug}/runs/{run}/activities/"): "agents.run_activities:write",
    ("GET", "workspaces/{slug}/projects/{project}/work-items/{item}/"): "projects.work_items:read",
    (
        "GET",
        "workspaces/{slug}/projects/{project}/work-items/{item}/comments/",
    ): "projects.work_items.comments:read",
}


@pytest.mark.parametrize("door", DOORS, ids=[f"{method} {path}" for method, path in DOORS])
def test_each_door_needs_its_own_scope(ada: User, door: tuple[str, str]) -> None:
    method, path = door
    scope = DOORS[door]
    others = sorted(set(DOORS.values()) - {scope})
    bodies = {"workspaces/{slug}/runs/": b'{"agent_slug": "Weather bot"}'}
    thought = b'{"type": "thought", "content": {"body": "x"}}'
    for scopes, statuses in ((others, {403}), ([scope], {200, 201})):
        caller = Caller(ada, *scopes)
        run = prompted(ada, caller.id)
        where = path.replace("{run}", str(run.id)).replace("{item}", str(caller.id))
        answer = caller.ask(method, where, bodies.get(path, thought))
        assert answer.status_code in statuses, answer.content
        assert answer.headers["Content-Type"] == "application/json"


def test_listing_activities_costs_the_same_however_many_there_are(
    ada: User, caller: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = prompted(ada, caller.id)
    path = f"workspaces/{{slug}}/runs/{run.id}/activities/"
    for more in (2, 20):
        for number in range(more):
            think(caller, run, f"{number}")
        with django_assert_num_queries(8):
            assert caller.ask("GET", path).status_code == 200


def test_of_a_conversation_it_is_a_guest_in_it_sees_its_name_and_not_what_is_said(
    ada: User, caller: Caller, robot: cast.Robot
) -> None:
    cast.say(robot, "For Ada alone")
    base = f"workspaces/{{slug}}/projects/{{project}}/work-items/{robot.agent.id}/"
    assert caller.ask("GET", base).status_code == 404
    admitting.admit(by=ada.as_actor(), agent_id=caller.id, channel=robot.agent.id)
    item = caller.ask("GET", base)
    assert (item.status_code, item.json()["name"]) == (200, "Deploy pilot")
    assert caller.ask("GET", f"{base}comments/").status_code == 404


def test_a_run_begins_where_the_agent_may_speak_and_elsewhere_looks_like_nowhere(
    ada: User, caller: Caller, robot: cast.Robot
) -> None:
    def begin(issue: object) -> Any:
        body = orjson.dumps({"agent_slug": "Weather bot", "issue": issue})
        return caller.ask("POST", "workspaces/{slug}/runs/", body)

    strange, nowhere = begin(str(robot.agent.id)), begin("0" * 32)
    assert (strange.status_code, nowhere.status_code) == (404, 404)
    assert strange.json() == nowhere.json()
    assert (begin([]).status_code, begin("x").status_code) == (201, 404)
    admitting.admit(by=ada.as_actor(), agent_id=caller.id, channel=robot.agent.id)
    assert begin(str(robot.agent.id)).json()["issue"] == str(robot.agent.id)
    assert begin(str(caller.id)).json()["issue"] == str(caller.id)


def test_the_fields_that_were_asked_for_and_no_others(ada: User, caller: Caller) -> None:
    path = f"workspaces/{{slug}}/projects/{{project}}/work-items/{caller.id}/?fields=id,name"
    assert caller.ask("GET", path).json() == {"id": str(caller.id), "name": "Weather bot"}


def test_what_is_to_be_expanded_is_whole(ada: User, caller: Caller) -> None:
    path = f"workspaces/{{slug}}/projects/{{project}}/work-items/{caller.id}/"
    item = caller.ask("GET", f"{path}?expand=assignees,project,state").json()
    assert [one["display_name"] for one in item["assignees"]] == ["Weather bot"]
    assert item["project"]["id"] == caller.ask("GET", path).json()["project"]
    assert item["state"] is None


def test_the_last_page_of_comments_says_that_it_is(ada: User, caller: Caller) -> None:
    for text in ("One", "Two", "Three", "Four"):
        prompted(ada, caller.id, text)
    path = f"workspaces/{{slug}}/projects/{{project}}/work-items/{caller.id}/comments/"
    seen, query = [], "per_page=2"
    for more in (True, False):
        page = caller.ask("GET", f"{path}?{query}").json()
        assert page["next_page_results"] is more
        seen += [one["comment_stripped"] for one in page["results"]]
        query = f"cursor={page['next_cursor']}"
    assert seen == ["Four", "Three", "Two", "One"]
    for wrong in ("2:x:0", "2:7:0", "2::0"):
        assert caller.ask("GET", f"{path}?cursor={wrong}").status_code == 400


def test_another_project_and_another_type_are_none_of_ours(ada: User, caller: Caller) -> None:
    run = prompted(ada, caller.id)
    thought = {"type": "thought", "content": {"body": "x"}, "project": str(caller.id)}
    path = f"workspaces/{{slug}}/runs/{run.id}/activities/"
    assert caller.ask("POST", path, _json(thought)).status_code == 404
    ours = {**thought, "project": str(Place.ours().project_id)}
    assert caller.ask("POST", path, _json(ours)).status_code == 201
    odd = {"agent_slug": "weather-bot", "type": "call"}
    refused = caller.ask("POST", "workspaces/{slug}/runs/", _json(odd))
    assert (refused.status_code, "type" in refused.json()) == (400, True)
    plain = {"agent_slug": "weather-bot", "type": "comment_thread"}
    assert caller.ask("POST", "workspaces/{slug}/runs/", _json(plain)).status_code == 201


def test_past_its_rate_it_is_told_when_to_come_back_in_planes_headers(
    ada: User, caller: Caller, settings: Any
) -> None:
    settings.PLACET_RATE_PER_KEY = "1/minute"
    assert caller.ask("GET", "users/me/").status_code == 200
    refused = caller.ask("GET", "users/me/")
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (429, "0")
    assert int(refused.headers["X-RateLimit-Reset"]) > time.time()
    assert refused.json()["message"]


def test_a_path_without_its_slash_is_not_redirected(caller: Caller) -> None:
    for path in ("users/me", "workspaces/{slug}/runs"):
        assert caller.ask("POST", path, b"{}").status_code == 404


def test_people_of_other_agents_are_none_of_its_members(
    ada: User, bob: User, caller: Caller
) -> None:
    members = caller.ask("GET", "workspaces/{slug}/members/").json()
    assert {one["id"] for one in members} == {str(ada.pk), str(caller.id)}
    agents.set_reviewers(by=ada.as_actor(), agent_id=caller.id, user_ids=[bob.pk])
    members = caller.ask("GET", "workspaces/{slug}/members/").json()
    assert {one["id"] for one in members} == {str(ada.pk), str(bob.pk), str(caller.id)}


def test_nonsense_in_a_body_is_refused_and_breaks_nothing(caller: Caller, ada: User) -> None:
    run = prompted(ada, caller.id)
    path = f"workspaces/{{slug}}/runs/{run.id}/activities/"
    for body in (b"[]", b"nonsense", b'"x"', b'{"type": ["thought"], "content": 3}'):
        answer = caller.ask("POST", path, body)
        assert answer.status_code == 400, answer.content
        assert answer.json()["message"]
    for odd in ([1], {"a": 1}, 5):
        refused = caller.ask("POST", "workspaces/{slug}/runs/", orjson.dumps({"agent_slug": odd}))
        assert (refused.status_code, next(iter(refused.json()))) == (400, "agent_slug"), odd
    wrong = {"agent_slug": "Weather bot", "external_link": {"a": 1}, "comment": ["x"]}
    assert caller.ask("POST", "workspaces/{slug}/runs/", _json(wrong)).status_code == 400


def test_a_new_run_is_told_twice_and_one_of_its_own_not_at_all(ada: User, caller: Caller) -> None:
    prompted(ada, caller.id)
    mine = Delivery.objects.filter(dialect="plane").order_by("pk")
    assert [one.event_type for one in mine] == ["run:created", "run:activity"]
    another = Caller(ada, name="Proactive bot")
    begun = another.ask("POST", "workspaces/{slug}/runs/", b'{"agent_slug": "proactive-bot"}')
    assert begun.status_code == 201
    assert not Delivery.objects.filter(agent_id=another.id, dialect="plane").exists()


def test_a_result_is_one_of_the_parameters_there_and_stands_apart_here() -> None:
    parameters = {"query": "x", "result": "3 found"}
    told = draft_of({"type": "action", "content": {"action": "find", "parameters": parameters}})
    assert told.content == {"action": "find", "parameters": {"query": "x"}, "result": "3 found"}
    assert told.ephemeral


@pytest.mark.parametrize("cursor", ["", "20", "x:0:0", "-1:0:0", "²:0:0", "20:0:0:0"])
def test_a_cursor_is_one_of_this_list(cursor: str) -> None:
    if cursor:
        with pytest.raises(Invalid):
            Wanted.of({"cursor": cursor})
    assert Wanted.of({}).size == 100
    assert Wanted.of({"per_page": "1000"}).size == 100
    assert Wanted.of({"per_page": "0"}).size == 1


def test_a_size_that_is_none_is_named_as_one() -> None:
    with pytest.raises(Invalid) as refused:
        Wanted.of({"per_page": "many"})
    (fault,) = refused.value.errors
    assert (fault.path, fault.message) == (
        "per_page",
        'must be a number from 1 to 100; got "many"',
    )


def test_comments_go_on_after_a_message_and_after_nothing_else() -> None:
    message_id = "01900000-0000-7000-8000-000000000000"
    assert Wanted.of({"cursor": f"20:{message_id}:0"}).key == message_id
    assert Wanted.of({"cursor": "20:0:0"}).key is None
    with pytest.raises(Invalid, match="Validation failed"):
        _ = Wanted.of({"cursor": "20:garbage:0"}).key


def _json(value: Any) -> bytes:
    return orjson.dumps(value)

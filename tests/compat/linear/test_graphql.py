"""`/graphql` by hand: what other SDK versions, curl and attackers send."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from graphql import get_introspection_query

from accounts.models import User
from agents import keys
from compat.linear.executing import ROOTS
from compat.linear.limits import MOST_TOKENS
from compat.linear.schema import SCHEMA
from placet.lib.clock import iso, now
from runs.models import Activity
from runs.services import stopping
from tests import cast
from tests.runs.parts import make_runner, run_of, tell, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner(ada: User) -> cast.Robot:
    return make_runner(ada)


class Door:
    def __init__(self, key: str) -> None:
        self.client, self.headers = Client(), {"Authorization": f"Bearer {key}"}

    def raw(self, query: Any, variables: Any = None, **more: Any) -> Any:
        body = {"query": query, "variables": variables, **more}
        return self.client.post(
            "/graphql", body, content_type="application/json", headers=self.headers
        )

    def ask(self, query: str, **variables: Any) -> Any:
        answer = self.raw(query, variables)
        assert answer.status_code == 200, answer.content
        # Not even an empty list: to the SDK that is an error.
        assert "errors" not in answer.json()
        return answer.json()["data"]

    def refused(self, query: Any, variables: Any = None, **more: Any) -> tuple[int, str, str]:
        """Status, the first error's type, its message."""
        answer = self.raw(query, variables, **more)
        error = answer.json()["errors"][0]
        assert error["extensions"]["userPresentableMessage"] == error["message"]
        return answer.status_code, error["extensions"]["type"], error["message"]


@pytest.fixture
def door(runner: cast.Robot) -> Door:
    return Door(runner.key)


SESSION = "query S($id: String!) { agentSession(id: $id) { plan context externalUrls status } }"
ACTIVITIES = """
query A($filter: AgentActivityFilter, $first: Int, $last: Int, $after: String, $before: String) {
  agentActivities(filter: $filter, first: $first, last: $last, after: $after, before: $before) {
    edges { cursor node { id content { ... on AgentActivityThoughtContent { body } } } }
    pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
  }
}
"""
CREATE = """
mutation C($input: AgentActivityCreateInput!) {
  agentActivityCreate(input: $input) { success agentActivity { id } }
}
"""


def test_every_root_field_of_the_schema_is_answered() -> None:
    roots = {SCHEMA.query_type, SCHEMA.mutation_type}
    assert {name for root in roots if root for name in root.fields} == ROOTS.keys()


def test_json_is_a_string_that_holds_json(ada: User, runner: cast.Robot, door: Door) -> None:
    write(ada, runner)
    found = door.ask(SESSION, id=str(run_of(runner).id))["agentSession"]
    assert found == {
        "plan": None,
        "context": f'{{"issueId":"{runner.agent.id}"}}',
        "externalUrls": "[]",
        "status": "pending",
    }


def test_fields_of_other_versions_are_null_and_nothing_else_unknown_is_let_through(
    door: Door,
) -> None:
    found = door.ask("{ viewer { id fromTheFuture ...F } } fragment F on User { agedOut }")
    assert (found["viewer"]["fromTheFuture"], found["viewer"]["agedOut"]) == (None, None)
    for query in (
        "{ issues { nodes { id } } }",
        "{ viewer { assignedIssues { nodes { id } } } }",
        "{ viewer { fromTheFuture(size: 3) } }",
        "{ viewer(id: 3) { id } }",
        "{ viewer { id(as: 3) } }",
        "mutation { issueDelete(id: 3) { success } }",
        "mutation { agentActivityCreatePrompt(input: {}) { success } }",
        "subscription { agentSession { id } }",
        "{ viewer { id ",
        "{ viewer { id } ...Missing }",
        "{ viewer { ...F } } fragment F on User { ...G } fragment G on User { ...F }",
        "query A { viewer { id } } query B { viewer { id } }",
        "",
    ):
        status, kind, _ = door.refused(query)
        assert (status, kind) == (400, "graphql error"), query


def test_what_is_no_request(door: Door) -> None:
    for body in (
        "nonsense",
        "[]",
        "3",
        '{"query": 3}',
        '{"query": "{viewer{id}}", "variables": 3}',
    ):
        answer = door.client.post(
            "/graphql", body, content_type="application/json", headers=door.headers
        )
        assert answer.status_code == 400, body
        assert answer.json()["errors"][0]["extensions"]["type"] == "invalid input"
    answer = door.client.get("/graphql", {"query": "{viewer{id}}"}, headers=door.headers)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer["Content-Type"].startswith("application/json")


def test_who_is_nobody_is_told_in_the_same_shape(client: Client) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "hp_nonsense"}):
        answer = client.post(
            "/graphql", {"query": "{viewer{id}}"}, content_type="application/json", headers=headers
        )
        error = answer.json()["errors"][0]["extensions"]
        assert (answer.status_code, error["type"]) == (401, "authentication error")
        assert error["code"] == "AUTHENTICATION_ERROR"


def test_too_much_is_refused_before_anything_is_read(door: Door) -> None:
    nested = "{ agentSessions(first: 250) { nodes { activities(first: 250) { nodes { id } } } } }"
    status, kind, said = door.refused(nested)
    assert (status, kind) == (400, "invalid input")
    assert said.startswith("Query too complex: ")
    variables = {"n": 250}
    by_variable = nested.replace("{ agentS", "query Q($n: Int) { agentS", 1).replace("250", "$n")
    assert door.refused(by_variable, variables)[2].startswith("Query too complex: ")
    deep = "{ agentSession(id: 1) " + "{ comment { agentSession " * 20 + "{ id }" + "}" * 41
    assert "Query too deep" in door.refused(deep)[2]
    hostile = "{" * 900
    assert door.refused(f"{hostile}a{'}' * 900}")[0] == 400
    assert str(MOST_TOKENS) in door.refused("{ viewer { " + "id " * 2_001 + "} }")[2]
    # Ten fragments, each twice the one before it, cost what they spread to.
    laughs = "".join(
        f"fragment F{n} on AgentSession {{ comment {{ agentSession {{ ...F{n + 1} }} }} "
        f"sourceComment {{ agentSession {{ ...F{n + 1} }} }} }} "
        for n in range(6)
    )
    bomb = "{ agentSessions { nodes { ...F0 } } } " + laughs + "fragment F6 on AgentSession { id }"
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert door.refused(bomb)[0] == 400
    assert not [one for one in asked.captured_queries if "runs_run" in one["sql"]]


@pytest.mark.parametrize(
    ("head", "length", "variables"),
    [
        ("query Q($n: Int = 250)", "first: $n", {}),
        ("query Q($n: Int)", "first: $n", {"n": 250.0}),
        ("query Q", "first: null, last: 250", {}),
        ("query Q($n: Int)", "first: $n, last: 250", {"n": None}),
    ],
)
def test_a_list_costs_what_it_may_be_long_however_that_is_said(
    door: Door, head: str, length: str, variables: Any
) -> None:
    nested = f"agentSessions({length}) {{ nodes {{ activities({length}) {{ nodes {{ id }} }} }} }}"
    status, _, said = door.refused(f"{head} {{ {nested} }}", variables)
    assert (status, said[:18]) == (400, "Query too complex:")


def test_a_filter_costs_the_rows_that_it_looks_at(door: Door) -> None:
    page = "agentActivities(first: 1, filter: $f) { nodes { id } }"
    query = (
        "query Q($f: AgentActivityFilter) { " + " ".join(f"a{n}: {page}" for n in range(100)) + "}"
    )
    assert door.refused(query, {"f": {"type": {"eq": "error"}}})[2].startswith("Query too complex:")
    by_default = query.replace("Filter)", 'Filter = {type: {eq: "error"}})', 1)
    assert door.refused(by_default)[2].startswith("Query too complex:")
    # The SDK names the variable whether or not there is a filter.
    assert door.raw(query, {}).status_code == 200


def test_the_schema_may_be_asked_for_as_tools_do_and_not_over_and_over(door: Door) -> None:
    assert door.ask(get_introspection_query())["__schema"]["types"]
    types = " ".join(f"a{n}: types {{ ...T }}" for n in range(10))
    bomb = (
        f"{{ __schema {{ {types} }} }} fragment T on __Type {{ fields {{ args {{ type {{ fields {{ name }} }} }} "
        "type { fields { type { name } args { type { name } } } } } }"
    )
    status, _, said = door.refused(bomb)
    assert (status, said[:18]) == (400, "Query too complex:")
    often = " ".join(f"a{n}: __schema {{ ...S }}" for n in range(250))
    bomb = f"{{ {often} }} fragment S on __Schema {{ types {{ fields {{ type {{ fields {{ name }} }} }} }} }}"
    assert door.refused(bomb)[2].startswith("Query too complex:")


@pytest.mark.parametrize(
    "query",
    [
        "{ viewer { " + "a: id " * 101 + "} }",
        "{ " + "viewer { organization { id } } " * 101 + "}",
        "{ viewer { ...F ...G } } "
        + "".join(f"fragment {name} on User {{ {'a: id ' * 51} }} " for name in "FG"),
    ],
)
def test_fields_of_one_name_are_few_for_each_is_compared_with_each(door: Door, query: str) -> None:
    assert door.refused(query) == (400, "invalid input", "At most 100 fields of one name.")


def test_refusals_name_fields_as_linear_does(ada: User, runner: cast.Robot, door: Door) -> None:
    write(ada, runner)
    update = """mutation U($id: String!, $input: AgentSessionUpdateInput!) {
        agentSessionUpdate(id: $id, input: $input) { success } }"""
    for changes, said in (
        ({"externalUrls": [{"label": " ", "url": "https://a.example/"}]}, "externalUrls.0.label"),
        ({"addedExternalUrls": [{"label": "A", "url": "x"}]}, "addedExternalUrls.0.url"),
        ({"plan": [{"content": "Look", "status": "done"}]}, "plan.0.status"),
        ({"summary": "two\nlines"}, "summary must be"),
    ):
        refused = door.refused(update, {"id": str(run_of(runner).id), "input": changes})
        assert refused[:2] == (400, "invalid input")
        assert refused[2].startswith(said)


@pytest.mark.parametrize(
    "change",
    [
        'agentActivityCreate(input: {agentSessionId: "RUN", content: {type: "thought", body: "NUL"}})',
        'agentActivityCreate(input: {agentSessionId: "RUN", content: {type: "action", action: "a", parameter: "NUL"}})',
        'agentSessionUpdate(id: "RUN", input: {summary: "NUL"})',
        'agentSessionUpdate(id: "RUN", input: {externalLink: "NUL"})',
        'commentCreate(input: {issueId: "PLACE", body: "NUL"})',
        'commentCreate(input: {issueId: "PLACE", body: "x", id: "NUL"})',
        'agentSessionCreateOnIssue(input: {issueId: "NUL"})',
    ],
)
def test_what_stands_in_the_query_itself_is_looked_at_too(
    ada: User, runner: cast.Robot, door: Door, change: str
) -> None:
    write(ada, runner)
    filled = change.replace("RUN", str(run_of(runner).id)).replace("NUL", "a\\u0000")
    filled = filled.replace("PLACE", str(runner.agent.id))
    assert door.refused(f"mutation {{ {filled} {{ success }} }}")[:2] == (400, "invalid input")


def test_a_token_that_only_reads_changes_nothing(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    by = ada.as_actor()
    issued = keys.issue_key(by=by, agent_id=runner.agent.id, label="Eyes", scopes=["read"])
    door, run_id = Door(issued.key), str(run_of(runner).id)
    assert door.ask(SESSION, id=run_id)["agentSession"]["status"] == "pending"
    content = {"type": "thought", "body": "x"}
    refused = door.refused(CREATE, {"input": {"agentSessionId": run_id, "content": content}})
    assert refused[:2] == (200, "forbidden")
    assert Activity.objects.count() == 1


def test_a_page_goes_both_ways(ada: User, runner: cast.Robot, door: Door) -> None:
    write(ada, runner)
    ids = [str(tell(runner, "thought", str(n)).activity.id) for n in range(5)]
    thoughts = {"type": {"eq": "thought"}}

    def page(**more: Any) -> tuple[list[str], bool, bool]:
        found = door.ask(ACTIVITIES, filter=thoughts, **more)["agentActivities"]
        shown = [edge["node"]["id"] for edge in found["edges"]]
        info = found["pageInfo"]
        if shown:
            assert (info["startCursor"], info["endCursor"]) == (shown[0], shown[-1])
        return shown, info["hasPreviousPage"], info["hasNextPage"]

    assert page() == (ids, False, False)
    assert page(first=2) == (ids[:2], False, True)
    assert page(first=2, after=ids[1]) == (ids[2:4], True, True)
    assert page(first=2, after=ids[3]) == (ids[4:], True, False)
    assert page(last=2) == (ids[3:], True, False)
    assert page(last=2, before=ids[3]) == (ids[1:3], True, True)
    assert page(last=9, before=ids[2]) == (ids[:2], False, True)
    assert page(after=ids[4]) == ([], True, False)
    for wrong in ({"first": 2, "last": 2}, {"first": 0}, {"last": 251}, {"after": str(uuid4())}):
        assert door.refused(ACTIVITIES, wrong)[1] == "invalid input", wrong


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"type": {"neq": "prompt"}}, "abc"),
        ({"type": {"startsWith": "tho"}}, "ab"),
        ({"type": {"notContains": "o"}}, ""),
        ({"type": {"eqIgnoreCase": "THOUGHT"}}, "ab"),
        ({"or": [{"type": {"eq": "response"}}, {"type": {"eq": "error"}}]}, "c"),
        ({"and": [{"type": {"eq": "thought"}}, {"createdAt": {"lt": "-P1D"}}]}, ""),
        ({"createdAt": {"gt": "-PT1H"}, "type": {"nin": ["prompt"]}}, "abc"),
        ({"sourceComment": {"null": False}, "type": {"neq": "prompt"}}, "c"),
        ({"sourceComment": {"null": True}}, "ab"),
        ({"type": {"in": []}}, ""),
    ],
)
def test_activities_are_found_by_what_they_are(
    ada: User, runner: cast.Robot, door: Door, wanted: Any, found: str
) -> None:
    write(ada, runner)
    names = {}
    for name, kind in zip("abc", ("thought", "thought", "response"), strict=True):
        names[str(tell(runner, kind, name).activity.id)] = name
    edges = door.ask(ACTIVITIES, filter=wanted)["agentActivities"]["edges"]
    assert "".join(names[edge["node"]["id"]] for edge in edges) == found


def test_filters_that_mean_nothing_or_too_much_are_refused(
    ada: User, runner: cast.Robot, door: Door
) -> None:
    write(ada, runner)
    huge = {"or": [{"type": {"eq": "thought"}}] * 60}
    for wrong in ({"createdAt": {"gt": "yesterday"}}, huge, {"colour": {"eq": "red"}}):
        assert door.refused(ACTIVITIES, {"filter": wrong})[1] == "invalid input", wrong
    far = {"createdAt": {"gt": "-P9999Y"}}
    assert len(door.ask(ACTIVITIES, filter=far)["agentActivities"]["edges"]) == 1
    soon = {"createdAt": {"gt": iso(now() + timedelta(hours=1))}}
    assert door.ask(ACTIVITIES, filter=soon)["agentActivities"]["edges"] == []


def test_a_run_that_a_person_stopped_is_complete(ada: User, runner: cast.Robot, door: Door) -> None:
    write(ada, runner)
    run_id = run_of(runner).id
    tell(runner, "thought")
    stopping.stop(by=ada.as_actor(), run_id=run_id)
    tell(runner, "response", "Stopped.")
    assert door.ask(SESSION, id=str(run_id))["agentSession"]["status"] == "complete"


def test_an_action_of_many_parameters_is_told_as_json(
    ada: User, runner: cast.Robot, door: Door
) -> None:
    from runs.drafts import draft
    from runs.services import reporting

    write(ada, runner)
    content = {"action": "Searched", "parameters": {"in": "log", "for": "errors"}}
    reporting.report(
        by=runner.actor, run_id=run_of(runner).id, draft=draft(type="action", content=content)
    )
    query = """{ agentActivities { nodes { content {
        ... on AgentActivityActionContent { action parameter result } } } } }"""
    nodes = door.ask(query)["agentActivities"]["nodes"]
    assert nodes[1]["content"] == {
        "action": "Searched",
        "parameter": '{"in":"log","for":"errors"}',
        "result": None,
    }


def test_people_an_agent_has_not_met_are_unknown(
    ada: User, bob: User, runner: cast.Robot, door: Door
) -> None:
    query = "query U($id: String!) { user(id: $id) { name email app } }"
    found = door.ask(query, id=str(ada.pk))["user"]
    assert found == {"name": "Ada", "email": "ada@example.org", "app": False}
    theirs = door.refused(query, {"id": str(bob.pk)})
    assert theirs == door.refused(query, {"id": str(uuid4())})
    assert theirs[2] == "Entity not found: User"


@pytest.mark.parametrize(
    "rows",
    [
        "user { id } agentSession { id }",
        "user { name email organization { name } }",
        "agentSession { status creator { name } appUser { name } comment { body user { name } } }",
    ],
)
def test_a_page_costs_the_same_however_long_it_is(
    ada: User, runner: cast.Robot, door: Door, rows: str
) -> None:
    write(ada, runner)
    query = f"{{ agentActivities {{ nodes {{ id {rows} content {{ __typename }} }} }} }}"

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            door.ask(query)
        return len(asked)

    tell(runner, "thought")
    queries()
    few = queries()
    for _ in range(10):
        tell(runner, "thought")
    assert queries() == few


def test_each_change_of_a_request_reads_what_it_has_made(
    ada: User, runner: cast.Robot, door: Door
) -> None:
    write(ada, runner)
    change = """agentActivityCreate(input: {agentSessionId: "%s", content: {type: "%s", body: "x"}}) {
        agentActivity { agentSession { status } } }"""
    run_id = run_of(runner).id
    query = f"mutation {{ a: {change % (run_id, 'thought')} b: {change % (run_id, 'response')} }}"
    told = door.ask(query)
    statuses = [told[name]["agentActivity"]["agentSession"]["status"] for name in "ab"]
    assert statuses == ["active", "complete"]


def test_a_fault_of_ours_tells_nothing_of_itself(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret path /srv")

    monkeypatch.setattr("compat.linear.wire.agent_fields", broken)
    status, kind, said = door.refused("{ viewer { id } }")
    assert (status, kind, said) == (500, "internal error", "Something went wrong in Placet.")
    assert "secret path /srv" in caplog.text


def test_a_document_that_was_said_before_is_answered_as_it_was_the_first_time(
    door: Door, runner: cast.Robot, ada: User
) -> None:
    write(ada, runner)
    session = str(run_of(runner).id)
    for _ in range(2):
        assert door.ask(SESSION, id=session)["agentSession"]["status"] == "pending"
        assert door.refused("{ nope }")[:2] == (400, "graphql error")
        assert door.refused("{ viewer { id }")[:2] == (400, "graphql error")
    tell(runner, "thought")
    assert door.ask(SESSION, id=session)["agentSession"]["status"] == "active"
    assert door.refused(SESSION, {"id": "nobody"})[:2] == (400, "invalid input")


def test_an_external_url_with_a_user_name_is_refused_at_its_own_field(
    door: Door, runner: cast.Robot, ada: User
) -> None:
    write(ada, runner)
    urls = [{"label": "Your bank", "url": "https://bank.example@evil.example/"}]
    query = "mutation U($id: String!, $input: AgentSessionUpdateInput!) { agentSessionUpdate(id: $id, input: $input) { success } }"
    variables = {"id": str(run_of(runner).id), "input": {"externalUrls": urls}}
    status, type, message = door.refused(query, variables)
    assert (status, type) == (400, "invalid input")
    assert message.startswith("externalUrls.0.url must be an http or https URL without a user name")

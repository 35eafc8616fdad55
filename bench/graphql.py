"""An agent that was written for Linear beside one that was written for us: activities over `/graphql` and REST, and one read of a session."""

import asyncio
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import requests

from bench.load import post
from bench.pages import database_of_its_own
from bench.report import median, ms, row, section
from bench.runs import QUIET, ROUNDS, SECONDS, THOUGHT, open_run
from bench.waiters import LOOSE
from tests import needs
from tests.compat.parts import Installed, installed, prompted
from tests.processes import AgentClient, Server

POINTLESS = {"PLACET_RATE_GRAPHQL_POINTS": "100000000000/hour"}
ACTIVITIES, READS = 50, 100
WRITE = """
mutation($input: AgentActivityCreateInput!) {
  agentActivityCreate(input: $input) { success lastSyncId agentActivity { id } }
}
"""
READ = """
query($id: String!) {
  agentSession(id: $id) {
    id status plan activities(first: 50) {
      nodes { id createdAt signal ephemeral content {
        ... on AgentActivityThoughtContent { type body }
        ... on AgentActivityActionContent { type action parameter result }
        ... on AgentActivityPromptContent { type body }
      } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


def main() -> None:
    _show("SQLite", {})
    if url := needs.postgres_url():
        with database_of_its_own(url) as database:
            _show("PostgreSQL", {"DATABASE_URL": database})


def _show(name: str, env: dict[str, str]) -> None:
    section(f"GraphQL beside REST, {name}")
    with Server(env={**LOOSE, **QUIET, **POINTLESS, **env}) as server:
        robot, app = server.robot(), installed(server, "Build doctor")
        ours, theirs = open_run(robot), str(prompted(server.human(), app)["id"])
        path = f"/api/v1/runs/{ours}/activities"
        thought = {"input": {"agentSessionId": theirs, "content": _content()}}
        for _ in range(ACTIVITIES):
            assert robot.post(path, THOUGHT).status_code == 201
            assert "errors" not in _ask(server, app, requests.Session(), WRITE, thought)
        _tell_reads(server, robot, app, path, theirs)
        _tell_rates(server, robot, app, path, thought)


def _content() -> dict[str, Any]:
    return {"type": THOUGHT["type"], **THOUGHT["content"]}  # type: ignore[dict-item]


def _tell_rates(server: Server, robot: AgentClient, app: Installed, path: str, said: Any) -> None:
    """One agent that works, so one connection; turn by turn, so that a busy neighbour slows both alike."""
    once = partial(post, server.url, connections=1, seconds=SECONDS)
    document = json.dumps({"query": WRITE, "variables": said}).encode()
    ways: dict[str, Callable[[], Any]] = {
        "graphql": lambda: once(app.access_token, document, path="/graphql", status=200),
        "rest": lambda: once(robot.key, json.dumps(THOUGHT).encode(), path=path),
    }
    seen: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(ROUNDS + 1):
        for way, load in ways.items():
            rate = asyncio.run(load())
            if turn:  # the first one warms up
                seen[way].append(rate)
    graphql, rest = (statistics.median(rates) for rates in seen.values())
    row(
        "activities a second over /graphql",
        "≥ 0.5 x",
        f"{graphql:,.0f}/s",
        f"REST {rest:,.0f}/s",
        graphql / rest,
        held=graphql >= rest / 2,
    )


def _tell_reads(
    server: Server, robot: AgentClient, app: Installed, path: str, session: str
) -> None:
    """Fifty activities by each door in turn, over a connection that stays open."""
    theirs, ours = requests.Session(), requests.Session()
    ours.headers["Authorization"] = f"Bearer {robot.key}"
    ways: dict[str, Callable[[], int]] = {
        "graphql": lambda: _read(server, app, theirs, session),
        "rest": lambda: len(ours.get(f"{server.url}{path}?limit={ACTIVITIES}").json()["data"]),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(READS):
        for way, read in ways.items():
            begun = time.perf_counter()
            assert read() == ACTIVITIES
            times[way].append(time.perf_counter() - begun)
    graphql, rest = (median(taken) for taken in times.values())
    what = f"a session with {ACTIVITIES} activities over /graphql, p50"
    row(what, "", ms(graphql), f"REST {ms(rest)}", graphql / rest)


def _read(server: Server, app: Installed, http: requests.Session, session: str) -> int:
    found = _ask(server, app, http, READ, {"id": session})
    return len(found["data"]["agentSession"]["activities"]["nodes"])


def _ask(
    server: Server, app: Installed, http: requests.Session, query: str, variables: Any
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {app.access_token}"}
    body = {"query": query, "variables": variables}
    answer = http.post(f"{server.url}/graphql", json=body, headers=headers)
    told: dict[str, Any] = answer.json()
    return told

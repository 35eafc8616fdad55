"""Runs: activities beside plain messages, how soon an open browser hears of one, and what a thousand runs cost that only wait."""

import asyncio
import json
import statistics
import time
from datetime import datetime
from functools import partial
from typing import Any

from bench import herd
from bench.load import post
from bench.pages import database_of_its_own
from bench.report import ms, row, section
from bench.waiters import LOOSE
from tests import needs
from tests.processes import AgentClient, Server

SECONDS, ROUNDS, EVENTS, LIVE = 2.0, 3, 20, 1_000
IDLE_SECONDS = 10.0
THOUGHT = {
    "type": "thought",
    "content": {"body": "The canary looks healthy; the error rate is 0.01 %."},
}
SAYING = {"text": "The canary looks healthy; the error rate is 0.01 %."}
QUIET = {"PLACET_OFFLINE_AFTER_SECONDS": "604800"}


def main() -> None:
    _show("SQLite", {})
    if url := needs.postgres_url():
        with database_of_its_own(url) as database:
            _show("PostgreSQL", {"DATABASE_URL": database})


def _show(name: str, env: dict[str, str]) -> None:
    section(f"Runs, {name}")
    with Server(env={**LOOSE, **QUIET, **env}) as server:
        robot = server.robot()
        path = f"/api/v1/runs/{open_run(robot)}/activities"
        _tell_rates(server, robot, path)
        _tell_delays(server, robot, path)
        _tell_idle(server)


def open_run(robot: AgentClient) -> str:
    assert robot.patch(f"/api/v1/agents/{robot.agent_id}", {"takesRuns": True}).ok
    return str(robot.post("/api/v1/runs", {"channelId": robot.agent_id}).json()["id"])


def _tell_rates(server: Server, robot: AgentClient, path: str) -> None:
    """One agent that works, so one connection; turn by turn, so that a busy neighbour slows both alike."""
    seen: dict[str, list[float]] = {path: [], "/api/v1/messages": []}
    for turn in range(ROUNDS + 1):
        for where, rates in seen.items():
            body = json.dumps(THOUGHT if where == path else SAYING).encode()
            load = post(server.url, robot.key, body, connections=1, seconds=SECONDS, path=where)
            rate = asyncio.run(load)
            if turn:  # the first one warms up
                rates.append(rate)
    ours, plain = (statistics.median(rates) for rates in seen.values())
    told = f"plain messages {plain:,.0f}/s"
    row(
        "activities a second of one run",
        "≥ 0.5 x",
        f"{ours:,.0f}/s",
        told,
        ours / plain,
        held=ours >= plain / 2,
    )


def _tell_delays(server: Server, robot: AgentClient, path: str) -> None:
    """From the moment the event was recorded to an open browser, for both kinds in turn."""
    delays = asyncio.run(_delays(server, robot, path))
    ours, plain = (herd.at(delays[kind], 0.5) for kind in ("run:activity", "message:created"))
    row(
        "activity → open browser, p50",
        "≤ 2 x",
        ms(ours),
        f"message {ms(plain)}",
        ours / plain,
        held=ours <= 2 * plain,
    )


async def _delays(server: Server, robot: AgentClient, path: str) -> dict[str, list[float]]:
    heard: list[tuple[float, bytes]] = []

    def note(moment: float, frame: bytes) -> None:
        heard.append((moment, frame))

    cookies = server.human().session.cookies.get_dict()
    request = herd.socket_request(server.url, "; ".join(f"{n}={v}" for n, v in cookies.items()))
    browsers = await herd.connect(server.url, [partial(herd.Browser, request, note)])
    clocks = time.time() - time.perf_counter()
    delays: dict[str, list[float]] = {"run:activity": [], "message:created": []}
    for _ in range(EVENTS):
        for kind in delays:
            heard.clear()
            where, body = (
                (path, THOUGHT) if kind == "run:activity" else ("/api/v1/messages", SAYING)
            )
            assert (await asyncio.to_thread(robot.post, where, body)).status_code == 201
            delays[kind].append(await _heard(heard, kind) + clocks)
    herd.hang_up(browsers)
    return delays


async def _heard(heard: list[tuple[float, bytes]], kind: str) -> float:
    """When the frame of this kind came, on the clock of `perf_counter`, less when its event was recorded, on that of the wall."""
    deadline = time.perf_counter() + 10
    while time.perf_counter() < deadline:
        for moment, raw in heard:
            frame: dict[str, Any] = json.loads(raw)
            if frame["type"] == kind:
                return moment - datetime.fromisoformat(frame["at"]).timestamp()
        await asyncio.sleep(0.001)
    raise AssertionError(f"no browser heard of {kind}")


def _tell_idle(server: Server) -> None:
    """Processor time of the server while nothing happens: with one live run, then with a thousand."""
    assert server.popen
    few = _busy(server.popen.pid)
    server.manage("shell", "-c", MANY.format(count=LIVE))
    many = _busy(server.popen.pid)
    row(
        f"processor at rest with {LIVE:,} live runs",
        "≤ +1 %",
        f"{many:.1%}",
        f"with one: {few:.1%}",
        held=many <= few + 0.01,
    )


MANY = """
from accounts.models import User
from agents import services as agents
from runs.services import opening
by = User.objects.earliest("pk").as_actor()
for n in range({count}):
    agent = agents.create_agent(by=by, name=f"Agent {{n}}", takes_runs=True)
    opening.delegate(by=by, agent_id=agent.id, channel=agent.id)
"""


def _busy(pid: int) -> float:
    """The share of one core, after a moment in which it comes to rest."""
    time.sleep(3)
    before, began = herd.Usage.of(pid).cpu_seconds, time.perf_counter()
    time.sleep(IDLE_SECONDS)
    return (herd.Usage.of(pid).cpu_seconds - before) / (time.perf_counter() - began)

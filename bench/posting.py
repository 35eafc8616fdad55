"""Posting a message with a question: the product beside the least any server could do, and beside the naive way, on one database."""

import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.load import post
from bench.pages import database_of_its_own
from bench.report import row, section
from bench.waiters import LOOSE
from tests import needs
from tests.processes import Process, Server, free_port, plain_session, until

CONNECTIONS, SECONDS, ROUNDS = 16, 2.0, 5
GOALS = {"SQLite": 0.10, "PostgreSQL": 0.10}
BODY = json.dumps(
    {
        "text": "Deploy v2.3 to production? The canary looks healthy; the error rate is 0.01 %. Shall I continue?",
        "metadata": {"run": "abc", "step": 4},
        "review": {
            "type": "approval",
            "payload": {
                "options": [
                    {"id": "approve", "label": "Approve", "style": "primary"},
                    {"id": "reject", "label": "Reject", "style": "danger"},
                ],
                "allowComment": True,
            },
        },
    }
).encode()


def main() -> None:
    _show("SQLite", {})
    if url := needs.postgres_url():
        with database_of_its_own(url) as database:
            _show("PostgreSQL", {"DATABASE_URL": database})


def _show(name: str, env: dict[str, str]) -> None:
    section(f"Posting a message with a review, {CONNECTIONS} connections, {name}")
    rates = _rates(env)
    ours, bare, naive = rates["placet"], rates["bare"], rates["naive"]
    goal = GOALS[name]
    row(
        "posts a second, of a bare ASGI app with the raw driver",
        f"≥ {goal:.2f} x",
        f"{ours:,.0f}/s",
        f"bare {bare:,.0f}/s",
        ours / bare,
        held=ours >= goal * bare,
    )
    row("posts a second, of naive DRF", "", f"{ours:,.0f}/s", f"naive {naive:,.0f}/s", ours / naive)


def _rates(env: dict[str, str]) -> dict[str, float]:
    """Turn by turn, so that a busy neighbour slows all three alike; the median of the rounds."""
    with ExitStack() as stack:
        server = stack.enter_context(Server(env={**LOOSE, **env}))
        robot = server.robot()
        urls = {"placet": server.url}
        for name in ("bare", "naive"):
            urls[name] = stack.enter_context(_beside(name, server, robot.agent_id))
        seen: dict[str, list[float]] = {name: [] for name in urls}
        for turn in range(ROUNDS + 1):
            for name, url in urls.items():
                load = post(url, robot.key, BODY, connections=CONNECTIONS, seconds=SECONDS)
                rate = asyncio.run(load)
                if turn:  # the first one warms up
                    seen[name].append(rate)
    return {name: statistics.median(rates) for name, rates in seen.items()}


@contextmanager
def _beside(name: str, server: Server, agent_id: str) -> Iterator[str]:
    """Another app on the server's database, run by the same uvicorn in the same way."""
    port, folder = free_port(), Path(tempfile.mkdtemp())
    lite = str(server.data_dir / "placet.sqlite3")
    database = server.env["DATABASE_URL"] or lite
    agent = agent_id if server.env["DATABASE_URL"] else agent_id.replace("-", "")
    env = {**server.env, "BARE_DATABASE": database, "BARE_AGENT": agent}
    command = [sys.executable, "-m", "uvicorn", f"bench.{name}:application", "--port", str(port)]
    command += [
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        "--no-access-log",
        "--log-level",
        "warning",
    ]
    process = Process(command, env=env, log=folder / "log")
    process.launch()
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(process, url), seconds=30)
        yield url
    finally:
        process.stop()


def _answers(process: Process, url: str) -> bool:
    if not process.running:
        raise RuntimeError(process.log)
    try:
        return bool(plain_session().get(url, timeout=5).status_code)
    except OSError:
        return False


if __name__ == "__main__":
    main()

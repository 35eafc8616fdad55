"""A thousand deliveries to receivers that take 200 ms, alone and beside receivers that never answer; on both databases.

The worker is one process, as `celery -A placet worker` is; what is measured is from its first look to the last row that
says delivered. The baseline sends the same requests with bare aiohttp, without a database, in the same run.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from bench.pages import database_of_its_own
from bench.report import row, section
from tests import needs
from tests.processes import ROOT, SECRET, clean_environment

LIVE, AGENTS, DEAD_AGENTS = 1_000, 20, 2
IN_FLIGHT, PATIENCE = 500, 60.0


def main() -> None:
    section(f"Webhooks: {LIVE:,} deliveries to receivers that take 200 ms, one worker")
    with slow_receiver() as port:
        bare = asyncio.run(_bare(port))
        with tempfile.TemporaryDirectory() as folder:
            _show("SQLite", port, bare, {"PLACET_DATA_DIR": folder})
        if url := needs.postgres_url():
            with tempfile.TemporaryDirectory() as folder, database_of_its_own(url) as database:
                _show(
                    "PostgreSQL", port, bare, {"PLACET_DATA_DIR": folder, "DATABASE_URL": database}
                )


def _show(name: str, port: int, bare: float, env: dict[str, str]) -> None:
    alone, beside = (_best(port, dead, env) for dead in (0, DEAD_AGENTS))
    row(
        f"{name}, all of them answer",
        "≥ 1 000/s",
        f"{LIVE / alone:,.0f}/s",
        f"bare aiohttp {LIVE / bare:,.0f}/s",
        bare / alone,
        held=alone <= 1.0,
    )
    row(
        f"{name}, one in ten endpoints never answers",
        "≥ 1 000/s, ≤ 1.1 x",
        f"{LIVE / beside:,.0f}/s",
        f"without dead ones {alone * 1000:,.0f} ms",
        beside / alone,
        held=beside <= 1.0 and beside <= 1.1 * alone,
    )


def _best(port: int, dead: int, env: dict[str, str]) -> float:
    """The best of three: on shared cores the others tell of the neighbours."""
    return min(_worker(port, dead, env) for _ in range(3))


def _worker(port: int, dead: int, env: dict[str, str]) -> float:
    command = [sys.executable, "-m", "bench.webhooks", "work", str(port), str(dead)]
    allow = {"PLACET_OUTBOUND_ALLOW": "127.0.0.0/8", "PLACET_SECRET_KEY": SECRET}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=clean_environment({**allow, **env}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def slow_receiver() -> Iterator[int]:
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.receiver"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout
        yield int(child.stdout.readline())
        child.communicate()


async def _bare(port: int) -> float:
    slots, body = asyncio.Semaphore(IN_FLIGHT), b"x" * 600
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def send(n: int) -> None:
            async with slots, session.post(f"http://127.0.0.1:{port}/{n}", data=body) as answer:
                await answer.read()

        started = time.perf_counter()
        await asyncio.gather(*(send(n) for n in range(LIVE)))
        return time.perf_counter() - started


def work(port: int, dead: int) -> None:
    """In a process of its own: fill the table by way of the services, then send."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "placet.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as mute:
        _fill(port, AGENTS, LIVE)
        _fill(mute.getsockname()[1], dead, LIVE // 10)
        print(json.dumps(_send()))
        sys.stdout.flush()
        # Those that never answer are still under way.
        os._exit(0)


def _fill(port: int, agents: int, deliveries: int) -> None:
    from accounts.models import User
    from agents.services import create_agent
    from inbox.services.writing import write_message

    if not agents:
        return
    owner, _ = User.objects.get_or_create(email="bench@example.org", role="owner")
    by = owner.as_actor()
    ids = [
        create_agent(by=by, name=f"Agent {n}", webhook={"url": f"http://127.0.0.1:{port}/{n}"}).id
        for n in range(agents)
    ]
    for n in range(deliveries):
        write_message(
            by=by, agent_id=ids[n % agents], text=f"Message number {n}, as people write them"
        )


def _send() -> float:
    from threading import Thread

    from placet.lib.clock import now
    from webhooks.engine import engine
    from webhooks.models import Delivery

    _warm()
    started = now()
    Thread(target=engine.drain, daemon=True).start()
    mine = Delivery.objects.filter(status="delivered", settled_at__gte=started)
    deadline = time.monotonic() + PATIENCE
    while mine.count() < LIVE:
        assert time.monotonic() < deadline, f"{mine.count()} of {LIVE} after {PATIENCE} s"
        time.sleep(0.05)
    last = mine.order_by("-settled_at").values_list("settled_at", flat=True)[0]
    return float((last - started).total_seconds())


def _warm() -> None:
    """As a worker does when it is ready."""
    from placet.lib import heap

    heap.settle()


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(*(int(one) for one in sys.argv[2:4]))
    else:
        main()

"""Parked waits: how soon a response reaches one, and what ten thousand of them cost."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench import herd
from bench.report import ms, row, section
from tests import needs
from tests.processes import ROOT, AgentClient, Server

LOOSE = {
    "PLACET_RATE_PER_KEY": "100000000/minute",
    "PLACET_RATE_PER_ADDRESS": "100000000/minute",
    "PLACET_WAITERS_MAX_PER_KEY": "20000",
    "PLACET_LOG_LEVEL": "WARNING",
}
ANSWERS = 100
ASK = """
import sys
from agents.models import Agent
from inbox.models import Message
from placet.lib.clock import now
from placet.lib.ids import new_id
from datetime import timedelta
from reviews.models import Review
agent, at, count = Agent.objects.get(pk=sys.stdin.readline().strip()), now(), int(sys.stdin.readline())
ids = [new_id() for _ in range(count)]
Review.objects.bulk_create([Review(id=pk, agent=agent, type='text-input', payload={}, created_at=at,
    expires_at=at + timedelta(hours=5)) for pk in ids], batch_size=500)
Message.objects.bulk_create([Message(id=pk, agent=agent, sender_type='agent', text='?', review_id=pk, created_at=at,
    updated_at=at) for pk in ids], batch_size=500)
print('\\n'.join(map(str, ids)))
"""


@dataclass(frozen=True)
class Herd:
    """What was seen of `count` waiters."""

    count: int
    late: list[float]
    whole: list[float]
    kib_each: float
    threads: int
    threads_before: int
    idle: float


def main() -> None:
    section("Waiting")
    few, many = _herds(LOOSE, 1_000, 10_000)
    p50, p99 = herd.at(many.late, 0.5), herd.at(many.late, 0.99)
    whole, whole_few = herd.at(many.whole, 0.5), herd.at(few.whole, 0.5)
    row("response → waiter, 10 000 parked, p50", "≤ 2 ms", ms(p50), held=p50 <= 0.002)
    row("response → waiter, 10 000 parked, p99", "≤ 15 ms", ms(p99), held=p99 <= 0.015)
    row(
        "request to respond sent → waiter, against 1 000 parked, p50",
        "≤ 1.3 x",
        ms(whole),
        ms(whole_few),
        whole / whole_few,
        held=whole <= 1.3 * whole_few,
    )
    stock = _herds({**LOOSE, "PLACET_HANDLER": "stock"}, 300)[0]
    row("memory a waiter", "≤ 26 KiB", f"{many.kib_each:.1f} KiB", f"stock {stock.kib_each:.0f} KiB",
        many.kib_each / stock.kib_each, held=many.kib_each <= 26)  # fmt: skip
    row("threads with 10 000 parked", "as with 1 000", str(many.threads), f"{few.threads}; stock with 300: {stock.threads}",
        held=many.threads <= few.threads)  # fmt: skip
    row(
        "idle CPU with 10 000 parked",
        "≤ 1 %",
        f"{many.idle:.2%}",
        f"1 000: {few.idle:.2%}",
        held=many.idle <= 0.01,
    )
    _another_process("SQLite, no Redis", {}, 0.015)
    if needs.has_redis():
        with tempfile.TemporaryDirectory() as folder, needs.Redis(Path(folder)) as redis:
            _another_process("over Redis", {"REDIS_URL": redis.url}, 0.003)


def _herds(env: dict[str, str], *sizes: int) -> list[Herd]:
    """Herds of each size, one after the other, each on a server of its own."""
    found = []
    for size in sizes:
        with Server(env={**env}) as server:
            robot, human = server.robot(), server.human()
            ids = _ask(server, robot, size)
            wake = partial(answer_over_http, human)
            found.append(asyncio.run(_measure(server, robot, ids, wake)))
    return found


def _another_process(how: str, env: dict[str, str], goal: float) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(Server(env={**LOOSE, **env}))
        robot = server.robot()
        ids = _ask(server, robot, 500)
        wake = stack.enter_context(_answerer(server))
        late = asyncio.run(_measure(server, robot, ids, wake)).late
    p50 = herd.at(late, 0.5)
    told = f"p99 {ms(herd.at(late, 0.99))}"
    row(
        f"committed in another process → waiter, {how}, p50",
        f"≤ {ms(goal)}",
        ms(p50),
        told,
        held=p50 <= goal,
    )


async def _measure(
    server: Server, robot: AgentClient, ids: list[str], wake: Callable[[str], float]
) -> Herd:
    assert server.popen
    pid = server.popen.pid
    # The first ones warm caches and threads, and are not counted.
    await asyncio.gather(*(asyncio.to_thread(robot.wait_raw, ids[-1], 100) for _ in range(32)))
    before = herd.Usage.of(pid)
    waiters = dict(zip(ids, await herd.connect(server.url, [partial(herd.Waiter, herd.wait_request(server.url, robot.key, pk)) for pk in ids]), strict=True))  # fmt: skip
    await herd.until_quiet(pid)
    parked, idle = herd.Usage.of(pid), await herd.idle_share(pid)
    late, whole = [], []
    for pk in ids[:: max(1, len(ids) // ANSWERS)][:ANSWERS]:
        asked = time.perf_counter()
        done = await asyncio.to_thread(wake, pk)
        moment, status = await asyncio.wait_for(waiters[pk].came, 20)
        assert status == 200, status
        late.append(moment - done)
        whole.append(moment - asked)
    gone = sum(waiter.came.done() for waiter in waiters.values()) - len(late)
    assert not gone, f"{gone} waits ended early"
    herd.hang_up(waiters.values())
    kib = (parked.rss_kib - before.rss_kib) / len(ids)
    return Herd(len(ids), late, whole, kib, parked.threads, before.threads, idle)


def answer_over_http(human: Any, pk: str) -> float:
    answer = human.post(f"/api/messages/{pk}/respond", {"response": {"text": "Because it failed."}})
    assert answer.ok, answer.text
    return time.perf_counter()


def _ask(server: Server, robot: AgentClient, count: int) -> list[str]:
    asked = subprocess.run([sys.executable, "manage.py", "shell", "-c", ASK], cwd=ROOT, env=server.env, text=True,
                           input=f"{robot.agent_id}\n{count}\n", capture_output=True, check=True)  # fmt: skip
    return asked.stdout.split()[-count:]


@contextmanager
def _answerer(server: Server) -> Iterator[Callable[[str], float]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-m", "bench.answerer"], cwd=ROOT, env=server.env, text=True, stdin=pipe, stdout=pipe) as other:  # fmt: skip
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline()

        def answer(pk: str) -> float:
            assert other.stdin
            assert other.stdout
            print(pk, file=other.stdin, flush=True)
            return float(other.stdout.readline())

        yield answer
        other.stdin.close()

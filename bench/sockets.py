"""Open browsers: how soon the last of a thousand hears one event, and what each weighs."""

import asyncio
import json
import time
from datetime import datetime
from functools import partial
from typing import Any

from bench import herd
from bench.report import ms, row, section
from bench.waiters import LOOSE
from tests.processes import AgentClient, Server

SOCKETS, EVENTS = 1_000, 20


def main() -> None:
    section("Browser sockets")
    env = {**LOOSE, "PLACET_SOCKETS_MAX_PER_USER": str(SOCKETS)}
    with Server(env=env) as server:
        few, _ = asyncio.run(_measure(server, server.robot("Few"), SOCKETS // 10))
        last, weight = asyncio.run(_measure(server, server.robot("Many"), SOCKETS))
    p50 = herd.at(last, 0.5)
    told = f"100 sockets: {ms(herd.at(few, 0.5))}"
    row(
        f"one event → last of {SOCKETS:,} sockets, p50", "≤ 40 ms", ms(p50), told, held=p50 <= 0.040
    )
    row(f"memory a socket, {SOCKETS:,} open", "≤ 31 KiB", f"{weight:.1f} KiB", held=weight <= 31)


async def _measure(server: Server, robot: AgentClient, count: int) -> tuple[list[float], float]:
    """The moments the last socket heard each event after it was announced, and KiB a socket."""
    assert server.popen
    pid, heard = server.popen.pid, []
    cookies = server.human().session.cookies.get_dict()
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    request = herd.socket_request(server.url, cookie)
    await asyncio.to_thread(robot.say)
    before = herd.Usage.of(pid)

    def note(moment: float, frame: bytes) -> None:
        heard.append((moment, frame))

    browsers = await herd.connect(server.url, [partial(herd.Browser, request, note)] * count)
    await herd.until_quiet(pid)
    weight = (herd.Usage.of(pid).rss_kib - before.rss_kib) / count
    last = [await _event(robot, heard, count) for _ in range(EVENTS)]
    herd.hang_up(browsers)
    return last, weight


async def _event(robot: AgentClient, heard: list[Any], count: int) -> float:
    """From the moment the event was recorded, which its frame tells to the millisecond, to the last socket that heard it."""
    heard.clear()
    clocks = time.time() - time.perf_counter()
    posted = asyncio.create_task(asyncio.to_thread(robot.say))
    deadline = time.perf_counter() + 10
    while len(heard) < count and time.perf_counter() < deadline:
        await asyncio.sleep(0.002)
    await posted
    assert len(heard) == count, f"only {len(heard)} of {count} sockets heard"
    frame = json.loads(heard[0][1])
    assert frame["type"] == "message:created"
    await asyncio.sleep(0.1)
    recorded = datetime.fromisoformat(frame["at"]).timestamp() - clocks
    return max(moment for moment, _ in heard) - recorded

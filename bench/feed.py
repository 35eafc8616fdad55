"""The feed: how soon a parked poller is told, and what it costs, beside waits for reviews in the same run."""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import psycopg

from bench import herd
from bench.load import post
from bench.pages import database_of_its_own
from bench.report import ms, row, section
from bench.waiters import LOOSE, answer_over_http
from tests import needs
from tests.processes import ROOT, Human, Server

COUNT, ANSWERS, HELD = 1_000, 150, 50
SLOW = "INSERT INTO events_eventrow (type, data, actor, recorded_at) VALUES ('x', '{}', 'system', now())"
HIRE = """
import json, sys
from datetime import timedelta
from agents.models import Agent, ApiKey
from accounts.models import User
from inbox.models import Message
from placet.lib.clock import now
from placet.lib.ids import KEY_SHOWN, hash_key, mint_key
from reviews.models import Review
owner, at = User.objects.first(), now()
agents = Agent.objects.bulk_create(Agent(owner=owner, name=f'Agent {n}') for n in range(int(sys.stdin.readline())))
keys = [mint_key() for _ in agents]
ApiKey.objects.bulk_create(ApiKey(user=owner, agent=agent, key_hash=hash_key(key), key_prefix=key[:KEY_SHOWN],
    scopes=['read', 'write']) for agent, key in zip(agents, keys))
reviews = Review.objects.bulk_create(Review(agent=agent, type='text-input', payload={}, created_at=at,
    expires_at=at + timedelta(hours=5)) for agent in agents)
Message.objects.bulk_create(Message(id=review.id, agent_id=review.agent_id, sender_type='agent', text='?', review=review,
    created_at=at, updated_at=at) for review in reviews)
print(json.dumps([[key, str(review.id)] for key, review in zip(keys, reviews)]))
"""


class Hand(NamedTuple):
    """An agent of its own: its key, and the question it asked."""

    key: str
    review_id: str


@dataclass(frozen=True)
class Parked:
    """What they weigh each, and burn all together."""

    waiters: list[herd.Waiter]
    kib: float
    idle: float


@dataclass(frozen=True)
class Late:
    """From the answer to whoever responded, which may come after; and from the moment they sent it."""

    told: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


def main() -> None:
    _show("SQLite", {})
    if url := needs.postgres_url():
        with database_of_its_own(url) as database:
            _show("PostgreSQL", {"DATABASE_URL": database})
            _held_up({"DATABASE_URL": database})


def _show(name: str, env: dict[str, str]) -> None:
    section(f"The feed, {COUNT:,} parked pollers, an agent and a key each, {name}")
    feeds, waits = asyncio.run(_alone(env, "feed")), asyncio.run(_alone(env, "wait"))
    row("memory a poller", "≤ 1.2 x a wait", f"{feeds.kib:.1f} KiB", f"wait {waits.kib:.1f} KiB",
        feeds.kib / waits.kib, held=feeds.kib <= 1.2 * waits.kib)  # fmt: skip
    row("idle CPU", "", f"{feeds.idle:.2%}", f"waits {waits.idle:.2%}")
    quiet, busy = asyncio.run(_both(env))
    _late(quiet, "")
    _late(busy, ", four others post")


def _held_up(env: dict[str, str]) -> None:
    late = asyncio.run(_behind_a_slow_one(env))
    row("a slower transaction's commit → poller it held up, p50", "≤ 50 ms", ms(herd.at(late, 0.5)),
        f"p99 {ms(herd.at(late, 0.99))}", held=herd.at(late, 0.5) <= 0.05)  # fmt: skip


async def _behind_a_slow_one(env: dict[str, str]) -> list[float]:
    """Somebody took a smaller number, and commits when the response has long been given."""
    with Server(env={**LOOSE, **env}) as server, psycopg.connect(env["DATABASE_URL"]) as slow:
        human, hands, late = server.human(), _hire(server, COUNT), list[float]()
        parked = await _park(server, "feed", hands)
        for hand, waiter in list(zip(hands, parked.waiters, strict=True))[:HELD]:
            slow.execute(SLOW)
            await asyncio.to_thread(answer_over_http, human, hand.review_id)
            await asyncio.sleep(0.2)
            assert not waiter.came.done(), "told before what comes before it"
            slow.commit()
            done = time.perf_counter()
            moment, status = await asyncio.wait_for(waiter.came, 20)
            assert status == 200, status
            late.append(moment - done)
        herd.hang_up(parked.waiters)
    return late


def _late(late: dict[str, Late], when: str) -> None:
    feed, wait = late["feed"], late["wait"]
    for share in (0.5, 0.99):
        name = f"{when}, p{share * 100:.0f}"
        told, theirs = herd.at(feed.told, share), herd.at(wait.told, share)
        row(f"response → poller{name}", "", ms(told), f"wait {ms(theirs)}")
    whole, theirs = herd.at(feed.whole, 0.5), herd.at(wait.whole, 0.5)
    row(f"request to respond sent → poller{when}, p50", "≤ 1.5 x a wait", ms(whole), f"wait {ms(theirs)}",
        whole / theirs, held=whole <= 1.5 * theirs)  # fmt: skip


async def _alone(env: dict[str, str], kind: str) -> Parked:
    """In a process of their own: what one kind has warmed, the other would not pay."""
    with Server(env={**LOOSE, **env}) as server:
        hands = _hire(server, COUNT)
        parked = await _park(server, kind, hands, warm=True)
        herd.hang_up(parked.waiters)
        return parked


async def _both(env: dict[str, str]) -> tuple[dict[str, Late], dict[str, Late]]:
    """Of the one half nobody else asks the server for anything, of the other four others post meanwhile."""
    with Server(env={**LOOSE, **env}) as server:
        human, poster, hands = server.human(), server.robot("Poster"), _hire(server, 2 * COUNT)
        whose = {"feed": hands[:COUNT], "wait": hands[COUNT:]}
        herds = {
            kind: list(zip(mine, (await _park(server, kind, mine)).waiters, strict=True))
            for kind, mine in whose.items()
        }
        quiet = await _answer(human, {kind: parked[:ANSWERS] for kind, parked in herds.items()})
        posting = asyncio.create_task(_post_on(server, poster.key))
        busy = await _answer(human, {kind: parked[-ANSWERS:] for kind, parked in herds.items()})
        posting.cancel()
        with suppress(asyncio.CancelledError):
            await posting
        for parked in herds.values():
            early = sum(waiter.came.done() for _, waiter in parked) - 2 * ANSWERS
            assert not early, f"{early} ended early"
            herd.hang_up(waiter for _, waiter in parked)
    return quiet, busy


async def _answer(
    human: Human, herds: dict[str, list[tuple[Hand, herd.Waiter]]]
) -> dict[str, Late]:
    """Turn by turn, so that a busy neighbour slows both alike."""
    late = {kind: Late() for kind in herds}
    for turn in zip(*herds.values(), strict=True):
        for (hand, waiter), times in zip(turn, late.values(), strict=True):
            asked = time.perf_counter()
            done = await asyncio.to_thread(answer_over_http, human, hand.review_id)
            moment, status = await asyncio.wait_for(waiter.came, 20)
            assert status == 200, status
            times.told.append(moment - done)
            times.whole.append(moment - asked)
    return late


async def _park(server: Server, kind: str, hands: list[Hand], *, warm: bool = False) -> Parked:
    assert server.popen
    pid, url = server.popen.pid, server.url
    requests = [_request(url, kind, hand, 120_000) for hand in hands]
    if warm:
        # The first ones warm caches and threads, and are not counted.
        brief = [_request(url, kind, hand, 100) for hand in hands[:64]]
        warmed = await herd.connect(url, [partial(herd.Waiter, request) for request in brief])
        await asyncio.gather(*(waiter.came for waiter in warmed))
    before = herd.Usage.of(pid)
    waiters = await herd.connect(url, [partial(herd.Waiter, request) for request in requests])
    await herd.until_quiet(pid)
    kib = (herd.Usage.of(pid).rss_kib - before.rss_kib) / len(waiters)
    return Parked(waiters, kib, await herd.idle_share(pid) if warm else 0.0)


def _request(url: str, kind: str, hand: Hand, timeout_ms: int) -> bytes:
    if kind == "wait":
        return herd.wait_request(url, *hand, timeout_ms)
    return herd.feed_request(url, hand.key, types="review:responded", wait=timeout_ms)


async def _post_on(server: Server, key: str) -> None:
    body = json.dumps({"text": "Meanwhile"}).encode()
    await post(server.url, key, body, connections=4, seconds=600)


def _hire(server: Server, count: int) -> list[Hand]:
    command = [sys.executable, "manage.py", "shell", "-c", HIRE]
    hired = subprocess.run(command, cwd=ROOT, env=server.env, text=True, input=f"{count}\n", capture_output=True, check=True)  # fmt: skip
    found: list[Any] = json.loads(hired.stdout.splitlines()[-1])
    return [Hand(*one) for one in found]

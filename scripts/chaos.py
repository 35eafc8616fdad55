"""`make chaos`: reviews are posted, responded and delivered while processes are killed; then everything is counted.

    python -m scripts.chaos [scaled] [embedded] [--reviews N]

Scaled: a PostgreSQL, a Redis, two web processes, two workers and beat; one of the five, by lot, gets `kill -9` every second,
and Redis is killed and started twice. Embedded: the one process gets it two seconds after it is ready, again and again.
The receiver answers 500 to every fifth call. Nothing but HTTP is used to ask what became of it all.
"""

import argparse
import itertools
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import requests

from tests import needs
from tests.processes import (
    AgentClient,
    Human,
    Process,
    Server,
    free_port,
    until,
)
from tests.receiver import OK, Answer, Heard, Receiver, receiver

LOOSE = {
    "PLACET_RATE_PER_KEY": "1000000/minute",
    "PLACET_RATE_PER_ADDRESS": "1000000/minute",
    "PLACET_OUTBOUND_ALLOW": "127.0.0.0/8",
    "PLACET_LOG_LEVEL": "ERROR",
}
HANDS, RIVALS, WAITERS = 6, 2, 20
#: What is failing by the table may rest for minutes; then it must at least still be on its way.
DRAIN_SECONDS, GIVE_UP_SECONDS = 240.0, 1200.0


@dataclass
class Site:
    """What is killed, and where it answers."""

    webs: list[Server]
    mortal: list[Process]
    rhythm: Callable[[], float]
    redis: needs.Redis | None = None
    deaths: Counter[str] = field(default_factory=Counter)

    def url(self) -> str:
        return random.choice(self.webs).url

    def strike(self) -> None:
        victim = random.choice(self.mortal)
        victim.kill()
        victim.launch()
        self.deaths[victim.log_path.stem] += 1

    def strike_redis(self) -> None:
        if self.redis:
            self.redis.stop()
            self.redis.start()
            self.deaths["redis"] += 1


@dataclass
class Tally:
    """What was promised: a 201 is a promise."""

    posted: dict[str, str] = field(default_factory=dict)
    promised: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    waited: dict[str, str] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Worker:
    """One pair of hands: posts, has people respond in a race, asks again when a connection breaks."""

    def __init__(self, site: Site, agent: AgentClient, human: Human, tally: Tally) -> None:
        self.site, self.agent, self.human, self.tally = site, agent, human, tally

    def review(self, n: int) -> None:
        message_id = self._post(n)
        if n % (HANDS * 8) == 0:
            threading.Thread(target=self._wait, args=[message_id], daemon=True).start()
        rivals = [
            threading.Thread(target=self._respond, args=[message_id, f"{n} by {rival}"])
            for rival in range(RIVALS if n % 4 == 0 else 1)
        ]
        for rival in rivals:
            rival.start()
        for rival in rivals:
            rival.join()

    def _post(self, n: int) -> str:
        name = f"chaos-{n}"
        body = {"text": f"Question {n}?", "clientId": name, "review": {"type": "text-input"}}
        answer = self._insist(partial(self._agent, body))
        message_id = str(answer.json()["id"])
        with self.tally.lock:
            self.tally.posted[message_id] = name
        return message_id

    def _agent(self, body: Any) -> requests.Response:
        return self.agent.at(self.site.url()).post("/api/v1/messages", body, timeout=5)

    def _respond(self, message_id: str, words: str) -> None:
        """Until there is a 201, or somebody else's response (or our own, whose 201 got lost)."""
        path = f"/api/messages/{message_id}/respond"
        for attempt in itertools.count(1):
            text = f"{words}, attempt {attempt}"
            body = {"response": {"text": text}}
            answer = self._try(partial(self._person, path, body), accept=(201, 403))
            if answer is not None:
                self._note(message_id, text, answer)
                return

    def _person(self, path: str, body: Any) -> requests.Response:
        return self.human.at(self.site.url()).post(path, body, timeout=5)

    def _note(self, message_id: str, text: str, answer: requests.Response) -> None:
        with self.tally.lock:
            if answer.status_code == 201:
                self.tally.promised[message_id].append(text)
            else:
                self.tally.refusals[answer.json()["message"]] += 1

    def _wait(self, message_id: str) -> None:
        while True:
            try:
                answer = self.agent.at(self.site.url()).wait(message_id, 20_000)
            except (requests.RequestException, AssertionError):
                time.sleep(0.2)
                continue
            if answer["status"] != "timeout":
                with self.tally.lock:
                    text = answer["message"]["review"]["response"]["text"]
                    self.tally.waited[message_id] = text
                return

    def _insist(self, send: Callable[[], requests.Response]) -> requests.Response:
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            if (answer := self._try(send, accept=(201,))) is not None:
                return answer
        raise TimeoutError("Nobody answered any more.")

    def _try(
        self, send: Callable[[], requests.Response], *, accept: tuple[int, ...]
    ) -> requests.Response | None:
        try:
            answer = send()
            if answer.status_code in accept:
                return answer
        except requests.RequestException:
            pass
        time.sleep(0.05)
        return None


def drill(name: str, site: Site, reviews: int, there: Receiver) -> bool:
    """Run it, count, say what was found; whether all of it held."""
    agent, human = site.webs[0].robot("Chaos"), site.webs[0].human()
    hooked = agent.post("/api/v1/agents/setWebhook", {"url": there.url})
    assert hooked.ok, hooked.text
    tally, over = Tally(), threading.Event()
    killer = threading.Thread(target=_kill, args=[site, tally, reviews, over], daemon=True)
    begun = time.monotonic()
    killer.start()
    with ThreadPoolExecutor(HANDS) as hands:
        worker = Worker(site, agent, human, tally)
        list(hands.map(worker.review, range(reviews)))
    over.set()
    killer.join()
    worked = time.monotonic() - begun
    for web in site.webs:
        until(web.is_ready, seconds=60)
    drained = _drain(site, there, set(tally.posted))
    return _report(name, site, tally, there, worked, drained, agent, human)


def _kill(site: Site, tally: Tally, reviews: int, over: threading.Event) -> None:
    redis_at = [reviews // 3, 2 * reviews // 3]
    while not over.wait(site.rhythm()):
        site.strike()
        if redis_at and len(tally.promised) >= redis_at[0]:
            redis_at.pop(0)
            site.strike_redis()


def _drain(site: Site, there: Receiver, wanted: set[str]) -> float:
    begun = time.monotonic()
    while time.monotonic() - begun < DRAIN_SECONDS:
        if wanted <= _acknowledged(there):
            break
        time.sleep(0.5)
    return time.monotonic() - begun


def _acknowledged(there: Receiver) -> set[str]:
    return {heard.json["message_id"] for heard, code in there.answered if code == 200}


def _report(
    name: str,
    site: Site,
    tally: Tally,
    there: Receiver,
    worked: float,
    drained: float,
    agent: AgentClient,
    human: Human,
) -> bool:
    kept = {mid: _review(agent.at(site.webs[0].url), mid) for mid in tally.posted}
    calls = [heard for heard, _ in there.answered]
    by_message = defaultdict(set)
    for heard in calls:
        by_message[heard.json["message_id"]].add((heard.event_id, heard.body))
    acknowledged = _acknowledged(there)
    pending = _pending(human)
    faults = {
        "reviews with two promises": [m for m, said in tally.promised.items() if len(said) > 1],
        "promises that were lost": [
            m for m, said in tally.promised.items() if kept[m]["response"]["text"] != said[0]
        ],
        "reviews without a response": [m for m in kept if kept[m]["status"] != "completed"],
        "events that never arrived": [m for m in kept if m not in by_message],
        "events under two ids or bodies": [m for m, seen in by_message.items() if len(seen) > 1],
        "events neither acknowledged nor on their way": [
            m for m in kept if m not in acknowledged and m not in pending
        ],
        "waits that heard something else": [
            m for m, text in tally.waited.items() if kept[m]["response"]["text"] != text
        ],
    }
    print(
        f"\nChaos, {name}: {len(kept)} reviews in {worked:.0f} s, then {drained:.0f} s to deliver"
    )
    print(f"  killed: {', '.join(f'{who} {n} x' for who, n in sorted(site.deaths.items()))}")
    print(
        f"  promised: {len(tally.promised)} got their 201; "
        f"{sum(tally.refusals.values())} were told that somebody was faster"
    )
    codes = Counter(code for _, code in there.answered)
    print(
        f"  receiver: {len(calls)} calls ({codes[200]} x 200, {codes[500]} x 500) for "
        f"{len(by_message)} events; {len(acknowledged)} acknowledged, "
        f"{len(set(kept) - acknowledged)} still being tried"
    )
    print(f"  parked waits that came back with the response: {len(tally.waited)}")
    for what, found in faults.items():
        print(
            f"  {'FAULT' if found else 'none '}  {what}{': ' + ', '.join(found[:5]) if found else ''}"
        )
    return not any(faults.values())


def _review(agent: AgentClient, message_id: str) -> Any:
    return agent.get(f"/api/v1/reviews/{message_id}").json()["review"]


def _pending(human: Human) -> set[str]:
    found, cursor = set[str](), dict[str, str]()
    while True:
        page = human.get("/api/deliveries", status="pending", **cursor).json()
        found |= {one["messageId"] for one in page["data"]}
        if not page["nextCursor"]:
            return found
        cursor = {"cursor": page["nextCursor"]}


def every_fifth_fails() -> Callable[[Heard], Answer]:
    calls = itertools.count(1)
    return lambda heard: (500, {}, 0.0) if next(calls) % 5 == 0 else OK


@contextmanager
def scaled(folder: Path) -> Iterator[Site]:
    from tests.test_scaled import UVICORN, Part, compose_command

    with ExitStack() as stack:
        redis = stack.enter_context(needs.Redis(folder))
        database = stack.enter_context(needs.Database(f"placet_chaos_{os.getpid()}"))
        stores = {
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
            "PLACET_URL": "http://127.0.0.1",
        }
        ports = free_port(), free_port()
        bare = [sys.executable, *UVICORN, str(ports[1])]
        serve = compose_command("web", port=ports[0])
        a = Server({**LOOSE, **stores}, data_dir=folder / "a", port=ports[0], command=serve)
        b = Server({**LOOSE, **stores}, data_dir=folder / "b", port=ports[1], command=bare)
        a.manage(*compose_command("migrate")[2:])
        for web in (a, b):
            stack.enter_context(web)
        # A worker says in its log that it is ready.
        talking = {**a.env, "PLACET_LOG_LEVEL": "INFO"}
        parts = []
        for name, service in (("worker 1", "worker"), ("worker 2", "worker"), ("beat", "beat")):
            part = Part(service, talking, folder, name=name, settings="placet.settings")
            parts.append(stack.enter_context(part))
        yield Site([a, b], [a, b, *parts], rhythm=lambda: 1.0, redis=redis)


@contextmanager
def embedded(folder: Path) -> Iterator[Site]:
    with Server(LOOSE, data_dir=folder) as server:

        def two_seconds_of_life() -> float:
            until(server.is_ready, seconds=60)
            return 2.0

        yield Site([server], [server], rhythm=two_seconds_of_life)


SHAPES = {"scaled": scaled, "embedded": embedded}


def run(name: str, reviews: int) -> bool:
    with (
        tempfile.TemporaryDirectory(prefix="placet-chaos-") as folder,
        receiver() as there,
        SHAPES[name](Path(folder)) as site,
    ):
        there.answer = every_fifth_fails()
        return drill(name, site, reviews, there)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="*", choices=[[], *SHAPES], default=[])
    parser.add_argument("--reviews", type=int, default=1000)
    asked = parser.parse_args()
    held = [run(name, asked.reviews) for name in asked.shapes or SHAPES]
    print("\nEverything held." if all(held) else "\nFAILED: see above.")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())

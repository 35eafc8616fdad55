"""The scaled shape for real, with the commands of compose.yaml, on a PostgreSQL database and a Redis of its own."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest
import redis
import yaml
from django.conf import settings

from tests import needs
from tests.processes import (
    OWNER,
    ROOT,
    AgentClient,
    Died,
    Human,
    Process,
    Server,
    free_port,
    manage,
    until,
)
from tests.receiver import Receiver, receiver

pytestmark = [
    pytest.mark.processes,
    pytest.mark.postgres,
    pytest.mark.redis,
    needs.postgres,
    needs.redis_server,
]
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
UVICORN = ["-m", "uvicorn", "placet.asgi:application", "--host", "127.0.0.1", "--port"]
# Of parking.SWEEP_SECONDS, which makes good what was not heard.
BEFORE_THE_SWEEP = 4


@dataclass
class Site:
    """What an operator runs. `a` is `manage.py serve`, `b` is bare uvicorn: both must do."""

    a: Server
    b: Server
    worker: Process
    beat: Process
    agent: AgentClient
    human: Human
    redis: needs.Redis

    @property
    def agent_on_b(self) -> AgentClient:
        return self.agent.at(self.b.url)

    @property
    def human_on_b(self) -> Human:
        return self.human.at(self.b.url)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("scaled")
    with (
        needs.Redis(folder) as redis,
        needs.Database(f"placet_scaled_{os.getpid()}") as database,
    ):
        ports = free_port(), free_port()
        stores = {
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
            # Both processes are one site with one address in front.
            "PLACET_URL": "http://127.0.0.1",
            "PLACET_RATE_PER_KEY": "100000/minute",
            "PLACET_OUTBOUND_ALLOW": "127.0.0.0/8",
            "PLACET_LOG_FORMAT": "json",
        }
        serve = compose_command("web", port=ports[0])
        bare = [sys.executable, *UVICORN, str(ports[1])]
        a = Server(stores, data_dir=folder / "a", port=ports[0], command=serve)
        b = Server(stores, data_dir=folder / "b", port=ports[1], command=bare)
        a.manage(*compose_command("migrate")[2:])
        with (
            a,
            b,
            Part("worker", a.env, folder) as worker,
            Part("beat", a.env, folder) as beat,
        ):
            yield Site(a, b, worker, beat, a.robot(), a.human(), redis)


class Part(Process):
    """One service of compose.yaml."""

    def __init__(
        self,
        service: str,
        env: dict[str, str],
        folder: Path,
        *,
        name: str = "",
        settings: str = "tests.scaled_settings",
    ) -> None:
        command = compose_command(service, beat=str(folder / "beat"))
        told = {**env, "DJANGO_SETTINGS_MODULE": settings}
        super().__init__(command, env=told, log=folder / f"{name or service}.log")

    def __enter__(self) -> "Part":
        self.launch()
        self.wait_for_log("ready." if "worker" in self.arguments else "beat: Starting")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def compose_command(service: str, *, port: int = 8000, beat: str = "") -> list[str]:
    """What compose.yaml runs, on this machine's Python, port and folder."""
    words = SERVICES[service]["command"]
    return on_this_machine(words, port=port, beat=beat)


def on_this_machine(words: list[str], *, port: int = 8000, beat: str = "") -> list[str]:
    here = {"python": [sys.executable], "celery": [sys.executable, "-m", "celery"]}
    here |= {"0.0.0.0": ["127.0.0.1"], "8000": [str(port)], "/tmp/beat": [beat]}  # noqa: S104, S108 - words to replace
    return [word for said in words for word in here.get(said, [said])]


def test_a_response_on_one_process_wakes_a_wait_on_the_other(site: Site) -> None:
    message = site.agent.ask()
    parked = site.agent.park(message["id"])
    assert not parked.done()
    answer = site.human_on_b.respond(message["id"], {"selectedOption": "approve"})
    assert answer.status_code == 201
    woken, _ = parked.result(BEFORE_THE_SWEEP)
    assert woken.json()["status"] == "completed"
    assert woken.json()["message"]["review"]["response"]["selectedOption"] == "approve"


def test_a_sign_in_over_json_counts_on_every_process(site: Site) -> None:
    """The session made at B opens A, and the form token is asked for at both."""
    human = Human(site.b.url, *OWNER)
    assert human.at(site.a.url).get("/api/auth/me").json()["user"]["email"] == OWNER.email
    message = site.agent.ask()
    naked = human.session.post(
        f"{site.b.url}/api/messages/{message['id']}/respond",
        json={"response": {"selectedOption": "approve"}},
    )
    assert naked.status_code == 403
    assert human.respond(message["id"], {"selectedOption": "reject"}).status_code == 201


def test_the_worker_expires_a_review_and_wakes_its_wait(site: Site) -> None:
    message = site.agent_on_b.ask(expiresInSeconds=2)
    # Long before beat's sweep comes by.
    answer = site.agent_on_b.wait(message["id"], 10_000)
    assert answer["status"] == "expired"
    late = site.human.respond(message["id"], {"selectedOption": "approve"})
    assert late.status_code == 403


def test_a_socket_on_one_process_hears_the_other(site: Site) -> None:
    with site.human.listen() as socket:
        message = site.agent_on_b.ask(text="Heard over there?")
        heard = json.loads(socket.recv(timeout=5))
        assert (heard["type"], heard["messageId"]) == ("message:created", message["id"])
        site.human_on_b.respond(message["id"], {"selectedOption": "approve"})
        assert json.loads(socket.recv(timeout=5))["type"] == "review:responded"


def test_a_key_revoked_on_one_process_ends_a_parked_wait_on_the_other(site: Site) -> None:
    victim = site.a.robot("To be revoked")
    message = victim.ask()
    assert victim.at(site.b.url).get("/api/v1/agents").status_code == 200
    parked = victim.park(message["id"])
    keys = site.human_on_b.get("/api/api-keys").json()
    key = next(key for key in keys if victim.key.startswith(key["keyPrefix"]))
    before = time.monotonic()
    assert site.human_on_b.delete(f"/api/api-keys/{key['id']}").ok
    ended, _ = parked.result(BEFORE_THE_SWEEP)
    assert ended.status_code == 401
    time.sleep(max(0.0, before + 1.0 - time.monotonic()))
    for url in (site.a.url, site.b.url):
        assert victim.at(url).get("/api/v1/agents").status_code == 401


def test_what_happens_on_one_process_wakes_a_feed_on_the_other(site: Site) -> None:
    agent = site.a.robot("With a feed")
    parked = agent.at(site.b.url).listen(after=agent.feed()["nextCursor"])
    assert not parked.done()
    message = agent.say("Heard over there?")
    woken, _ = parked.result(BEFORE_THE_SWEEP)
    (event,) = woken.json()["data"]
    assert (event["type"], event["messageId"]) == ("message:created", message["id"])


def test_a_feed_at_two_processes_is_one_feed_and_nothing_is_missed_or_told_twice(
    site: Site,
) -> None:
    agent = site.a.robot("Much spoken to")
    cursor = agent.feed()["nextCursor"]
    said: list[str] = []

    def post(url: str) -> None:
        mine = agent.at(url)
        said.extend(mine.say(f"{n}")["id"] for n in range(40))

    writers = [threading.Thread(target=post, args=(url,)) for url in (site.a.url, site.b.url) * 2]
    for writer in writers:
        writer.start()
    told: list[str] = []
    readers = cycle([agent.at(site.a.url), agent.at(site.b.url)])
    while len(told) < 160:
        page = next(readers).feed(after=cursor, wait=10_000)
        assert page["data"], f"{len(told)} of 160 were told"
        told += [event["messageId"] for event in page["data"]]
        cursor = page["nextCursor"]
    for writer in writers:
        writer.join()
    assert (len(told), set(told)) == (160, set(said))


def test_a_key_revoked_on_one_process_ends_a_parked_feed_on_the_other(site: Site) -> None:
    victim = site.a.robot("Its feed to be ended")
    parked = victim.at(site.b.url).listen()
    keys = site.human.get("/api/api-keys").json()
    key = next(key for key in keys if victim.key.startswith(key["keyPrefix"]))
    assert site.human.delete(f"/api/api-keys/{key['id']}").ok
    ended, _ = parked.result(BEFORE_THE_SWEEP)
    assert ended.status_code == 401


def test_signing_out_on_one_process_closes_the_socket_on_the_other(site: Site) -> None:
    leaving = Human(site.a.url, *OWNER)
    with leaving.listen() as socket:
        assert leaving.at(site.b.url).post("/api/auth/logout").ok
        with pytest.raises(Exception, match="received"):
            socket.recv(timeout=5)


def test_beat_and_the_worker_reach_their_tasks(site: Site) -> None:
    # What other tests did to the worker before, such as taking its Redis away, stands in its log as well.
    before = len(site.worker.log)
    names = [str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    until(lambda: all(f"Task {name}" in site.worker.log[before:] for name in names), seconds=20)
    assert "Traceback" not in site.worker.log[before:]


def test_every_process_logs_for_machines_when_told_so(site: Site) -> None:
    """All but what Celery and `serve` print at their start, which is for people."""
    for agent in (site.agent, site.agent_on_b):
        agent.request("GET", "/api/v1/agents?q=hush", headers={"X-Request-Id": "seen"})
    said = {"web": "placet.access", "worker": "Task reviews", "beat": "beat: Starting"}
    logs = {"web": site.a.log + site.b.log, "worker": site.worker.log, "beat": site.beat.log}
    for process, text in logs.items():
        lines = [json.loads(line) for line in text.splitlines() if said[process] in line]
        assert lines, process
        assert {"level", "logger", "message", "time"} <= lines[-1].keys()
    seen = [line for line in logs["web"].splitlines() if '"request_id": "seen"' in line]
    assert [json.loads(line)["route"] for line in seen] == ["/api/v1/agents"] * 2
    assert "hush" not in logs["web"]


def test_the_worker_answers_its_health_check(site: Site) -> None:
    command = on_this_machine(SERVICES["worker"]["healthcheck"]["test"][1:])

    def said() -> str:
        done = subprocess.run(
            command, cwd=ROOT, env=site.worker.env, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    # Docker, too, asks three times before it calls a container unhealthy.
    answers: list[str] = []
    while len(answers) < 3 and not any("pong" in answer for answer in answers):
        answers.append(said())
    assert "pong" in answers[-1], answers


def test_two_placets_on_one_redis_share_no_name(site: Site, tmp_path: Path) -> None:
    """Neither keys nor channels: what one of them says, counts or queues is not the other's."""
    stores = {"REDIS_URL": site.a.env["REDIS_URL"], "PLACET_SECRET_KEY": "another" * 7}
    with Server(stores, data_dir=tmp_path) as other:
        other.robot().say()
        site.agent.say()
        with redis.Redis.from_url(stores["REDIS_URL"]) as server:
            names = [
                *map(bytes.decode, server.keys()),
                *map(bytes.decode, server.pubsub_channels()),
            ]
    whose = [re.match(r"(limits:|LIMITS:)?placet-[0-9a-f]{12}", name) for name in names]
    assert [name for name, owner in zip(names, whose, strict=True) if not owner] == []
    assert len({owner.group()[-12:] for owner in whose if owner}) == 2


def test_without_redis_a_second_process_is_refused_with_what_to_set(tmp_path: Path) -> None:
    with Server(data_dir=tmp_path) as first:
        second = Server(data_dir=tmp_path)
        with pytest.raises(Died, match="REDIS_URL"):
            second.start()
        bare = [sys.executable, *UVICORN, str(free_port())]
        third = Server(data_dir=tmp_path, command=bare)
        with pytest.raises(Died, match="REDIS_URL"):
            third.start()
        assert first.is_ready()


def test_a_worker_without_redis_is_refused_with_what_to_set(tmp_path: Path) -> None:
    env = Server(data_dir=tmp_path).env
    worker = Part("worker", env, tmp_path)
    worker.launch()
    until(lambda: not worker.running, seconds=30)
    assert worker.returncode
    assert "REDIS_URL" in worker.log


def test_the_scaled_shape_without_a_secret_is_refused_with_what_to_set(site: Site) -> None:
    env = {**site.a.env, "PLACET_SECRET_KEY": ""}
    with pytest.raises(RuntimeError, match="PLACET_SECRET_KEY must be set"):
        manage("check", env=env)


def test_a_response_reaches_the_agents_webhook_through_the_worker(site: Site) -> None:
    with told(site) as there:
        message = site.agent.ask()
        assert site.human_on_b.respond(message["id"], {"selectedOption": "approve"}).ok
        until(lambda: there.heard)
        until(lambda: delivery_status(site, message["id"]) == "webhook_delivered")
    assert [heard.json["event"] for heard in there.heard] == ["review:responded"]


def test_without_redis_the_web_goes_on_and_what_is_due_goes_out_when_it_is_back(
    site: Site,
) -> None:
    with told(site) as there:
        site.redis.stop()
        try:
            message = site.agent.ask()
            parked = site.agent_on_b.park(message["id"])
            answer = site.human.respond(message["id"], {"selectedOption": "approve"})
            assert answer.status_code == 201
            assert parked.result(15)[0].json()["status"] == "completed"
            assert site.human_on_b.get("/api/messages/reviews").ok
        finally:
            site.redis.start()
        until(lambda: there.heard, seconds=60)
    assert there.heard[0].json["message_id"] == message["id"]


def test_the_worker_outlives_a_redis_that_comes_and_goes(site: Site) -> None:
    """Celery's own ends sooner or later when it loses its connection with a task in hand: beat gives it a dozen a second here."""
    for _ in range(6):
        site.redis.stop()
        had = site.worker.log.count("received")
        site.redis.start()
        until(partial(lambda had: site.worker.log.count("received") > had, had), seconds=30)


@contextmanager
def told(site: Site) -> Iterator[Receiver]:
    """The agent's webhook, as long as this lasts."""
    with receiver() as there:
        assert site.agent.post("/api/v1/agents/setWebhook", {"url": there.url}).ok
        try:
            yield there
        finally:
            assert site.agent.post("/api/v1/agents/deleteWebhook", {}).ok


def delivery_status(site: Site, message_id: str) -> str:
    return str(site.agent.get(f"/api/v1/messages/{message_id}").json()["deliveryStatus"])

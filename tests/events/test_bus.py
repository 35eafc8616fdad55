"""An event reaches every process once: over Redis, by the follower of the table, or by both."""

import queue
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from channels.layers import channel_layers
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.db import connection, connections, transaction
from django.test import TransactionTestCase

from placet.events import bus, catalogue, follow, relay
from placet.events.follow import Follower, SqliteCommits, Ticks
from placet.events.models import EventRow, Recorded
from placet.events.outbox import record
from placet.events.relay import SEND_SECONDS, Relay
from placet.events.seen import Seen
from placet.lib.actors import SYSTEM
from placet.lib.clock import now
from tests import needs
from tests.processes import clean_environment


def event(number: int, *, at: str = "2026-01-01T00:00:00.000Z") -> Recorded:
    return Recorded(
        id=number, type="agent:created", data={}, agent_id=None, user_id=None, recorded_at=at
    )


class TestSeen:
    def test_an_event_is_new_once(self) -> None:
        seen = Seen(10)
        assert [seen.is_new(event(1)), seen.is_new(event(1))] == [True, False]

    def test_an_id_used_again_after_a_rollback_is_another_event(self) -> None:
        seen = Seen(10)
        seen.is_new(event(1))
        assert seen.is_new(event(1, at="2026-01-01T00:00:01.000Z"))

    def test_it_remembers_so_many_and_no_more(self) -> None:
        seen = Seen(3)
        for number in range(5):
            seen.is_new(event(number))
        assert not seen.knows(1)
        assert seen.knows(4)


class TestDelivery:
    def test_a_broken_subscriber_costs_the_others_nothing(self, caplog: Any) -> None:
        heard: list[int] = []

        def broken(recorded: Recorded) -> None:
            raise ZeroDivisionError

        with patch.object(bus, "_everywhere", [broken, lambda recorded: heard.append(recorded.id)]):
            bus.deliver(event(7))
        assert heard == [7]
        assert "bus.subscriber_failed" in caplog.text

    def test_an_event_that_comes_by_two_legs_is_delivered_once(self) -> None:
        heard: list[int] = []
        stamped = event(3, at="2026-05-05T00:00:00.000Z")
        with patch.object(bus, "_everywhere", [lambda recorded: heard.append(recorded.id)]):
            bus.publish(stamped)
            bus.receive(stamped)
        assert heard == [3]


# A follower lasts as long as its process; here it is ended from inside, which pytest would report as a crash.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
class FollowerTests(TransactionTestCase):
    def setUp(self) -> None:
        self.heard: queue.Queue[Recorded] = queue.Queue()
        self.seen = Seen(100)

    def receive(self, recorded: Recorded) -> None:
        if self.seen.is_new(recorded):
            self.heard.put(recorded)

    def follow(self, source: Any) -> Follower:
        follower = Follower(self.receive, source, is_new=self.seen.is_new)
        self.addCleanup(follower.join, 5)
        self.addCleanup(getattr(source, "now", int))
        self.addCleanup(setattr, source, "wait", _end)
        follower.start()
        return follower

    def test_what_was_committed_unheard_is_delivered_and_what_was_before_is_not(self) -> None:
        tell()
        ticks = Ticks(0.05)
        self.follow(ticks)
        time.sleep(0.2)
        number = tell()
        assert self.heard.get(timeout=3).id == number
        time.sleep(0.2)
        assert self.heard.empty()

    def test_a_smaller_id_that_commits_later_is_found(self) -> None:
        self.follow(Ticks(0.05))
        time.sleep(0.1)
        late = tell() + 5
        EventRow.objects.create(
            pk=late + 1, type="x", data={}, actor="system", recorded_at="2026-01-01T00:00:00Z"
        )
        assert {self.heard.get(timeout=3).id for _ in range(2)} == {late - 5, late + 1}
        EventRow.objects.create(pk=late, type="x", data={}, actor="system", recorded_at=now())
        assert self.heard.get(timeout=3).id == late

    def test_a_backlog_longer_than_a_page_is_read_to_its_end(self) -> None:
        ticks = Ticks(60)
        self.follow(ticks)
        time.sleep(0.2)
        with patch.object(follow, "PAGE", 3):
            last = [tell() for _ in range(10)][-1]
            ticks.now()
            assert [self.heard.get(timeout=3).id for _ in range(10)][-1] == last

    def test_a_failing_read_is_logged_and_tried_again(self) -> None:
        ticks = Ticks(0.05)
        with (
            patch.object(follow, "RETRY_SECONDS", 0.05),
            patch.object(follow, "events_since", side_effect=ZeroDivisionError),
            self.assertLogs("placet.events.follow", "ERROR"),
        ):
            self.follow(ticks)
            time.sleep(0.3)
        number = tell()
        time.sleep(0.3)
        assert self.heard.empty() or self.heard.get().id == number

    @pytest.mark.sqlite
    def test_a_commit_of_another_process_is_noticed_within_a_moment(self) -> None:
        self.follow(SqliteCommits(knows=self.seen.knows))
        time.sleep(0.3)
        name = str(connection.settings_dict["NAME"])
        subprocess.run([sys.executable, "-c", INSERT, name], check=True)
        assert self.heard.get(timeout=3).type == "elsewhere"

    @pytest.mark.sqlite
    def test_an_own_commit_that_was_published_needs_no_reading(self) -> None:
        source = SqliteCommits(knows=self.seen.knows)
        source.wait()
        with transaction.atomic():
            record(catalogue.AgentCreated(agent_id=uuid4()), by=SYSTEM)
        self.seen.is_new(Recorded.of(EventRow.objects.latest("pk")))
        assert not source.wait()
        assert not source.wait()

    @pytest.mark.sqlite
    def test_the_first_look_leaves_the_long_past_alone(self) -> None:
        for _ in range(follow.SEEN_AGAIN + 3):
            tell()
        asked: list[int] = []

        def knows(number: int) -> bool:
            asked.append(number)
            return True

        source = SqliteCommits(knows=knows)
        source.wait()
        assert 0 < len(asked) <= follow.SEEN_AGAIN


PUBLISH = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "placet.settings"
import django
django.setup()
from placet.events.models import Recorded
from placet.events.relay import relay
relay().send(Recorded(id=1, type="x", data={}, agent_id=None, user_id=None, recorded_at=""))
"""
INSERT = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=10) as db:
    db.execute("INSERT INTO events_eventrow (type, data, actor, recorded_at) VALUES ('elsewhere', '{}', 'system', '2026-01-01 00:00:00')")
"""


def _end() -> bool:
    for one in connections.all(initialized_only=True):
        one.close()
    raise SystemExit


def tell() -> int:
    with transaction.atomic():
        record(catalogue.AgentCreated(agent_id=uuid4()), by=SYSTEM)
    return EventRow.objects.latest("pk").pk


@pytest.fixture
def relays() -> Iterator[Callable[[], Relay]]:
    made: list[Relay] = []

    def make() -> Relay:
        made.append(Relay())
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def redis_layer(tmp_path: Path) -> Iterator[None]:
    with needs.Redis(tmp_path) as server:
        layer = RedisPubSubChannelLayer(hosts=[server.url], prefix=f"test{uuid4().hex}")
        before = channel_layers.set("default", layer)
        yield
        channel_layers.set("default", before)


@needs.redis_server
@pytest.mark.usefixtures("redis_layer")
class TestRelay:
    def test_an_event_reaches_the_other_process_once_and_not_its_sender(
        self, relays: Callable[[], Relay]
    ) -> None:
        here, there = relays(), relays()
        mine: queue.Queue[Recorded] = queue.Queue()
        theirs: queue.Queue[Recorded] = queue.Queue()
        ready: queue.Queue[None] = queue.Queue()
        here.listen(mine.put, on_gap=lambda: ready.put(None))
        there.listen(theirs.put, on_gap=lambda: ready.put(None))
        ready.get(timeout=5), ready.get(timeout=5)
        time.sleep(0.2)
        for number in range(100):
            here.send(event(number))
        assert [theirs.get(timeout=3).id for _ in range(100)] == list(range(100))
        assert mine.empty()
        assert theirs.empty()

    def test_a_broken_subscription_is_renewed_and_the_gap_is_told(
        self, relays: Callable[[], Relay]
    ) -> None:
        gaps: queue.Queue[None] = queue.Queue()
        broken = relays()
        with patch.object(relay, "FIRST_RETRY_SECONDS", 0.05):
            with patch.object(relay, "_layer", side_effect=ConnectionError):
                broken.listen(lambda recorded: None, on_gap=lambda: gaps.put(None))
                time.sleep(0.2)
                assert gaps.empty()
            gaps.get(timeout=5)

    def test_what_is_on_its_way_is_flushed(self, relays: Callable[[], Relay]) -> None:
        sender = relays()
        sender.send(event(1))
        sender.flush()
        assert not sender._outgoing

    def test_flushing_never_overtakes_a_send(self, relays: Callable[[], Relay]) -> None:
        sent: list[int] = []

        async def took(batch: list[dict[str, Any]]) -> None:
            sent.extend(one["id"] for one in batch)

        sender = relays()
        with patch.object(sender, "_send_batch", took):
            for number in range(3000):
                sender.send(event(number))
                sender.flush()
                assert sent[-1] == number


class TestRelayWithoutRedis:
    def test_a_process_that_published_exits_without_a_word_about_tasks(
        self, tmp_path: Path
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            for port in (1, silent.getsockname()[1]):
                env = {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "PLACET_DATA_DIR": str(tmp_path)}
                done = subprocess.run(
                    [sys.executable, "-c", PUBLISH],
                    env=clean_environment(env),
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=True,
                )
                assert "Task was destroyed" not in done.stderr

    def test_closing_twice_is_closing_once(self, relays: Callable[[], Relay]) -> None:
        closed = relays()
        closed.close()
        closed.close()
        assert not closed._thread.is_alive()

    def test_sending_neither_fails_nor_waits(
        self, relays: Callable[[], Relay], caplog: Any
    ) -> None:
        dead = RedisPubSubChannelLayer(hosts=["redis://127.0.0.1:1/0"], prefix="dead")
        before = channel_layers.set("default", dead)
        try:
            sender = relays()
            started = time.monotonic()
            for number in range(1000):
                sender.send(event(number))
            assert time.monotonic() - started < SEND_SECONDS
            sender._idle.wait(5)
            assert "relay.send_failed" in caplog.text
        finally:
            channel_layers.set("default", before)

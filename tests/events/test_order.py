"""A reader by cursor skips no event and is told none twice, in whatever order transactions commit."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from inbox.feed.page import FeedPage, feed_page
from placet.events import catalogue
from placet.events.models import EventRow
from placet.events.outbox import record
from placet.events.selectors import latest_id, settled_id
from placet.lib.actors import SYSTEM, Actor
from tests import cast

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def tell(robot: cast.Robot, word: str, *, and_take_it_back: bool = False) -> None:
    with transaction.atomic():
        record(catalogue.AgentStatus(agent_id=robot.agent.id, status=word), by=SYSTEM)
        transaction.set_rollback(and_take_it_back)


@pytest.fixture
def reader(robot: cast.Robot) -> Actor:
    """Made before anybody writes: on SQLite a look at the key waits for its turn to note that it was used."""
    return robot.actor


def words(page: FeedPage) -> list[str]:
    return [item.recorded.data["status"] for item in page.items]


class Slow(threading.Thread):
    """Tells something in a transaction, and commits when it is let go."""

    def __init__(self, robot: cast.Robot, word: str, *, changes_its_mind: bool) -> None:
        super().__init__()
        self.robot, self.word, self.changes_its_mind = robot, word, changes_its_mind
        self.told, self.may_commit = threading.Event(), threading.Event()

    def run(self) -> None:
        with transaction.atomic():
            if self.changes_its_mind:
                tell(self.robot, "never", and_take_it_back=True)
            tell(self.robot, self.word)
            self.told.set()
            self.may_commit.wait(20)
        connection.close()

    def __enter__(self) -> "Slow":
        self.start()
        assert self.told.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self.may_commit.set()
        self.join()


class Quick(threading.Thread):
    def __init__(self, robot: cast.Robot, word: str) -> None:
        super().__init__()
        self.robot, self.word = robot, word

    def run(self) -> None:
        tell(self.robot, self.word)
        connection.close()


def overtakes() -> bool:
    """SQLite's second writer waits for the first."""
    return connection.vendor != "sqlite"


@pytest.mark.parametrize("changes_its_mind", [False, True])
def test_who_took_a_smaller_number_and_commits_later_is_told_first(
    robot: cast.Robot, reader: Actor, changes_its_mind: bool
) -> None:
    start = settled_id()
    quick = Quick(robot, "second")
    with Slow(robot, "first", changes_its_mind=changes_its_mind):
        quick.start()
        quick.join(20 if overtakes() else 0.3)
        assert EventRow.objects.filter(pk__gt=start).count() == overtakes()
        early = feed_page(reader, after=start)
        assert (words(early), early.held is not None) == ([], overtakes())
    quick.join()
    assert words(feed_page(reader, after=early.cursor)) == ["first", "second"]


def test_who_took_a_number_and_gave_up_holds_nobody_up(robot: cast.Robot, reader: Actor) -> None:
    start = settled_id()
    tell(robot, "never", and_take_it_back=True)
    Quick(robot, "after").run()
    assert words(feed_page(reader, after=start)) == ["after"]


def test_an_old_transaction_that_tells_nothing_holds_nobody_up(
    robot: cast.Robot, reader: Actor
) -> None:
    start = settled_id()
    with old_transaction():
        Quick(robot, "now").run()
        assert words(feed_page(reader, after=start)) == ["now"]


@contextmanager
def old_transaction() -> Iterator[None]:
    """One that is open, and on PostgreSQL has begun to write; on SQLite that would leave no room for others."""
    took = (
        "max(id) FROM events_eventrow" if connection.vendor == "sqlite" else "pg_current_xact_id()"
    )
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"SELECT {took}")
        cursor.fetchall()
        yield


def test_in_a_crowd_of_writers_a_reader_is_told_everything_once_and_in_order(
    robot: cast.Robot, reader: Actor
) -> None:
    start = settled_id()
    writers = [threading.Thread(target=write, args=(robot, n)) for n in range(8)]
    for writer in writers:
        writer.start()
    told: list[int] = []
    cursor, done = start, False
    while not done:
        done = not any(writer.is_alive() for writer in writers)
        page = feed_page(reader, after=cursor)
        told += [item.recorded.id for item in page.items]
        cursor = page.cursor
        done = done and not page.items
    kept = EventRow.objects.filter(pk__gt=start).order_by("pk").values_list("pk", flat=True)
    assert len(told) > 100
    assert told == list(kept)
    assert settled_id() == latest_id()


def write(robot: cast.Robot, number: int) -> None:
    chance: Any = random.Random(number)
    for _ in range(30):
        with transaction.atomic():
            tell(robot, "busy")
            if chance.random() < 0.3:
                tell(robot, "active")
            time.sleep(chance.random() * 0.01)
            transaction.set_rollback(chance.random() < 0.2)
    connection.close()

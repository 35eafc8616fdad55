"""What PostgreSQL is taught about events: whoever is about to write some says so, once, and not for ever."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import needs
from tests.processes import clean_environment, manage

pytestmark = [pytest.mark.processes, pytest.mark.postgres, needs.postgres]
TELL = """
    INSERT INTO events_eventrow (type, data, actor, recorded_at) VALUES ('x', '{}', 'system', now()) RETURNING id
"""
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
LIMIT = "SHOW idle_in_transaction_session_timeout"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = str(tmp_path_factory.mktemp("announcing"))
    with needs.Database(f"placet_announcing_{os.getpid()}") as database:
        env = {"DATABASE_URL": database.url, "PLACET_DATA_DIR": folder}
        manage("migrate", env=clean_environment(env))
        yield database.url


@pytest.fixture
def writer(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def other(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def one(connection: psycopg.Connection, sql: str) -> object:
    row = connection.execute(sql.encode()).fetchone()
    return row and row[0]


def test_the_last_number_before_a_transactions_own_is_announced_until_its_end(
    writer: psycopg.Connection, other: psycopg.Connection
) -> None:
    before = one(other, TELL)
    assert one(other, "SELECT events_announced()") is None
    one(writer, TELL)
    overtakes = one(other, TELL)
    one(writer, TELL)
    assert one(other, "SELECT events_announced()") == before
    assert one(writer, "SELECT events_announced()") is None
    writer.commit()
    assert one(other, "SELECT events_announced()") is None
    assert overtakes


def test_a_thousand_events_of_one_transaction_are_one_lock(writer: psycopg.Connection) -> None:
    for _ in range(1000):
        one(writer, TELL)
    assert one(writer, LOCKS) == 1


def test_a_savepoint_takes_its_announcement_back_and_the_next_event_makes_it_again(
    writer: psycopg.Connection,
) -> None:
    writer.execute("SAVEPOINT here")
    one(writer, TELL)
    writer.execute("ROLLBACK TO SAVEPOINT here")
    assert one(writer, LOCKS) == 0
    one(writer, TELL)
    assert one(writer, LOCKS) == 1


def test_who_has_told_something_may_not_sleep_over_it_and_a_stricter_limit_stays(
    writer: psycopg.Connection,
) -> None:
    one(writer, TELL)
    assert one(writer, LIMIT) == "1min"
    writer.rollback()
    assert one(writer, LIMIT) == "0"
    writer.execute("SET idle_in_transaction_session_timeout = '10s'")
    one(writer, TELL)
    assert one(writer, LIMIT) == "10s"


def test_it_works_for_whoever_keeps_the_tables_in_a_schema_out_of_sight(
    writer: psycopg.Connection,
) -> None:
    """As `pg_restore` does while it fills the tables."""
    writer.execute("SET search_path = ''")
    one(writer, TELL.replace("events_eventrow", "public.events_eventrow"))
    assert one(writer, LOCKS) == 1


def test_the_teaching_can_be_undone_and_done_again(url: str, tmp_path: Path) -> None:
    env = clean_environment({"DATABASE_URL": url, "PLACET_DATA_DIR": str(tmp_path)})
    manage("migrate", "events", "0003", env=env)
    manage("migrate", "events", env=env)

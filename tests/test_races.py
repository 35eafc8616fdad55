"""One review, one response: real threads in two real processes, on SQLite and on PostgreSQL."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from accounts.models import User
from agents import keys
from agents import services as agents
from agents.auth import actor_of_key
from agents.models import Agent
from inbox.channels import channel_for
from inbox.services import keeping, posting, writing
from placet.events.models import EventRow
from placet.lib.clock import now
from placet.lib.errors import Conflict, Forbidden, NotFound, Unauthorized
from reviews.errors import AlreadySettled
from reviews.models import Review
from tests import cast
from tests.processes import ROOT, clean_environment

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

THREADS = 100
ROUNDS = 6


@pytest.fixture
def contenders() -> Iterator[dict[str, str]]:
    """The environment in which another process finds this test's own database."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        found = {"DATABASE_URL": f"sqlite:////{name.lstrip('/')}"}
    else:
        url = os.environ["PLACET_TEST_DATABASE_URL"]
        found = {"DATABASE_URL": url.rsplit("/", 1)[0] + f"/{name}"}
    yield clean_environment({**found, "DJANGO_SETTINGS_MODULE": "tests.race_settings"})
    connections.close_all()


def race(env: dict[str, str], job: dict[str, Any]) -> list[dict[str, Any]]:
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.contender"],
            cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in started:
        assert process.stdin
        process.stdin.write(json.dumps(job))
        process.stdin.close()
    return [json.loads(process.stdout.read()) for process in started if process.stdout]


def test_two_hundred_responses_and_the_clock_meet_and_one_wins(
    contenders: dict[str, str], ada: User, robot: cast.Robot
) -> None:
    reviews = [cast.ask(robot) for _ in range(ROUNDS)]
    start = time.time() + 8
    moments = [start + 1.5 * n for n in range(ROUNDS)]
    for n, (review, moment) in enumerate(zip(reviews, moments, strict=True)):
        if n % 2:
            # The deadline falls into the middle of the charge: some arrive before it, some after.
            deadline = now().fromtimestamp(moment + 0.012, tz=now().tzinfo)
            Review.objects.filter(pk=review.id).update(expires_at=deadline)
    job = {
        "reviews": [{"id": str(r.id), "at": at} for r, at in zip(reviews, moments, strict=True)],
        "email": ada.email,
        "threads": THREADS,
    }
    results = race(contenders, job)
    assert [one["odd"] for one in results] == [[], []]
    wins = [review_id for one in results for review_id in one["won"]]
    for n, review in enumerate(reviews):
        row = Review.objects.get(pk=review.id)
        events = EventRow.objects.filter(type__startswith="review:", data__messageId=str(review.id))
        types = list(events.values_list("type", flat=True))
        if row.status == "completed":
            assert (wins.count(str(review.id)), types) == (1, ["review:responded"])
        else:
            assert n % 2, "Nobody won a review that was nowhere near its deadline."
            assert (row.status, wins.count(str(review.id)), types) == (
                "expired",
                0,
                ["review:expired"],
            )
    losses = sum(count for one in results for count in one["losses"].values())
    assert len(wins) + losses == 2 * THREADS * ROUNDS


def test_a_response_that_waited_past_the_deadline_comes_too_late(
    ada: User, robot: cast.Robot
) -> None:
    question = cast.ask(robot, expires_at=now() + timedelta(seconds=1))
    held = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Review.objects.select_for_update().get(pk=question.id)
            held.set()
            time.sleep(1.2)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    with pytest.raises(AlreadySettled, match="expired"):
        cast.answer(ada, question)
    holder.join()
    assert Review.objects.get(pk=question.id).status == "pending"
    assert not EventRow.objects.filter(type="review:responded").exists()


def in_threads(number: int, work: Any) -> list[Any]:
    gate, results = threading.Barrier(number), []

    def run(n: int) -> None:
        gate.wait(timeout=60)
        try:
            results.append(work(n))
        except Exception as error:  # noqa: BLE001 - the assertion below tells what it was
            results.append(error)
        connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_twelve_retries_of_one_client_id_at_once_are_one_message(robot: cast.Robot) -> None:
    actor = robot.actor
    posted = in_threads(
        12, lambda n: posting.post_message(by=actor, text=f"try {n}", client_id="retry").id
    )
    assert len(posted) == 12
    assert len(set(posted)) == 1, posted
    assert EventRow.objects.filter(type="message:created").count() == 1


def test_twelve_retries_of_one_idempotency_key_at_once_are_one_message(robot: cast.Robot) -> None:
    actor, key = robot.actor, posting.Idempotency.of("k", b"{}")
    posted = in_threads(
        12, lambda n: posting.post_message(by=actor, text="same", idempotency=key).id
    )
    assert len(posted) == 12
    assert len(set(posted)) == 1, posted


def test_of_six_who_rotate_a_key_at_once_one_is_shown_a_key_that_works(
    ada: User, robot: cast.Robot
) -> None:
    key_id, by = robot.actor.key_id, ada.as_actor()
    results = in_threads(6, lambda n: keys.rotate_key(by=by, key_id=key_id).key)
    shown = [one for one in results if isinstance(one, str)]
    assert all(isinstance(one, str | Conflict) for one in results), results
    # Some may have come one after the other: the last one's key works.
    assert len([key for key in shown if _lets_in(key)]) == 1


def _lets_in(key: str) -> bool:
    try:
        return bool(actor_of_key(key))
    except Unauthorized:
        return False


def test_what_is_said_to_an_agent_that_is_deleted_meanwhile_is_refused(
    ada: User, robot: cast.Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, agent_id = robot.actor, robot.agent.id
    _delete_behind(monkeypatch, posting)
    with pytest.raises(Forbidden):
        posting.post_message(by=by, channel=agent_id, text="Still there?")


def test_what_is_written_to_an_agent_that_is_deleted_meanwhile_is_refused(
    ada: User, robot: cast.Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _delete_behind(monkeypatch, writing)
    with pytest.raises(Forbidden):
        writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="Still there?")


def test_an_agent_that_is_deleted_while_it_changes_is_not_found(
    ada: User, robot: cast.Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    managed = agents._managed

    def and_gone(by: Any, agent_id: object) -> Agent:
        row = managed(by, agent_id)
        Agent.objects.filter(pk=row.pk).delete()
        return row

    monkeypatch.setattr(agents, "_managed", and_gone)
    with pytest.raises(NotFound):
        agents.update_agent(by=ada.as_actor(), agent_id=robot.agent.id, changes={"name": "Renamed"})


def _delete_behind(monkeypatch: pytest.MonkeyPatch, service: Any) -> None:
    """The agent goes right after the service has looked at it."""

    def and_gone(by: Any, channel: object, *, named: str = "channel") -> Any:
        found = channel_for(by, channel, named=named)
        Agent.objects.filter(pk=found.id).delete()
        return found

    monkeypatch.setattr(service, "channel_for", and_gone)


def test_a_mark_of_reading_never_moves_back(robot: cast.Robot, ada: User) -> None:
    from inbox.models import ReadMark

    ids = [cast.say(robot).id for _ in range(12)]
    results = in_threads(
        12,
        lambda n: keeping.mark_read(by=ada.as_actor(), agent_id=robot.agent.id, message_id=ids[n]),
    )
    assert results == [None] * 12
    assert ReadMark.objects.get().message_id == ids[-1]


def test_the_sqlite_of_the_house_is_a_file_with_a_patient_writer() -> None:
    options = settings.DATABASES["default"].get("OPTIONS", {})
    if connection.vendor == "sqlite":
        assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 20)
        assert connection.cursor().execute("PRAGMA journal_mode").fetchone() == ("wal",)
    else:
        assert connection.vendor == "postgresql"

"""Who meets in a run: reports, answers, stops and the clock, in threads and in two real processes."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from accounts.models import User
from agents import services as agents
from inbox.models import Message
from placet.events.models import EventRow
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import PlacetError
from reviews import services as reviews
from reviews.errors import AlreadySettled
from reviews.models import Review
from runs.errors import RunEnded
from runs.models import Activity, Run
from runs.services import (
    admitting,
    ending,
    lapsing,
    opening,
    prompting,
    stopping,
    updating,
)
from tests import cast
from tests.processes import ROOT, clean_environment
from tests.runs.parts import history, make_runner, run_of, tell, write

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = 6
SECONDS = 4.0


@pytest.fixture
def runner(ada: User) -> cast.Robot:
    return make_runner(ada)


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Each in a thread of its own, begun at the same moment; what it returned, or what it raised."""
    gate = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def run(n: int) -> None:
        gate.wait(timeout=60)
        try:
            results[n] = jobs[n]()
        except Exception as error:  # noqa: BLE001 - the assertions tell what it was
            results[n] = error
        connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def respond(by: Actor, review_id: Any, text: str) -> Any:
    return reviews.respond(by=by, review_id=review_id, response={"text": text})


def numbers(run_id: Any) -> list[int]:
    rows = Activity.objects.filter(run_id=run_id).order_by("number")
    return list(rows.values_list("number", flat=True))


def told_of(run_id: Any) -> int:
    return EventRow.objects.filter(type="run:activity", data__runId=str(run_id)).count()


def test_twelve_reports_at_once_are_twelve_in_a_row(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    run_id = run_of(runner).id
    results = together(
        *[lambda n=n: tell(runner, "thought", f"{n}", run=run_id) for n in range(12)]
    )
    assert [one for one in results if isinstance(one, Exception)] == []
    assert numbers(run_id) == list(range(1, 14))
    assert {body for _, body in history(run_id)} >= {str(n) for n in range(12)}
    assert (run_of(runner).length, told_of(run_id)) == (13, 13)


def test_six_messages_at_once_are_six_prompts_of_one_run(ada: User, runner: cast.Robot) -> None:
    results = together(*[lambda n=n: write(ada, runner, f"{n}") for n in range(6)])
    assert [one for one in results if isinstance(one, Exception)] == []
    run = Run.objects.get()
    assert sorted(body for _, body in history(run.pk)) == list("012345")
    assert EventRow.objects.filter(type="run:created").count() == 1


def test_an_elicitation_that_two_people_answer_is_one_prompt(
    ada: User, olga: User, runner: cast.Robot
) -> None:
    for _ in range(ROUNDS):
        write(ada, runner)
        asked = tell(runner, "elicitation", "Which branch?")
        answers = [(ada.as_actor(), "main"), (olga.as_actor(), "next")]
        results = together(*[partial(respond, by, asked.run.awaits, text) for by, text in answers])
        lost = [one for one in results if isinstance(one, Exception)]
        assert [type(one) for one in lost] == [AlreadySettled]
        won = Review.objects.get(pk=str(asked.run.awaits))
        assert won.response
        assert history(asked.run.id)[2:] == [("prompt", won.response["text"])]
        tell(runner, "response")


def test_an_answer_and_the_end_of_the_question_agree(ada: User, runner: cast.Robot) -> None:
    for _ in range(ROUNDS):
        write(ada, runner)
        asked = tell(runner, "elicitation", "Which branch?")
        said, ended = together(
            partial(respond, ada.as_actor(), asked.run.awaits, "main"),
            partial(tell, runner, "response", "Never mind", run=asked.run.id),
        )
        assert not isinstance(ended, Exception), ended
        review, types = Review.objects.get(pk=str(asked.run.awaits)), history(asked.run.id)[2:]
        if isinstance(said, Exception):
            assert (type(said), review.status) == (AlreadySettled, "cancelled")
            assert types == [("response", "Never mind")]
        else:
            assert review.status == "completed"
            assert types == [("prompt", "main"), ("response", "Never mind")]
        assert (run_of(runner).status, run_of(runner).awaits) == ("completed", None)


def test_a_stop_and_a_response_agree_on_who_was_first(ada: User, runner: cast.Robot) -> None:
    seen = set()
    for _ in range(ROUNDS):
        write(ada, runner)
        run_id = run_of(runner).id
        stop, response = together(
            partial(stopping.stop, by=ada.as_actor(), run_id=run_id),
            partial(tell, runner, "response", "Done", run=run_id),
        )
        assert not isinstance(response, Exception), response
        run, types = run_of(runner), [type for type, _ in history(run_id)]
        if isinstance(stop, Exception):
            assert isinstance(stop, RunEnded)
            assert (run.status, types) == ("completed", ["prompt", "response"])
        else:
            assert (run.status, types) == ("stopped", ["prompt", "prompt", "response"])
        seen.add(run.status)
    assert seen <= {"completed", "stopped"}


def test_two_who_stop_at_once_are_one_stop(ada: User, olga: User, runner: cast.Robot) -> None:
    write(ada, runner)
    run_id = run_of(runner).id
    people = [ada.as_actor(), olga.as_actor()] * 3
    results = together(*[lambda by=by: stopping.stop(by=by, run_id=run_id) for by in people])
    assert {one.status for one in results} == {"stopping"}
    assert Activity.objects.filter(signal="stop").count() == 1


def test_eight_retries_of_one_id_at_once_are_one_activity_and_one_message(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    one, run_id = uuid4(), run_of(runner).id
    results = together(
        *[lambda: tell(runner, "response", "Done", id=one, run=run_id) for _ in range(8)]
    )
    assert [two.activity.id for two in results] == [one] * 8
    assert numbers(run_id) == [1, 2]
    assert Message.objects.filter(sender_type="agent").count() == 1


def test_links_that_are_added_at_once_are_all_there(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    run_id = run_of(runner).id

    def add(n: int) -> Any:
        links = [{"label": f"{n}", "url": f"https://bot.example/{n}"}]
        changes = {"added_links": links}
        return updating.update_run(by=runner.actor, run_id=run_id, changes=changes)

    results = together(*[lambda n=n: add(n) for n in range(8)])
    assert [one for one in results if isinstance(one, Exception)] == []
    assert sorted(link["label"] for link in run_of(runner).links) == list("01234567")


def test_who_is_heard_of_while_the_sweep_looks_is_not_stale(ada: User, runner: cast.Robot) -> None:
    for _ in range(ROUNDS):
        write(ada, runner)
        run_id = run_of(runner).id
        Run.objects.filter(pk=run_id).update(stale_at=now())
        speak = partial(tell, runner, "thought", run=run_id)
        results = together(lapsing.mark_stale_runs, lapsing.mark_stale_runs, speak)
        assert [one for one in results if isinstance(one, Exception)] == []
        # Found silent and then heard, or heard in time: marked at most once, and never for good.
        marked = sum(one for one in results if isinstance(one, int))
        assert marked in {0, 1}
        updates = EventRow.objects.filter(type="run:updated", data__runId=str(run_id)).count()
        assert (run_of(runner).status, updates) == ("in_progress", marked)
        tell(runner, "response", run=run_id)


def test_who_is_shown_out_while_it_is_called_has_no_open_run(ada: User) -> None:
    home, guest = cast.make_robot(ada, "Deploy pilot"), make_runner(ada)
    place: dict[str, Any] = {"agent_id": guest.agent.id, "channel": home.agent.id}
    for _ in range(ROUNDS * 3):
        admitting.admit(by=ada.as_actor(), **place)
        results = together(
            lambda: admitting.dismiss(by=ada.as_actor(), **place),
            lambda: write(ada, home, "@Build doctor: why red?"),
            lambda: write(ada, home, "@Build doctor: and why not?"),
        )
        assert [one for one in results if isinstance(one, Exception)] == []
        assert not Run.objects.open().exists()


def test_an_ended_run_is_not_opened_again_for_who_is_shown_out_meanwhile(ada: User) -> None:
    home, guest = cast.make_robot(ada, "Deploy pilot"), make_runner(ada)
    place: dict[str, Any] = {"agent_id": guest.agent.id, "channel": home.agent.id}
    for _ in range(ROUNDS):
        admitting.admit(by=ada.as_actor(), **place)
        write(ada, home, "@Build doctor: why red?")
        ended = tell(guest, "response").run.id
        results = together(
            lambda: admitting.dismiss(by=ada.as_actor(), **place),
            partial(prompting.prompt, by=ada.as_actor(), run_id=ended, text="And now?"),
            partial(tell, guest, "thought", run=ended),
        )
        odd = [one for one in results if isinstance(one, Exception) and not hasattr(one, "status")]
        assert odd == []
        assert not Run.objects.open().exists()


def test_who_takes_no_runs_any_more_has_none_open(ada: User, runner: cast.Robot) -> None:
    by = ada.as_actor()

    def takes_runs(agent: Any, *, so: bool) -> None:
        with transaction.atomic():
            agents.update_agent(by=by, agent_id=agent.id, changes={"takes_runs": so})
            if not so:
                ending.end_runs(by=by, agent_id=agent.id)

    for _ in range(ROUNDS):
        write(ada, runner)
        ended = tell(runner, "response").run.id
        results = together(
            lambda: takes_runs(runner.agent, so=False),
            lambda: write(ada, runner, "Once more"),
            partial(prompting.prompt, by=by, run_id=ended, text="And now?"),
        )
        odd = [one for one in results if isinstance(one, Exception) and not hasattr(one, "status")]
        assert odd == []
        assert not Run.objects.open().exists()
        takes_runs(runner.agent, so=True)


def test_two_runs_that_open_at_once_are_one(ada: User, runner: cast.Robot) -> None:
    results = together(
        lambda: opening.open_run(by=runner.actor),
        lambda: write(ada, runner),
        lambda: opening.open_run(by=runner.actor),
    )
    assert [one for one in results if isinstance(one, Exception)] == []
    assert Run.objects.count() == 1
    assert numbers(Run.objects.get().pk) == [1]


def test_what_is_reported_by_an_agent_that_is_deleted_meanwhile_ends_in_a_refusal(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    run_id, by = run_of(runner).id, ada.as_actor()
    results = together(
        lambda: agents.delete_agent(by=by, agent_id=runner.agent.id),
        *[lambda: tell(runner, "response", run=run_id) for _ in range(3)],
    )
    assert results[0] is None
    odd = [one for one in results[1:] if isinstance(one, Exception) and not hasattr(one, "status")]
    assert odd == []
    assert not Run.objects.exists()


def test_agents_come_and_go_while_everybody_is_busy_with_their_runs(ada: User) -> None:
    """For a few seconds; nobody's work ends in anything but an answer or a refusal."""
    stage = [make_runner(ada)]
    until, faults = time.monotonic() + SECONDS, list[Exception]()
    by = ada.as_actor()

    def current() -> Any:
        return Run.objects.filter(agent_id=stage[0].agent.id).latest("id").pk

    def answer() -> None:
        for review in Review.objects.pending()[:1]:
            respond(by, review.pk, "yes")

    def go_and_come() -> None:
        time.sleep(0.25)
        agents.delete_agent(by=by, agent_id=stage[0].agent.id)
        stage[0] = make_runner(ada)

    def again(work: Callable[[], Any]) -> None:
        try:
            while time.monotonic() < until:
                with suppress(PlacetError, Run.DoesNotExist):
                    work()
        except Exception as error:  # noqa: BLE001 - told below
            faults.append(error)
        finally:
            connection.close()

    works = [
        *[lambda: write(ada, stage[0])] * 2,
        *[lambda: tell(stage[0], "thought", run=current())] * 2,
        lambda: tell(stage[0], "elicitation", run=current()),
        lambda: tell(stage[0], "response", run=current()),
        lambda: stopping.stop(by=by, run_id=current()),
        answer,
        go_and_come,
    ]
    threads = [threading.Thread(target=again, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert EventRow.objects.filter(type="agent:deleted").exists()
    assert EventRow.objects.filter(type="run:activity").count() > 5


def race(env: dict[str, str], job: dict[str, Any]) -> list[dict[str, Any]]:
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.runs.contender"],
            cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in started:
        assert process.stdin
        process.stdin.write(json.dumps(job))
        process.stdin.close()
    return [json.loads(process.stdout.read()) for process in started if process.stdout]


def test_two_processes_report_respond_and_write_at_once(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    asked = tell(runner, "elicitation", "Which branch?")
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        found = {"DATABASE_URL": f"sqlite:////{name.lstrip('/')}"}
    else:
        url = os.environ["PLACET_TEST_DATABASE_URL"]
        found = {"DATABASE_URL": url.rsplit("/", 1)[0] + f"/{name}"}
    env = clean_environment({**found, "DJANGO_SETTINGS_MODULE": "tests.race_settings"})
    connections.close_all()
    job = {
        "run": str(asked.run.id),
        "agent": str(runner.agent.id),
        "review": str(asked.run.awaits),
        "key": runner.key,
        "email": ada.email,
        "threads": 15,
        "at": time.time() + 8,
    }
    results = race(env, job)
    assert [one["odd"] for one in results] == [[], []]
    done = [word for one in results for word in one["done"]]
    assert (done.count("reported"), done.count("written")) == (30, 2)
    told = history(asked.run.id)
    assert numbers(asked.run.id) == list(range(1, len(told) + 1))
    # By the card at most once; every message once, be it as the answer or after it.
    prompts = [body for type, body in told[2:] if type == "prompt"]
    assert prompts.count("By the card") == done.count("responded") <= 1
    assert prompts.count("By a message") == 2
    assert len([1 for type, _ in told if type == "thought"]) == 30
    assert Review.objects.get().status == "completed"
    assert Run.objects.get().awaits is None
    connections.close_all()

"""Who is at work, beside the names of agents: in the rail, in the list of chats and in the inbox."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from agents import selectors
from agents import services as agents
from placet.lib.clock import now
from runs import presence
from runs.models import Run
from runs.presence import presence_of
from runs.services import admitting, opening, stopping, updating
from runs.services.ending import end_runs
from runs.services.lapsing import mark_stale_runs
from tests import cast
from tests.runs.parts import make_runner, run_of, tell, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner(ada: User) -> cast.Robot:
    return make_runner(ada)


@pytest.fixture
def home(ada: User) -> cast.Robot:
    """Whose conversation it is."""
    return make_runner(ada, "Deploy pilot")


def let_in(ada: User, guest: cast.Robot, home: cast.Robot) -> None:
    admitting.admit(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)


def reviewed_by(ada: User, robot: cast.Robot, person: User) -> None:
    agents.set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=[person.pk])


def marks(client: Client, path: str = "/rail/", person: User | None = None) -> dict[str, str]:
    """By agent what is said beside its name, for who listens."""
    if person:
        client.force_login(person)
    page = client.get(path).content.decode()
    places = re.findall(r'data-beside="([^"]+)">(.*?)<svg.*?class="word">([^<]*)<', page)
    return {
        agent_id: word.strip() for agent_id, between, word in places if "data-beside" not in between
    }


def of(robot: cast.Robot, said: dict[str, str]) -> str | None:
    return said.get(str(robot.agent.id))


def test_a_mark_follows_the_run(ada: User, browser: Client, runner: cast.Robot) -> None:
    assert marks(browser) == {}
    write(ada, runner)
    assert of(runner, marks(browser)) == "Starting"
    tell(runner, "thought")
    assert of(runner, marks(browser)) == "Working"
    tell(runner, "elicitation")
    assert of(runner, marks(browser)) == "Waiting for an answer"
    stopping.stop(by=ada.as_actor(), run_id=run_of(runner).id)
    assert of(runner, marks(browser)) == "Stopping"
    tell(runner, "response")
    assert marks(browser) == {}


def test_silence_is_marked_and_a_link_is_a_sign(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    assert 'data-doubted="' in browser.get("/rail/").content.decode()
    Run.objects.update(created_at=now() - timedelta(seconds=11))
    assert of(runner, marks(browser)) == "Not responding"
    assert "data-doubted" not in browser.get("/rail/").content.decode()
    link = {"added_links": [{"label": "Log", "url": "https://ci.example/1"}]}
    updating.update_run(by=runner.actor, run_id=run_of(runner).id, changes=link)
    assert of(runner, marks(browser)) == "Starting"
    Run.objects.update(stale_at=now() - timedelta(seconds=1))
    mark_stale_runs()
    assert of(runner, marks(browser)) == "Gone quiet"


@pytest.mark.parametrize("path", ["/chats/", "/chats/lines/", "/chats/{a}/", "/inbox/", "/status/"])
def test_every_page_with_names_says_it(
    path: str, ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    tell(runner, "thought")
    assert of(runner, marks(browser, path.format(a=runner.agent.id))) == "Working"


def test_a_row_of_the_inbox_says_it_as_well(ada: User, browser: Client, runner: cast.Robot) -> None:
    asked = cast.ask(runner)
    write(ada, runner)
    row = re.compile(rf'id="row-{asked.id}".*?</a>', re.S)
    shown = row.search(browser.get("/inbox/").content.decode())
    assert shown
    assert "Starting" in shown[0]


def test_the_most_urgent_run_is_told(ada: User, browser: Client, home: cast.Robot) -> None:
    guest = make_runner(ada)
    let_in(ada, guest, home)
    write(ada, guest)
    tell(guest, "thought")
    write(ada, home, "@Build doctor: why red?")
    tell(guest, "elicitation", run=run_of(guest).id)
    write(ada, home, "@Deploy pilot: go on")
    tell(home, "thought")
    said = marks(browser)
    assert of(guest, said) == "Waiting for an answer in Deploy pilot"
    assert of(home, said) == "Build doctor: Waiting for an answer"


def test_who_sees_one_of_two_is_told_no_name_of_the_other(
    ada: User, bob: User, client: Client, home: cast.Robot
) -> None:
    guest = make_runner(ada)
    let_in(ada, guest, home)
    opening.delegate(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    assert marks(client, person=bob) == {}
    reviewed_by(ada, guest, bob)
    assert marks(client, person=bob) == {str(guest.agent.id): "Starting in another conversation"}
    reviewed_by(ada, guest, ada)
    reviewed_by(ada, home, bob)
    # In the conversation itself the guest speaks under its name.
    assert marks(client, person=bob) == {str(home.agent.id): "Build doctor: Starting"}


def test_a_name_is_no_markup(ada: User, browser: Client, home: cast.Robot) -> None:
    guest = make_runner(ada, '"><b>x')
    let_in(ada, guest, home)
    opening.delegate(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    assert of(home, marks(browser)) == "&quot;&gt;&lt;b&gt;x: Starting"


def test_it_is_one_query_for_any_number_of_agents(ada: User, runner: cast.Robot) -> None:
    def counted() -> int:
        known = selectors.agents_for(ada.as_actor())
        with CaptureQueriesContext(connection) as queries:
            presence_of(known)
        return len(queries)

    write(ada, runner)
    assert counted() == 1
    for n in range(10):
        another = make_runner(ada, f"Agent {n}")
        write(ada, another)
        let_in(ada, another, runner)
        opening.delegate(by=ada.as_actor(), agent_id=another.agent.id, channel=runner.agent.id)
    assert counted() == 1
    with CaptureQueriesContext(connection) as queries:
        assert presence_of([]) == {}
    assert len(queries) == 0


def test_of_too_many_runs_the_newest_are_read(
    ada: User, runner: cast.Robot, home: cast.Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    robots = [runner, home, make_runner(ada, "Release train")]
    for robot in robots:
        write(ada, robot)
    monkeypatch.setattr(presence, "MOST", 2)
    found = presence_of(selectors.agents_for(ada.as_actor()))
    assert found.keys() == {robot.agent.id for robot in robots[1:]}


def test_what_has_ended_is_not_walked(ada: User, runner: cast.Robot, home: cast.Robot) -> None:
    """The query goes by the small indexes of what has not ended, and sorts afterwards."""
    if connection.vendor == "postgresql":
        # It has statistics, and reads a small table or index whole.
        busy = make_runner(ada, "Release train")
        make_many(busy, 2_000, ended_at=now())
        make_many(busy, 2_000, ended_at=None)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE runs_run")
    plan = presence._unended([runner.agent.id, home.agent.id]).explain()
    assert set(re.findall(r"\brun_\w+", plan)) == {"run_at_work", "run_at_work_in"}, plan
    assert "runs_run_pkey" not in plan


def make_many(robot: cast.Robot, how_many: int, *, ended_at: datetime | None) -> None:
    """Behind every service's back: it is for their number alone."""
    own = {"agent_id": robot.agent.id, "channel_id": robot.agent.id, "ended_at": ended_at}
    times = {"created_at": now(), "updated_at": now()}
    Run.objects.bulk_create(
        Run(status="completed", trigger="message", **own, **times) for _ in range(how_many)
    )


def unended_are_open(*statuses: str) -> None:
    assert [str(row.status) for row in Run.objects.order_by("pk")] == list(statuses)
    assert set(Run.objects.unended()) == set(Run.objects.open())


def test_unended_and_open_are_the_same(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    for type, status in (
        ("thought", "in_progress"),
        ("elicitation", "awaiting"),
        ("response", "completed"),
        ("thought", "in_progress"),
        ("error", "failed"),
    ):
        tell(runner, type)
        unended_are_open(status)


def test_they_are_so_after_a_stop_and_a_silence_too(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    stopping.stop(by=ada.as_actor(), run_id=run_of(runner).id)
    unended_are_open("stopping")
    mark_stale_runs(at=now() + timedelta(hours=1))
    unended_are_open("stale")
    tell(runner, "thought")
    unended_are_open("stopping")
    tell(runner, "response", "Stopped.")
    unended_are_open("stopped")
    write(ada, runner, "Go on")
    unended_are_open("stopped", "created")


def test_they_are_so_where_somebody_else_ends_a_run(
    ada: User, runner: cast.Robot, home: cast.Robot
) -> None:
    by = ada.as_actor()
    ids: Any = {"agent_id": runner.agent.id, "channel": home.agent.id}
    let_in(ada, runner, home)
    opening.delegate(by=by, text="Take care of it", **ids)
    tell(runner, "elicitation")
    admitting.dismiss(by=by, **ids)
    unended_are_open("stopped")
    write(ada, runner)
    unended_are_open("stopped", "created")
    end_runs(by=by, agent_id=runner.agent.id)
    unended_are_open("stopped", "stopped")

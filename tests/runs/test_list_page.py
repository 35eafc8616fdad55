"""The runs of one agent as a page: what is on it, for whom, a page at a time, and what it costs."""

import re
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from agents import services as agents
from runs import glances, selectors
from runs.models import Run
from runs.services import admitting, updating
from tests import cast
from tests.runs.parts import make_runner, run_of, tell, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner(ada: User) -> cast.Robot:
    return make_runner(ada)


def work(ada: User, robot: cast.Robot, *texts: str) -> None:
    """A run for each text, ended."""
    for text in texts:
        write(ada, robot, text)
        tell(robot, "response")


def page(client: Client, robot: cast.Robot, query: str = "") -> str:
    answer = client.get(f"/runs/?agent={robot.agent.id}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def lines(html: str) -> list[str]:
    """What each line says, state first."""
    found = re.findall(r'<li id="line-.*?</li>', html, re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", one)).strip() for one in found]


def abouts(html: str) -> list[str]:
    return re.findall(r'<strong class="ellipsis">([^<]*)</strong>\s*<span class="when">', html)


def test_the_newest_stands_first_with_its_state_and_how_it_began(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    work(ada, runner, "Why is **it** red?", "And now?")
    summary = {"summary": "Looking at the <second> build"}
    updating.update_run(by=runner.actor, run_id=run_of(runner).id, changes=summary)
    write(ada, runner, "Once more")
    html = page(browser, runner)
    assert abouts(html) == ["Once more", "Looking at the &lt;second&gt; build", "Why is it red?"]
    assert [one.split()[0] for one in lines(html)] == ["Starting", "Done", "Done"]
    assert "asked by Ada" in lines(html)[0]


def test_it_is_read_a_page_at_a_time(
    ada: User, browser: Client, runner: cast.Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorter = partial(selectors.runs_page, limit=2)
    monkeypatch.setattr(glances, "runs_page", shorter)
    work(ada, runner, "1", "2", "3", "4", "5")
    seen, query = [], ""
    for _ in range(3):
        html = page(browser, runner, query)
        seen += abouts(html)
        link = re.search(r"&amp;cursor=([0-9a-f-]+)\">Older runs", html)
        query = f"&cursor={link[1]}" if link else ""
    assert seen == ["5", "4", "3", "2", "1"]
    assert (query, "The latest" in html) == ("", True)
    assert "No older run" in page(browser, runner, "&cursor=nonsense")


def test_a_stranger_and_nonsense_look_the_same(
    client: Client, bob: User, runner: cast.Robot
) -> None:
    client.force_login(bob)
    for wanted in (runner.agent.id, "nonsense"):
        assert client.get(f"/runs/?agent={wanted}").status_code == 404
    assert client.get("/runs/").headers["Location"] == "/chats/"
    client.logout()
    assert "/login" in client.get(f"/runs/?agent={runner.agent.id}").headers["Location"]


def test_guests_are_listed_in_both_places_and_named_to_who_may_see_them(
    ada: User, bob: User, browser: Client, runner: cast.Robot
) -> None:
    home = make_runner(ada, "Deploy pilot")
    admitting.admit(by=ada.as_actor(), agent_id=runner.agent.id, channel=home.agent.id)
    write(ada, home, "@Build doctor: why red?")
    work(ada, home, "Ship it")
    assert abouts(page(browser, home)) == ["Ship it", "@Build doctor: why red?"]
    assert "Build doctor, mentioned by Ada" in lines(page(browser, home))[1]
    assert "in Deploy pilot, mentioned by Ada" in lines(page(browser, runner))[0]
    agents.set_reviewers(by=ada.as_actor(), agent_id=runner.agent.id, user_ids=[bob.pk])
    browser.force_login(bob)
    html = page(browser, runner)
    assert "in another conversation, mentioned by Ada" in lines(html)[0]
    assert "Deploy pilot" not in html
    assert browser.get(f"/runs/?agent={home.agent.id}").status_code == 404


def test_run_and_conversation_lead_to_it(ada: User, browser: Client, runner: cast.Robot) -> None:
    link = f'href="/runs/?agent={runner.agent.id}"'
    assert link in browser.get(f"/chats/{runner.agent.id}/").content.decode()
    write(ada, runner)
    for path in (f"/chats/{runner.agent.id}/runs/", f"/runs/{run_of(runner).id}/"):
        assert link in browser.get(path).content.decode(), path


def test_who_sees_only_one_of_two_is_led_to_that_one(
    ada: User, bob: User, client: Client, runner: cast.Robot
) -> None:
    home = cast.make_robot(ada, "Deploy pilot")
    admitting.admit(by=ada.as_actor(), agent_id=runner.agent.id, channel=home.agent.id)
    write(ada, home, "@Build doctor: why red?")
    client.force_login(bob)
    for seen, hidden in ((home, runner), (runner, home)):
        for robot, people in ((seen, [bob.pk]), (hidden, [])):
            agents.set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=people)
        html = client.get(f"/runs/{run_of(runner).id}/").content.decode()
        assert f"/runs/?agent={seen.agent.id}" in html
        assert f"/runs/?agent={hidden.agent.id}" not in html


def test_without_runs_it_says_so(ada: User, browser: Client, robot: cast.Robot) -> None:
    assert "takes no runs" in page(browser, robot)
    assert "begins one" in page(browser, make_runner(ada))


def test_it_costs_the_same_however_many_there_are(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(browser, runner)
        return len(queries)

    work(ada, runner, "1", "2")
    page(browser, runner)
    few = counted()
    work(ada, runner, *"345678")
    assert Run.objects.count() == 8
    assert counted() == few

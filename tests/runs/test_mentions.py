"""Whom the composer of a conversation offers: exactly those that the server would hear called."""

import re

import pytest
from django.test import Client

from accounts.models import User
from agents import services as agents
from runs.addressing import call_of, callable_among
from runs.models import Run
from runs.selectors import speakers_in
from runs.services import admitting
from tests import cast
from tests.runs.parts import make_runner, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(ada: User) -> cast.Robot:
    """Whose conversation it is: an agent without runs."""
    return cast.make_robot(ada, "Deploy pilot")


def let_in(ada: User, home: cast.Robot, name: str) -> cast.Robot:
    guest = make_runner(ada, name)
    admitting.admit(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    return guest


def offered(browser: Client, home: cast.Robot) -> list[str]:
    answer = browser.get(f"/chats/{home.agent.id}/mentions/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return re.findall(r'data-call="([^"]+)"', answer.content.decode())


def test_those_who_take_runs_and_may_speak_there_are_offered(
    ada: User, browser: Client, home: cast.Robot
) -> None:
    make_runner(ada, "Not let in")
    let_in(ada, home, "Build doctor")
    mute = let_in(ada, home, "Mute")
    changes = {"takes_runs": False}
    agents.update_agent(by=ada.as_actor(), agent_id=mute.agent.id, changes=changes)
    assert offered(browser, home) == ["@Build doctor"]
    at_home = {"takes_runs": True}
    agents.update_agent(by=ada.as_actor(), agent_id=home.agent.id, changes=at_home)
    assert offered(browser, home) == ["@Build doctor", "@Deploy pilot"]


def test_nobody_to_call_is_an_empty_list(browser: Client, home: cast.Robot) -> None:
    assert offered(browser, home) == []


def test_who_sees_the_conversation_is_offered_its_guests_and_a_stranger_nothing(
    ada: User, bob: User, client: Client, home: cast.Robot
) -> None:
    let_in(ada, home, "Build doctor")
    client.force_login(bob)
    assert client.get(f"/chats/{home.agent.id}/mentions/").status_code == 404
    agents.set_reviewers(by=ada.as_actor(), agent_id=home.agent.id, user_ids=[bob.pk])
    assert offered(client, home) == ["@Build doctor"]


@pytest.mark.parametrize(
    "names",
    [
        ["Build", "Build doctor"],
        ["Build  doctor", "build-doctor"],
        ["C++", "C"],
        ["Ärzte ohne-Grenzen", "日本 語"],
        ["a.b", "a"],
        ["@home", "home"],
        ["Twin", "twin", "TWIN"],
        ["me*_x_", "<b>bold</b> & co"],
    ],
)
def test_what_is_offered_is_heard_by_that_agent_and_by_no_other(
    ada: User, browser: Client, home: cast.Robot, names: list[str]
) -> None:
    for name in names:
        let_in(ada, home, name)
    callees = callable_among(speakers_in(home.agent))
    assert callees
    for agent in callees:
        Run.objects.all().delete()
        write(ada, home, f"So, {call_of(agent)} look at it, please")
        assert [run.agent_id for run in Run.objects.all()] == [agent.id]


def test_of_two_of_one_name_the_one_that_hears_is_offered_once(
    ada: User, browser: Client, home: cast.Robot
) -> None:
    for _ in range(2):
        let_in(ada, home, "Twin")
    assert offered(browser, home) == ["@Twin"]


def test_a_name_is_no_markup(ada: User, browser: Client, home: cast.Robot) -> None:
    let_in(ada, home, '"><script>')
    assert offered(browser, home) == ["@&quot;&gt;&lt;script&gt;"]

"""Handing a conversation over by its page: who is offered, what is posted, and who is let near it."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from agents import services as agents
from agents.snapshots import AgentSnapshot
from inbox.models import Message
from placet.events.models import EventRow
from runs.models import Run
from runs.services import admitting, opening
from runs.services.opening import HANDED_OVER
from tests import cast
from tests.runs.parts import history, make_runner, run_of, tell, write

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
LET_IN = 'href="/settings/apps/"'


@pytest.fixture
def home(ada: User) -> cast.Robot:
    """Whose conversation it is: an agent without runs."""
    return cast.make_robot(ada, "Deploy pilot")


@pytest.fixture
def guest(ada: User, home: cast.Robot) -> cast.Robot:
    return let_in(ada, home, "Build doctor")


def let_in(ada: User, home: cast.Robot, name: str) -> cast.Robot:
    guest = make_runner(ada, name)
    admitting.admit(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    return guest


def door(home: cast.Robot) -> str:
    return f"/chats/{home.agent.id}/hand-over/"


def offered(browser: Client, home: cast.Robot, **headers: str) -> list[str]:
    answer = browser.get(door(home), headers=headers)
    assert answer.status_code == 200
    return re.findall(
        r"<label class=.choice.*?<strong[^>]*>(.*?)</strong>", answer.content.decode()
    )


def is_offered(browser: Client, home: cast.Robot) -> bool:
    return "Hand over…" in browser.get(f"/chats/{home.agent.id}/").content.decode()


def hand(browser: Client, home: cast.Robot, to: Any, text: str = "", **more: Any) -> Any:
    return browser.post(door(home), {"agent": str(to), "text": text}, **more)


# --- whom


def test_those_who_take_runs_there_are_offered_and_nobody_else(
    ada: User, browser: Client, home: cast.Robot
) -> None:
    make_runner(ada, "Not let in")
    assert (offered(browser, home), is_offered(browser, home)) == ([], False)
    mute = let_in(ada, home, "Mute")
    changes = {"takes_runs": False}
    agents.update_agent(by=ada.as_actor(), agent_id=mute.agent.id, changes=changes)
    assert (offered(browser, home), is_offered(browser, home)) == ([], False)
    let_in(ada, home, "Release notes")
    let_in(ada, home, "build doctor")
    at_home = {"takes_runs": True}
    agents.update_agent(by=ada.as_actor(), agent_id=home.agent.id, changes=at_home)
    names = ["Deploy pilot", "build doctor", "Release notes"]
    assert offered(browser, home) == offered(browser, home, **HX) == names
    assert is_offered(browser, home)


def test_the_page_stands_alone_and_the_fragment_does_not(
    browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    whole = browser.get(door(home)).content.decode()
    piece = browser.get(door(home), headers=HX).content.decode()
    assert "<html" in whole
    assert "<html" not in piece
    assert "csrfmiddlewaretoken" in whole
    assert HANDED_OVER in piece


def test_who_works_or_waits_there_is_marked(
    ada: User, browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    let_in(ada, home, "Idle")
    write(ada, home, "@Build doctor why?")
    tell(guest, "elicitation", "Which?")
    read = browser.get(door(home)).content.decode()
    assert read.count("Waiting for you") == 1
    # What is sent without a look goes to who has nothing to do, and answers nobody's question.
    (chosen,) = re.findall(r"checked.*?<strong[^>]*>(.*?)</strong>", read)
    assert chosen == "Idle"


def test_where_nobody_was_let_in_the_way_there_is_told_to_who_may_go_it(
    ada: User, bob: User, client: Client
) -> None:
    home = make_runner(ada, "Home")
    client.force_login(ada)
    assert LET_IN not in client.get(door(home)).content.decode()
    other = make_runner(ada, "Other")
    assert LET_IN in client.get(door(home)).content.decode()
    agents.set_reviewers(by=ada.as_actor(), agent_id=home.agent.id, user_ids=[bob.pk])
    make_runner(bob, "Bob's")
    client.force_login(bob)
    assert LET_IN not in client.get(door(home)).content.decode()
    client.force_login(ada)
    admitting.admit(by=ada.as_actor(), agent_id=other.agent.id, channel=home.agent.id)
    assert LET_IN not in client.get(door(home)).content.decode()


# --- handing it over


def test_a_plain_form_hands_it_over_and_leads_back(
    ada: User, browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    answer = hand(browser, home, guest.agent.id, "Mend it\r\nsoon")
    assert answer.headers["Location"] == f"/chats/{home.agent.id}/"
    run = run_of(guest)
    assert (run.trigger, run.channel_id, run.creator_id) == ("delegation", home.agent.id, ada.pk)
    assert history(run.id) == [("prompt", "Mend it\nsoon")]
    read = browser.get(answer.headers["Location"]).content.decode()
    assert "Mend it" in read
    assert 'aria-label="Build doctor at work"' in read


def test_the_dialog_posts_the_same_and_is_answered_without_a_page(
    browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    answer = hand(browser, home, guest.agent.id, headers=HX)
    assert (answer.status_code, answer.content) == (204, b"")
    assert history(run_of(guest).id) == [("prompt", HANDED_OVER)]


def test_who_has_an_open_run_there_goes_on_with_it(
    ada: User, browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    write(ada, home, "@Build doctor why?")
    run = tell(guest, "elicitation", "Which?").run
    hand(browser, home, guest.agent.id, "This one, and all else")
    assert history(run.id)[-1] == ("prompt", "This one, and all else")
    assert (run_of(guest).id, run_of(guest).trigger) == (run.id, "mention")
    assert run_of(guest).status == "in_progress"


def test_looking_hands_nothing_over(browser: Client, home: cast.Robot, guest: cast.Robot) -> None:
    browser.get(door(home), {"agent": str(guest.agent.id), "text": "Now"})
    assert browser.put(door(home)).status_code == 405
    assert not Run.objects.exists()
    assert not Message.objects.exists()


def test_who_was_shown_out_meanwhile_is_refused_and_the_words_stay(
    ada: User, browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    let_in(ada, home, "Still here")
    admitting.dismiss(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    for headers in ({}, HX):
        answer = hand(browser, home, guest.agent.id, "Mend <it>", headers=headers)
        read = answer.content.decode()
        assert answer.status_code == 400
        assert "cannot be handed this conversation any more" in read
        assert "Mend &lt;it&gt;</textarea>" in read
        assert "Build doctor" not in re.sub(r"<nav.*?</nav>|<dialog id=.palette.*?</dialog>", "", read, flags=re.S)  # fmt: skip
        # Nobody is chosen in its place.
        assert " checked" not in read
    assert not Message.objects.exists()


@pytest.mark.parametrize("to", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_nobody_in_particular_is_handed_nothing(
    browser: Client, home: cast.Robot, guest: cast.Robot, to: str
) -> None:
    assert hand(browser, home, to, "Mend it").status_code == 400
    assert not Message.objects.exists()


def test_a_text_that_is_too_long_is_refused_with_its_reason(
    browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    answer = hand(browser, home, guest.agent.id, "x" * 200_001, headers=HX)
    assert answer.status_code == 400
    assert "The text must" in answer.content.decode()
    assert not Message.objects.exists()


def test_who_is_shown_out_at_that_very_moment_is_refused_as_well(
    ada: User,
    browser: Client,
    home: cast.Robot,
    guest: cast.Robot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look = opening._may_be_asked

    def dismissed_after(agent_id: object, place: AgentSnapshot) -> AgentSnapshot:
        found = look(agent_id, place)
        admitting.dismiss(by=ada.as_actor(), agent_id=found.id, channel=place.id)
        return found

    monkeypatch.setattr(opening, "_may_be_asked", dismissed_after)
    answer = hand(browser, home, guest.agent.id, "Mend it")
    assert answer.status_code == 400
    assert "cannot be handed this conversation any more" in answer.content.decode()
    assert not Message.objects.exists()


# --- once


def key_of(browser: Client, home: cast.Robot) -> str:
    """What the form was sent along with."""
    read = browser.get(door(home)).content.decode()
    (key,) = re.findall(r'name="client_id" value="([^"]+)"', read)
    return str(key)


def test_the_same_form_hands_it_over_once(
    browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    """Its answer was lost, and it was sent again: even when the agent is done already."""
    form = {"agent": str(guest.agent.id), "text": "Mend it", "client_id": key_of(browser, home)}
    for _ in range(2):
        assert browser.post(door(home), form, headers=HX).status_code == 204
    tell(guest, "response")
    assert browser.post(door(home), form).status_code == 302
    assert Message.objects.filter(sender_type="user").count() == Run.objects.count() == 1
    assert [type for type, _ in history(run_of(guest).id)] == ["prompt", "response"]
    assert EventRow.objects.filter(type="run:assigned").count() == 1


def test_a_form_without_words_hands_it_over_once(
    browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    form = {"agent": str(guest.agent.id), "text": "", "client_id": key_of(browser, home)}
    for _ in range(2):
        assert browser.post(door(home), form).status_code == 302
    tell(guest, "response")
    assert browser.post(door(home), form).status_code == 302
    assert [type for type, _ in history(run_of(guest).id)] == ["prompt", "response"]
    assert EventRow.objects.filter(type="run:assigned").count() == 1


def test_other_words_and_another_agent_are_another_hand_over(
    ada: User, browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    """Who goes back in the browser finds the form as it was."""
    other = let_in(ada, home, "Release notes")
    form = {"agent": str(guest.agent.id), "text": "Mend it", "client_id": key_of(browser, home)}
    browser.post(door(home), form)
    browser.post(door(home), form | {"text": "And test it"})
    browser.post(door(home), form | {"agent": str(other.agent.id)})
    assert history(run_of(guest).id) == [("prompt", "Mend it"), ("prompt", "And test it")]
    assert history(run_of(other).id) == [("prompt", "Mend it")]


def test_each_form_is_one_of_its_own(browser: Client, home: cast.Robot, guest: cast.Robot) -> None:
    assert key_of(browser, home) != key_of(browser, home)


def test_over_json_the_client_id_hands_it_over_once(
    browser: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    ids = {"agentId": str(guest.agent.id), "channelId": str(home.agent.id)}
    body = {**ids, "text": "Mend it", "clientId": "h-1"}
    answers = [browser.post("/api/runs", body, content_type="application/json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert history(run_of(guest).id) == [("prompt", "Mend it")]


def test_the_client_id_of_somebody_else_hands_nothing_over(
    ada: User, bob: User, client: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    agents.set_reviewers(by=ada.as_actor(), agent_id=home.agent.id, user_ids=[bob.pk])
    ids = {"agentId": str(guest.agent.id), "channelId": str(home.agent.id)}
    body = {**ids, "text": "Mend it", "clientId": "h-1"}
    for person, status in ((ada, 201), (bob, 409)):
        client.force_login(person)
        answer = client.post("/api/runs", body, content_type="application/json")
        assert answer.status_code == status
    assert history(run_of(guest).id) == [("prompt", "Mend it")]


# --- who


def test_a_stranger_and_a_key_hand_nothing_over(
    bob: User, client: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    nowhere = "/chats/00000000-0000-0000-0000-000000000000/hand-over/"
    assert client.get(door(home), headers=HX).status_code == 401
    assert hand(client, home, guest.agent.id).status_code == 302
    for robot in (home, guest):
        assert hand(client, home, guest.agent.id, headers=robot.headers).status_code == 302
    client.force_login(bob)
    assert client.get(door(home)).status_code == client.get(nowhere).status_code == 404
    assert hand(client, home, guest.agent.id).status_code == 404
    assert hand(client, home, guest.agent.id, headers=HX).status_code == 404
    assert not Run.objects.exists()
    assert not Message.objects.exists()


def test_a_forged_form_hands_nothing_over(ada: User, home: cast.Robot, guest: cast.Robot) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ada)
    assert hand(careful, home, guest.agent.id).status_code == 403
    assert not Run.objects.exists()


def test_a_reviewer_may_hand_it_over(
    ada: User, bob: User, client: Client, home: cast.Robot, guest: cast.Robot
) -> None:
    agents.set_reviewers(by=ada.as_actor(), agent_id=home.agent.id, user_ids=[bob.pk])
    client.force_login(bob)
    assert hand(client, home, guest.agent.id).status_code == 302
    assert run_of(guest).creator_id == bob.pk

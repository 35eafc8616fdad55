"""The page of a run takes what a person writes to it, where the run hears it, and says where else to write where it does not."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from agents import services as agents
from inbox.models import Message
from reviews.models import Review
from runs.models import Run
from runs.services import admitting, stopping
from tests import cast
from tests.runs.parts import SELECT, history, make_runner, run_of, tell, write

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture
def runner(ada: User) -> cast.Robot:
    return make_runner(ada)


def page(browser: Client, run_id: Any, **headers: str) -> str:
    answer = browser.get(f"/runs/{run_id}/", headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def hears(browser: Client, run_id: Any) -> bool:
    """Whether one can write there; page and fragment agree."""
    action = f'action="/runs/{run_id}/prompt/"'
    whole, piece = action in page(browser, run_id), action in page(browser, run_id, **HX)
    assert whole == piece
    return whole


def say(browser: Client, run_id: Any, text: str = "Go on", **more: Any) -> Any:
    return browser.post(f"/runs/{run_id}/prompt/", {"text": text}, **more)


def shown(answer: Any) -> str:
    """Without the templates for scripts."""
    return re.sub(r"<template.*?</template>", "", answer.content.decode(), flags=re.S)


def said(run_id: Any) -> list[str]:
    return [body for type, body in history(run_id) if type == "prompt"]


def let_in(ada: User, home: cast.Robot, guest: cast.Robot) -> None:
    admitting.admit(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)


# --- what is written


def test_a_plain_form_writes_to_the_run_and_leads_back(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    run = run_of(runner)
    assert hears(browser, run.id)
    answer = say(browser, run.id, "Line one\r\nline two")
    assert answer.headers["Location"] == f"/runs/{run.id}/"
    assert said(run.id)[1:] == ["Line one\nline two"]
    assert say(browser, run.id, headers=HX).status_code == 204
    assert Message.objects.count() == 3


def test_it_reaches_this_run_whoever_it_mentions(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    guest = make_runner(ada, "Log reader")
    let_in(ada, runner, guest)
    write(ada, runner)
    say(browser, run_of(runner).id, "@Log reader is wrong")
    assert said(run_of(runner).id)[1:] == ["@Log reader is wrong"]
    assert not Run.objects.filter(agent_id=guest.agent.id).exists()


@pytest.mark.parametrize("end", ["response", "error"])
def test_one_that_has_ended_is_opened_again(
    ada: User, browser: Client, runner: cast.Robot, end: str
) -> None:
    write(ada, runner)
    run = tell(runner, end).run
    assert "opens it again" in page(browser, run.id)
    say(browser, run.id)
    assert (run_of(runner).id, run_of(runner).status) == (run.id, "in_progress")
    assert "opens it again" not in page(browser, run.id)


def test_the_same_client_id_says_it_once(ada: User, browser: Client, runner: cast.Robot) -> None:
    write(ada, runner)
    run = run_of(runner)
    for _ in range(2):
        body = {"text": "Once", "client_id": "x-1"}
        assert browser.post(f"/runs/{run.id}/prompt/", body, headers=HX).status_code == 204
    assert said(run.id)[1:] == ["Once"]


def test_nothing_and_too_much_are_refused(ada: User, browser: Client, runner: cast.Robot) -> None:
    write(ada, runner)
    run = run_of(runner)
    for text in ("", "  ", "x" * 200_001):
        answer = say(browser, run.id, text, headers=HX)
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/plain")
        assert answer.content.startswith(b"must ")
    assert len(said(run.id)) == 1


def test_a_plain_form_that_is_refused_comes_back_with_its_words_and_the_reason(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    run = run_of(runner)
    answer = say(browser, run.id, "<b>Long" + "x" * 200_000)
    read = answer.content.decode()
    assert answer.status_code == 400
    assert "Not sent: the text must be at most 200000 characters; got 200007" in read
    assert "&lt;b&gt;Longxxx" in read
    assert f'action="/runs/{run.id}/prompt/"' in read
    assert "<html" in read
    empty = say(browser, run.id, " ")
    assert (empty.status_code, "the text must not be empty" in empty.content.decode()) == (
        400,
        True,
    )
    assert "Your draft was not sent" not in shown(empty)
    assert len(said(run.id)) == 1


# --- its question


def test_a_question_leads_to_its_card_and_the_text_answers_it(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    asked = tell(runner, "elicitation", "Where?", signal="select", signal_metadata=SELECT)
    run, card = asked.run, asked.activity.message_id
    leads = f'href="/chats/{runner.agent.id}/?at={card}#m-{card}">Answer it in the conversation'
    assert leads in page(browser, run.id)
    assert "answers its question" in page(browser, run.id)
    say(browser, run.id, "Neither")
    assert Review.objects.get().status == "completed"
    assert said(run.id)[1:] == ["Neither"]
    assert "Answer it in the conversation" not in page(browser, run.id)
    assert "answers its question" not in page(browser, run.id)


# --- where it hears nobody


def test_an_ended_run_of_an_agent_without_runs_hears_nobody(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    run = run_of(runner)
    changes = {"takes_runs": False}
    agents.update_agent(by=ada.as_actor(), agent_id=runner.agent.id, changes=changes)
    assert hears(browser, run.id)
    tell(runner, "response")
    assert not hears(browser, run.id)
    assert say(browser, run.id, headers=HX).status_code == 409
    assert len(said(run.id)) == 1


def test_while_another_run_is_open_there_that_one_is_named(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    first = tell(runner, "response").run
    write(ada, runner, "Another thing")
    second = run_of(runner)
    assert second.id != first.id
    assert not hears(browser, first.id)
    assert f'data-other="{second.id}" href="/runs/{second.id}/">' in page(browser, first.id)
    assert "opens it again" not in page(browser, first.id)
    answer = say(browser, first.id, headers=HX)
    assert (answer.status_code, answer.content) == (
        409,
        b"Another run is open in this conversation.",
    )
    plain = say(browser, first.id, "Go <on>")
    assert plain.status_code == 409
    assert "Another run is open in this conversation." in shown(plain)
    assert f'data-other="{second.id}"' in shown(plain)
    assert "Go &lt;on&gt;</pre>" in shown(plain)
    tell(runner, "response", run=second.id)
    assert hears(browser, first.id)


def test_a_run_of_the_agent_elsewhere_is_in_nobodys_way(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    home = cast.make_robot(ada, "Home")
    let_in(ada, home, runner)
    write(ada, runner)
    own = tell(runner, "response").run
    write(ada, home, f"@{runner.agent.name} here")
    assert hears(browser, own.id)


def test_a_guest_that_was_shown_out_hears_nobody(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    home = cast.make_robot(ada, "Home")
    let_in(ada, home, runner)
    write(ada, home, f"@{runner.agent.name} look")
    run = run_of(runner)
    assert hears(browser, run.id)
    admitting.dismiss(by=ada.as_actor(), agent_id=runner.agent.id, channel=home.agent.id)
    assert not hears(browser, run.id)
    answer, plain = say(browser, run.id, headers=HX), say(browser, run.id)
    why = "The agent may not speak in this conversation any more."
    assert (answer.status_code, answer.content.decode()) == (409, why)
    assert (plain.status_code, why in shown(plain)) == (409, True)
    assert "Go on</pre>" in shown(plain)
    assert len([text for text in said(run.id) if text == "Go on"]) == 0


def test_the_owner_of_a_guest_does_not_write_where_only_others_read(
    ada: User, bob: User, client: Client, olga: User
) -> None:
    home, guest = cast.make_robot(ada), make_runner(bob, "Log reader")
    admitting.admit(by=olga.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    write(ada, home, "@Log reader: why red?")
    tell(guest, "elicitation", "Which?")
    run = run_of(guest)
    client.force_login(bob)
    assert not hears(client, run.id)
    assert "Answer it in the conversation" not in page(client, run.id)
    assert say(client, run.id).status_code == 404
    assert len(said(run.id)) == 1
    client.force_login(ada)
    assert hears(client, run.id)


def test_one_that_is_stopping_hears_and_goes_on_stopping(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    run = run_of(runner)
    stopping.stop(by=ada.as_actor(), run_id=run.id)
    assert hears(browser, run.id)
    assert say(browser, run.id, headers=HX).status_code == 204
    assert run_of(runner).status == "stopping"


def test_what_the_page_offers_is_what_the_door_takes(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    """In each state a run can be brought into."""
    for end in ("thought", "elicitation", "response", "error"):
        write(ada, runner)
        tell(runner, "thought")
        run = tell(runner, end).run
        assert hears(browser, run.id) == (say(browser, run.id, headers=HX).status_code == 204)
        tell(runner, "response", run=run.id)


# --- who


def test_a_stranger_and_a_key_write_nothing(
    ada: User, bob: User, client: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    run = run_of(runner)
    assert say(client, run.id, headers=HX).status_code == 401
    assert say(client, run.id, headers=runner.headers).status_code == 302
    client.force_login(bob)
    nowhere = "00000000-0000-0000-0000-000000000000"
    assert say(client, run.id).status_code == say(client, nowhere).status_code == 404
    assert said(run.id) == ["Why is the build red?"]


def test_it_is_posted_and_never_got_nor_forged(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    run = run_of(runner)
    assert browser.get(f"/runs/{run.id}/prompt/?text=Go").status_code == 405
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ada)
    assert say(careful, run.id).status_code == 403
    assert re.search("csrfmiddlewaretoken", page(browser, run.id))
    assert said(run.id) == ["Why is the build red?"]

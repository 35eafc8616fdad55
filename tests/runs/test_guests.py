"""Agents in conversations that are not their own: let in, mentioned, answering there, handed the conversation, shown out."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from inbox.api.wire import message_json
from inbox.models import Message
from inbox.selectors import message_for, question_in
from inbox.snapshots import MessageSnapshot
from placet.events.models import EventRow
from placet.lib.errors import Forbidden, Invalid, NotFound
from reviews import services as reviews
from reviews.models import Review
from runs import selectors
from runs.addressing import mentioned
from runs.models import Run
from runs.services import admitting, opening, prompting, stopping, updating
from tests import cast
from tests.runs.parts import history, make_runner, run_of, tell, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(ada: User) -> cast.Robot:
    """Whose conversation it is: an agent without runs."""
    return cast.make_robot(ada, "Deploy pilot")


@pytest.fixture
def guest(ada: User, home: cast.Robot) -> cast.Robot:
    guest = make_runner(ada, "Build doctor")
    admitting.admit(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    return guest


def call(ada: User, home: cast.Robot, text: str = "@Build doctor: why red?") -> MessageSnapshot:
    return write(ada, home, text)


def test_a_mention_opens_a_run_in_that_conversation(
    ada: User, home: cast.Robot, guest: cast.Robot
) -> None:
    message = call(ada, home)
    run = run_of(guest)
    assert (run.agent.id, run.channel_id) == (guest.agent.id, home.agent.id)
    assert (run.trigger, run.message_id, run.is_guest) == ("mention", message.id, True)
    assert history(run.id) == [("prompt", "@Build doctor: why red?")]
    created = EventRow.objects.get(type="run:created")
    assert created.agent_id == guest.agent.id


def test_each_mention_of_a_guest_is_told_to_it_alone(
    ada: User, home: cast.Robot, guest: cast.Robot
) -> None:
    messages = [call(ada, home, text) for text in ("@Build doctor: why red?", "@Build doctor!!")]
    write(ada, home, "And what about the tests?")
    told = EventRow.objects.filter(type="run:mentioned").order_by("pk")
    run_id = str(run_of(guest).id)
    assert [(row.agent_id, row.data["runId"], row.data["messageId"]) for row in told] == [
        (guest.agent.id, run_id, str(message.id)) for message in messages
    ]


def test_who_was_not_let_in_is_not_heard_of(ada: User, home: cast.Robot) -> None:
    make_runner(ada, "Build doctor")
    call(ada, home)
    assert not Run.objects.exists()


def test_what_a_guest_says_stands_where_it_was_called_under_its_own_name(
    ada: User, home: cast.Robot, guest: cast.Robot
) -> None:
    call(ada, home)
    tell(guest, "response", "A flaky test.")
    row = Message.objects.get(sender_type="agent")
    assert (row.agent_id, row.author_id, row.sender_name) == (
        home.agent.id,
        guest.agent.id,
        "Build doctor",
    )
    message = message_for(ada.as_actor(), row.pk)
    told = message_json(message)
    own = [one.author_hue for one in (message, message_for(ada.as_actor(), cast.say(guest).id))]
    assert own == [guest.agent.hue] * 2
    assert (told["channelId"], told["senderId"]) == (str(home.agent.id), str(guest.agent.id))


def test_a_guests_question_is_answered_where_it_was_asked(
    ada: User, home: cast.Robot, guest: cast.Robot
) -> None:
    call(ada, home)
    tell(guest, "elicitation", "Which branch?")
    review = Review.objects.get()
    assert review.agent_id == home.agent.id
    reviews.respond(by=ada.as_actor(), review_id=review.pk, response={"text": "main"})
    assert history(run_of(guest).id)[-1] == ("prompt", "main")
    tell(guest, "elicitation", "And which commit?")
    write(ada, home, "The last one")
    assert history(run_of(guest).id)[-1] == ("prompt", "The last one")


def test_a_guest_waits_for_the_answer_to_its_question_and_reads_nothing_else(
    ada: User, home: cast.Robot, guest: cast.Robot
) -> None:
    mine = call(ada, home)
    tell(guest, "elicitation", "Which branch?")
    review = Review.objects.get()
    reviews.respond(by=ada.as_actor(), review_id=review.pk, response={"text": "main"})
    told = question_in(guest.actor, review.pk, channel=guest.agent.id)
    assert told.review
    assert told.review.response == {"text": "main"}
    assert question_in(home.actor, review.pk, channel=home.agent.id).id == review.pk
    others = (mine.id, cast.say(home).id)
    for message_id in others:
        with pytest.raises(NotFound):
            message_for(guest.actor, message_id)
    sibling = make_runner(ada, "Sibling")
    with pytest.raises(NotFound):
        message_for(sibling.actor, review.pk)


def test_the_host_takes_back_and_deletes_nothing_of_a_guests(
    ada: User, home: cast.Robot, guest: cast.Robot, client: Client
) -> None:
    call(ada, home)
    tell(guest, "elicitation", "Which branch?")
    review = Review.objects.get()
    doors = [("post", f"reviews/{review.pk}/cancel"), ("delete", f"messages/{review.pk}")]
    for method, path in doors:
        answer = getattr(client, method)(f"/api/v1/{path}", headers=home.headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
    assert Review.objects.get().status == "pending"
    own = cast.ask(home)
    answer = client.post(f"/api/v1/reviews/{own.id}/cancel", headers=home.headers)
    assert answer.status_code in (200, 201)
    assert client.delete(f"/api/v1/messages/{own.id}", headers=home.headers).status_code == 200


def test_a_mention_is_for_who_is_mentioned_and_the_rest_for_who_is_at_home(ada: User) -> None:
    home, guest = make_runner(ada, "Pilot"), make_runner(ada, "Build doctor")
    admitting.admit(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    write(ada, home, "@build-doctor look, please")
    write(ada, home, "Go on with the rest")
    write(ada, home, "Both of you, @Pilot and @BUILD DOCTOR: stop it")
    assert [body for _, body in history(run_of(guest).id)] == [
        "@build-doctor look, please",
        "Both of you, @Pilot and @BUILD DOCTOR: stop it",
    ]
    assert [body for _, body in history(run_of(home).id)] == [
        "Go on with the rest",
        "Both of you, @Pilot and @BUILD DOCTOR: stop it",
    ]
    assert run_of(home).trigger == "message"


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@Build doctor", ["Build doctor"]),
        ("hello @build_doctor, and @Build?", ["Build doctor", "Build"]),
        ("@Builder", []),
        ("me@build.example", []),
        ("@@Build", []),
        ("no one", []),
    ],
)
def test_a_name_is_mentioned_as_a_whole_and_the_longer_one_wins(
    ada: User, text: str, called: list[str]
) -> None:
    agents = [cast.make_robot(ada, name).agent for name in ("Build", "Build doctor")]
    assert [agent.name for agent in mentioned(text, agents)] == called


def test_a_person_hands_a_conversation_over(ada: User, home: cast.Robot, guest: cast.Robot) -> None:
    by = ada.as_actor()
    run = opening.delegate(by=by, agent_id=guest.agent.id, channel=home.agent.id)
    assert (run.trigger, run.length, run.creator_id) == ("delegation", 1, ada.pk)
    again = opening.delegate(
        by=by, agent_id=guest.agent.id, channel=home.agent.id, text="Take care of it"
    )
    assert (again.id, again.length) == (run.id, 2)
    said = ["Please take over this conversation.", "Take care of it"]
    assert history(run.id) == [("prompt", text) for text in said]
    assert list(Message.objects.order_by("pk").values_list("text", flat=True)) == said


def test_who_waits_for_an_answer_is_not_answered_by_a_delegation_without_words(
    ada: User, home: cast.Robot, guest: cast.Robot
) -> None:
    call(ada, home)
    asked = tell(guest, "elicitation", "Which branch?").run
    run = opening.delegate(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    assert (run.id, run.status, run.awaits) == (asked.id, "awaiting", asked.awaits)
    assert EventRow.objects.filter(type="run:assigned").count() == 1


def test_the_text_of_a_delegation_opens_the_run_like_any_message(
    ada: User, home: cast.Robot, guest: cast.Robot
) -> None:
    by, text = ada.as_actor(), "Take care of it"
    run = opening.delegate(by=by, agent_id=guest.agent.id, channel=home.agent.id, text=text)
    assert (run.trigger, run.length, run.message_id) == ("delegation", 1, Message.objects.get().pk)


def test_being_handed_a_conversation_and_losing_it_is_told(
    ada: User, home: cast.Robot, guest: cast.Robot
) -> None:
    run = opening.delegate(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    admitting.dismiss(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    told = EventRow.objects.filter(type="run:assigned").order_by("pk")
    assert [row.data for row in told] == [
        {"agentId": str(guest.agent.id), "runId": str(run.id), "assigned": assigned}
        for assigned in (True, False)
    ]


def test_nobody_is_delegated_who_may_not_speak_there(
    ada: User, bob: User, home: cast.Robot, guest: cast.Robot
) -> None:
    stranger = make_runner(ada, "Stranger")
    for agent_id in (stranger.agent.id, home.agent.id, "nonsense"):
        with pytest.raises(Invalid):
            opening.delegate(by=ada.as_actor(), agent_id=agent_id, channel=home.agent.id)
    with pytest.raises(Forbidden):
        opening.delegate(by=bob.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)


def test_an_agent_begins_only_where_it_was_let_in(
    ada: User, home: cast.Robot, guest: cast.Robot
) -> None:
    run = opening.open_run(by=guest.actor, conversation=home.agent.id)
    assert run.channel_id == home.agent.id
    with pytest.raises(Forbidden):
        opening.open_run(by=home.actor, conversation=guest.agent.id)
    with pytest.raises(Forbidden):
        opening.open_run(by=home.actor, conversation="nonsense")


def test_a_guest_sees_its_run_and_the_host_does_not(
    ada: User, bob: User, home: cast.Robot, guest: cast.Robot
) -> None:
    call(ada, home)
    run = run_of(guest)
    with pytest.raises(NotFound):
        selectors.run_for(home.actor, run.id)
    assert selectors.runs_page(home.actor).runs == ()
    shown = selectors.runs_page(ada.as_actor(), home.agent.id).runs
    assert [one.id for one in shown] == [run.id]
    current = selectors.current_run(guest.actor, guest.agent.id, channel=home.agent.id)
    assert current
    assert current.id == run.id
    places = selectors.conversations_of(guest.actor, guest.agent.id)
    assert [place.name for place in places] == ["Build doctor", "Deploy pilot"]


def test_who_is_shown_out_is_stopped_and_may_not_speak_there_any_more(
    ada: User, home: cast.Robot, guest: cast.Robot
) -> None:
    call(ada, home)
    asked = tell(guest, "elicitation", "Which branch?")
    admitting.dismiss(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    run = run_of(guest)
    assert (run.status, run.awaits, run.stopped_by_id) == ("stopped", None, ada.pk)
    assert Review.objects.get().status == "cancelled"
    with pytest.raises(Forbidden):
        tell(guest, "response", "But still!", run=asked.run.id)
    with pytest.raises(Forbidden):
        prompting.prompt(by=ada.as_actor(), run_id=run.id, text="Come back")
    wanted: list[dict[str, Any]] = [{"summary": "Still here"}, {"plan": []}, {"links": []}]
    for changes in wanted:
        with pytest.raises(Forbidden):
            updating.update_run(by=guest.actor, run_id=run.id, changes=changes)
    assert (run_of(guest).status, run_of(guest).summary) == ("stopped", "")
    call(ada, home)
    assert Run.objects.count() == 1


def test_a_message_that_prompts_two_is_of_the_run_that_one_sees(ada: User) -> None:
    home, guest = make_runner(ada, "Pilot"), make_runner(ada, "Build doctor")
    admitting.admit(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    for text in ("First", "Second"):
        write(ada, home, text)
    message = write(ada, home, "@Pilot and @Build doctor: now you both")
    for robot in (home, guest):
        found = selectors.run_of_message(robot.actor, message.id)
        assert found
        assert found.agent.id == robot.agent.id


def test_only_who_manages_both_lets_in_and_it_is_told(
    ada: User, bob: User, olga: User, home: cast.Robot, other_robot: cast.Robot
) -> None:
    ids: dict[str, Any] = {"agent_id": other_robot.agent.id, "channel": home.agent.id}
    for by in (ada, bob):
        with pytest.raises(NotFound):
            admitting.admit(by=by.as_actor(), **ids)
    with pytest.raises(Forbidden):
        admitting.admit(by=home.actor, **ids)
    for _ in range(2):
        admitting.admit(by=olga.as_actor(), **ids)
        admitting.dismiss(by=olga.as_actor(), **ids)
    admitting.admit(by=olga.as_actor(), **ids)
    admitting.admit(by=olga.as_actor(), **ids)
    told = EventRow.objects.filter(type="agent:access").order_by("pk")
    assert [row.data["granted"] for row in told] == [True, False, True, False, True]
    assert {row.data["conversationId"] for row in told} == {str(home.agent.id)}
    with pytest.raises(Invalid):
        admitting.admit(by=ada.as_actor(), agent_id=home.agent.id, channel=home.agent.id)


def test_the_hosts_people_may_stop_a_guest(
    ada: User, olga: User, home: cast.Robot, guest: cast.Robot
) -> None:
    call(ada, home)
    assert stopping.stop(by=olga.as_actor(), run_id=run_of(guest).id).status == "stopping"

"""The rules of runs, through their services: who opens, joins, tells, asks, stops, and who may not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from accounts.services import users
from agents import services as agents
from inbox.models import Message
from inbox.services import keeping
from placet.events.models import EventRow
from placet.lib.clock import now
from placet.lib.errors import Conflict, Forbidden, Invalid, NotFound
from reviews import services as reviews
from reviews.models import Review
from runs import selectors
from runs.drafts import draft
from runs.errors import RunEnded, RunStopping
from runs.models import Activity, Run
from runs.services import lapsing, opening, prompting, reporting, stopping, updating
from tests import cast
from tests.runs.parts import AUTH, SELECT, history, make_runner, run_of, tell, told, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner(ada: User) -> cast.Robot:
    return make_runner(ada)


def test_a_message_opens_a_run_and_is_its_first_prompt(ada: User, runner: cast.Robot) -> None:
    message = write(ada, runner)
    run = run_of(runner)
    assert (run.status, run.trigger, run.message_id) == ("created", "message", message.id)
    assert (run.creator_id, run.creator_name, run.channel_id) == (ada.pk, "Ada", runner.agent.id)
    assert history(run.id) == [("prompt", "Why is the build red?")]
    (prompt,) = selectors.activities_page(runner.actor, run.id).activities
    assert (prompt.user_id, prompt.message_id, prompt.ephemeral) == (ada.pk, message.id, False)
    assert told() == ["run:created", "run:activity prompt"]


def test_what_is_written_to_an_agent_without_runs_is_only_a_message(
    ada: User, robot: cast.Robot
) -> None:
    write(ada, robot)
    assert not Run.objects.exists()


def test_the_next_message_joins_the_open_run(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    assert run_of(runner).status == "created"
    write(ada, runner, "On the main branch")
    assert run_of(runner).status == "in_progress"
    tell(runner, "thought", "Looking")
    write(ada, runner, "And hurry")
    assert Run.objects.count() == 1
    assert history(run_of(runner).id)[-1] == ("prompt", "And hurry")


@pytest.mark.parametrize("end", ["response", "error"])
def test_a_message_after_the_end_opens_a_new_run(ada: User, runner: cast.Robot, end: str) -> None:
    write(ada, runner)
    tell(runner, end)
    write(ada, runner, "Something else")
    assert Run.objects.count() == 2
    assert history(run_of(runner).id) == [("prompt", "Something else")]


def test_a_prompt_to_a_run_that_has_ended_opens_it_again(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    ended = tell(runner, "response").run
    assert ended.ended_at
    again = prompting.prompt(by=ada.as_actor(), run_id=ended.id, text="Really?")
    assert (again.id, again.status, again.ended_at) == (ended.id, "in_progress", None)
    assert history(ended.id)[-1] == ("prompt", "Really?")
    assert Message.objects.filter(text="Really?").count() == 1


def test_a_run_of_an_agent_that_takes_none_any_more_is_not_opened_again(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    ended = tell(runner, "response").run
    agents.update_agent(by=ada.as_actor(), agent_id=runner.agent.id, changes={"takes_runs": False})
    with pytest.raises(RunEnded):
        prompting.prompt(by=ada.as_actor(), run_id=ended.id, text="Really?")
    assert not Message.objects.filter(text="Really?").exists()


def test_a_run_whose_place_is_taken_is_not_opened_again(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    ended = tell(runner, "response").run
    write(ada, runner, "Something else")
    with pytest.raises(RunEnded):
        prompting.prompt(by=ada.as_actor(), run_id=ended.id, text="Really?")
    assert not Message.objects.filter(text="Really?").exists()
    late = tell(runner, "thought", "One more thing", run=ended.id)
    assert (late.run.status, late.activity.number) == ("completed", 3)
    with pytest.raises(RunEnded):
        tell(runner, "elicitation", "May I?", run=ended.id)


def test_thoughts_and_actions_stay_in_the_run_and_the_rest_is_said(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    tell(runner, "thought", "Looking", ephemeral=True)
    tell(runner, "action", "Read the log")
    assert not Message.objects.filter(sender_type="agent").exists()
    reported = tell(runner, "response", "It is **green**.")
    message = Message.objects.get(sender_type="agent")
    assert (message.text, message.status, message.pk) == (
        "It is **green**.",
        None,
        reported.activity.message_id,
    )
    assert message.metadata == {
        "run": {
            "runId": str(reported.run.id),
            "activityId": str(reported.activity.id),
            "activityType": "response",
        }
    }
    found = selectors.run_of_message(ada.as_actor(), message.pk)
    assert found
    assert found.id == reported.run.id


def test_an_error_is_said_as_one_and_kept_with_its_facts(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    facts = {"error_code": "RATE_LIMIT", "retryable": True}
    failed = tell(runner, "error", "GitHub does not answer.", signal_metadata=facts).run
    assert (failed.status, failed.error) == (
        "failed",
        {**facts, "message": "GitHub does not answer."},
    )
    assert Message.objects.get(sender_type="agent").status == "error"
    assert tell(runner, "thought", "Trying again").run.error is None


def test_a_late_thought_does_not_hide_why_a_run_failed(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    failed = tell(runner, "error", "GitHub does not answer.").run
    write(ada, runner, "Try GitLab")
    late = tell(runner, "thought", "It had answered 503", run=failed.id).run
    assert (late.status, late.error) == ("failed", {"message": "GitHub does not answer."})


def test_an_elicitation_is_a_review_that_a_text_answers(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    asked = tell(runner, "elicitation", "Which branch?")
    review = Review.objects.get()
    assert (review.pk, review.type) == (asked.activity.message_id, "text-input")
    assert (asked.run.status, asked.run.awaits) == ("awaiting", review.pk)
    reviews.respond(by=ada.as_actor(), review_id=review.pk, response={"text": "main"})
    run = run_of(runner)
    assert (run.status, run.awaits) == ("in_progress", None)
    assert history(run.id)[-1] == ("prompt", "main")


def test_options_are_a_selection_and_the_choice_is_told_in_the_options_words(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    asked = tell(runner, "elicitation", "Where?", signal="select", signal_metadata=SELECT)
    review = Review.objects.get()
    assert review.type == "selection"
    assert [item["id"] for item in review.payload["items"]] == ["staging", "prod"]
    assert asked.activity.signal_metadata == SELECT, "The agent's object stays as it is."
    reviews.respond(by=ada.as_actor(), review_id=review.pk, response={"selectedIds": ["prod"]})
    prompt = selectors.activities_page(runner.actor, asked.run.id).activities[-1]
    assert (prompt.body, prompt.signal, prompt.signal_metadata) == (
        "Production",
        None,
        {"selectedIds": ["prod"]},
    )


def test_a_choice_with_a_value_is_told_as_that_value(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    many = {**SELECT, "allow_multiple": True}
    tell(runner, "elicitation", "Where?", signal="select", signal_metadata=many)
    reviews.respond(
        by=ada.as_actor(),
        review_id=Review.objects.get().pk,
        response={"selectedIds": ["staging", "prod"]},
        feedback="In this order.",
    )
    assert history(run_of(runner).id)[-1][1] == "staging, Production\n\nIn this order."


def test_ones_own_words_are_an_answer_to_options(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "elicitation", "Where?", signal="select", signal_metadata=SELECT)
    response = {"selectedIds": [], "text": "Nowhere today"}
    reviews.respond(by=ada.as_actor(), review_id=Review.objects.get().pk, response=response)
    assert history(run_of(runner).id)[-1] == ("prompt", "Nowhere today")


@pytest.mark.parametrize(
    ("signal", "metadata"), [(None, None), ("select", SELECT), ("auth_request", AUTH)]
)
def test_a_chat_message_answers_what_a_run_waits_for_once(
    ada: User, runner: cast.Robot, signal: Any, metadata: Any
) -> None:
    write(ada, runner)
    tell(runner, "elicitation", "Where?", signal=signal, signal_metadata=metadata)
    message = write(ada, runner, "On staging, please")
    review = Review.objects.get()
    assert review.status == "completed"
    assert review.response
    assert review.response["text"] == "On staging, please"
    run = run_of(runner)
    assert history(run.id)[2:] == [("prompt", "On staging, please")]
    prompt = Activity.objects.get(run_id=run.id, number=3)
    assert prompt.message_id == message.id
    assert (run.status, Run.objects.count()) == ("in_progress", 1)


def test_a_link_is_a_card_that_goes_away_when_the_agent_goes_on(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    asked = tell(runner, "elicitation", "Connect, please.", signal="auth", signal_metadata=AUTH)
    review = Review.objects.get()
    assert (review.type, review.payload) == ("link", AUTH)
    assert asked.activity.signal == "auth"
    went_on = tell(runner, "thought", "Connected; reading")
    assert (went_on.run.status, went_on.run.awaits) == ("in_progress", None)
    assert Review.objects.get().status == "cancelled"


def test_who_says_that_it_is_linked_prompts(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "elicitation", "Connect, please.", signal="auth", signal_metadata=AUTH)
    reviews.respond(by=ada.as_actor(), review_id=Review.objects.get().pk, response={"done": True})
    assert history(run_of(runner).id)[-1] == ("prompt", "Connected")


def test_a_question_outlives_a_thought_and_not_the_end(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "elicitation", "Which branch?")
    waiting = tell(runner, "thought", "Meanwhile I look at main")
    assert (waiting.run.status, Review.objects.get().status) == ("in_progress", "pending")
    assert waiting.run.awaits
    ended = tell(runner, "response", "Never mind.")
    assert (ended.run.awaits, Review.objects.get().status) == (None, "cancelled")


def test_a_new_question_takes_the_place_of_the_old_one(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    old = tell(runner, "elicitation", "Which branch?").run.awaits
    new = tell(runner, "elicitation", "Or which tag?").run.awaits
    states = dict(Review.objects.values_list("pk", "status"))
    assert states == {old: "cancelled", new: "pending"}
    assert run_of(runner).awaits == new


def test_a_question_that_ran_out_is_answered_by_a_message(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "elicitation", "Which branch?")
    Review.objects.update(expires_at=now() - timedelta(seconds=1))
    write(ada, runner, "main, of course")
    reviews.expire_due_reviews()
    run = run_of(runner)
    assert (history(run.id)[-1], run.status) == (("prompt", "main, of course"), "in_progress")
    assert (run.awaits, Review.objects.get().status) == (None, "expired")


def test_a_deleted_question_is_waited_for_no_more(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    asked = tell(runner, "elicitation", "Which branch?")
    keeping.delete_message(by=runner.actor, message_id=asked.activity.message_id)
    run = run_of(runner)
    assert (run.awaits, run.status) == (None, "awaiting")
    write(ada, runner, "main")
    assert run_of(runner).status == "in_progress"


def test_stop_is_told_and_confirmed(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "thought")
    stopping_run = stopping.stop(by=ada.as_actor(), run_id=run_of(runner).id)
    assert (stopping_run.status, stopping_run.stopped_by_id) == ("stopping", ada.pk)
    assert stopping_run.ended_at is None
    prompt = Activity.objects.get(number=3)
    assert (prompt.type, prompt.signal, prompt.content) == ("prompt", "stop", {"body": "Stop"})
    assert tell(runner, "thought", "Putting things away").run.status == "stopping"
    ended = tell(runner, "response", "I have stopped.").run
    assert (ended.status, ended.ended_at is not None) == ("stopped", True)
    assert EventRow.objects.filter(type="run:activity", data__signal="stop").count() == 1


def test_stop_takes_the_open_question_back_and_allows_no_new_one(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    tell(runner, "elicitation", "Which branch?")
    stopped = stopping.stop(by=ada.as_actor(), run_id=run_of(runner).id)
    assert (stopped.awaits, Review.objects.get().status) == (None, "cancelled")
    with pytest.raises(RunStopping):
        tell(runner, "elicitation", "Are you sure?")
    assert Message.objects.filter(sender_type="agent").count() == 1


def test_stop_is_told_once_and_not_to_who_has_ended(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    run = run_of(runner)
    for _ in range(2):
        assert stopping.stop(by=ada.as_actor(), run_id=run.id).status == "stopping"
    assert Activity.objects.filter(signal="stop").count() == 1
    tell(runner, "response", "Stopped.")
    with pytest.raises(RunEnded) as refusal:
        stopping.stop(by=ada.as_actor(), run_id=run.id)
    assert refusal.value.extra == {"status": "stopped"}


def test_a_stop_is_not_forgotten_over_a_silence(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    stopping.stop(by=ada.as_actor(), run_id=run_of(runner).id)
    assert lapsing.mark_stale_runs(at=now() + timedelta(hours=1)) == 1
    assert run_of(runner).status == "stale"
    assert tell(runner, "thought", "Sorry, I was away").run.status == "stopping"
    assert tell(runner, "response", "Stopped.").run.status == "stopped"


def test_silence_makes_stale_and_any_word_recovers(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    run = tell(runner, "thought").run
    assert run.stale_at
    assert run.stale_at - run.updated_at == timedelta(minutes=30)
    assert selectors.next_silence() == run.stale_at
    assert lapsing.mark_stale_runs(at=run.stale_at - timedelta(seconds=1)) == 0
    assert lapsing.mark_stale_runs(at=run.stale_at) == 1
    assert lapsing.mark_stale_runs(at=run.stale_at + timedelta(hours=1)) == 0
    stale = run_of(runner)
    assert (stale.status, stale.stale_at, told()[-1]) == ("stale", None, "run:updated")
    assert tell(runner, "action").run.status == "in_progress"


def test_an_agent_may_have_another_limit(ada: User) -> None:
    quick = make_runner(ada, "Quick", run_stale_seconds=300)
    write(ada, quick)
    run = run_of(quick)
    assert run.stale_at
    assert run.stale_at - run.updated_at == timedelta(minutes=5)


def test_who_waits_for_a_person_does_not_turn_stale(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "elicitation", "Which branch?")
    assert selectors.next_silence() is None
    assert lapsing.mark_stale_runs(at=now() + timedelta(days=9)) == 0


def test_ten_seconds_without_a_sign_are_shown_and_are_no_state(
    ada: User, runner: cast.Robot, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-23T09:00:00Z", tick=False)
    write(ada, runner)
    time_machine.shift(10)
    assert run_of(runner).unresponsive is False
    time_machine.shift(1)
    late = run_of(runner)
    assert (late.unresponsive, late.status) == (True, "created")
    write(ada, runner, "Anybody there?")
    assert (run_of(runner).unresponsive, run_of(runner).status) == (True, "in_progress")
    links = [{"label": "Live view", "url": "https://bot.example/1"}]
    changes = {"links": links}
    shown = updating.update_run(by=runner.actor, run_id=late.id, changes=changes)
    assert (shown.unresponsive, shown.status) == (False, "in_progress")
    assert tell(runner, "thought").run.unresponsive is False


def test_plan_summary_and_links_change_no_state(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "elicitation", "Which branch?")
    run = run_of(runner)
    plan = [
        {"content": "Look", "status": "completed"},
        {"content": "Mend", "status": "inProgress"},
    ]
    changes = {"plan": plan, "summary": "Mending the build"}
    changed = updating.update_run(by=runner.actor, run_id=run.id, changes=changes)
    assert (list(changed.plan or ()), changed.summary) == (plan, "Mending the build")
    assert (changed.status, changed.awaits) == ("awaiting", run.awaits)
    assert told()[-1] == "run:updated"
    bare = updating.update_run(
        by=runner.actor, run_id=run.id, changes={"plan": None, "summary": None}
    )
    assert (bare.plan, bare.summary) == (None, "")


def test_links_are_added_replaced_and_taken_away_by_their_url(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    run_id = run_of(runner).id

    def change(**changes: Any) -> list[str]:
        run = updating.update_run(by=runner.actor, run_id=run_id, changes=changes)
        return [f"{link['label']} {link['url'][-1]}" for link in run.links]

    def link(label: str, n: int) -> dict[str, str]:
        return {"label": label, "url": f"https://bot.example/{n}"}

    assert change(links=[link("A", 1), link("B", 2)]) == ["A 1", "B 2"]
    assert change(added_links=[link("C", 3), link("again", 1)]) == ["again 1", "B 2", "C 3"]
    assert change(removed_urls=["https://bot.example/2"]) == ["again 1", "C 3"]
    assert change(links=[link("Z", 9)], added_links=[link("Y", 8)]) == ["Z 9"]
    with pytest.raises(Invalid):
        change(links=[{"label": "bad", "url": "javascript:alert(1)"}])


def test_an_agent_begins_by_itself_for_its_owner_and_joins_its_open_run(
    ada: User, runner: cast.Robot
) -> None:
    run = opening.open_run(by=runner.actor)
    assert (run.trigger, run.creator_id, run.is_proactive) == ("agent", ada.pk, True)
    assert opening.open_run(by=runner.actor).id == run.id
    assert told() == ["run:created"]


def test_who_joins_its_open_run_with_links_adds_them(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    links = [{"label": label, "url": f"https://bot.example/{label}"} for label in ("log", "view")]
    assert opening.open_run(by=runner.actor, links=links[:1]).links == (links[0],)
    assert opening.open_run(by=runner.actor, links=links[1:]).links == tuple(links)
    assert opening.open_run(by=runner.actor, links=links).links == tuple(links)
    assert told() == ["run:created", "run:activity prompt", "run:updated", "run:updated"]
    many = [{"label": "one more", "url": f"https://bot.example/{n}"} for n in range(49)]
    with pytest.raises(Invalid, match="Validation failed"):
        opening.open_run(by=runner.actor, links=many)
    assert run_of(runner).links == tuple(links)


def test_people_are_heard_by_a_run_that_an_agent_began_by_itself(
    ada: User, robot: cast.Robot
) -> None:
    """Though it takes none otherwise."""
    run = opening.open_run(by=robot.actor)
    tell(robot, "elicitation", "Shall I clean up?", run=run.id)
    write(ada, robot, "Yes")
    tell(robot, "thought", run=run.id)
    write(ada, robot, "But not the cache")
    assert [body for type, body in history(run.id) if type == "prompt"] == [
        "Yes",
        "But not the cache",
    ]


def test_the_same_id_with_the_same_content_is_the_same_activity(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    one = uuid4()
    first = tell(runner, "response", "Done.", id=one)
    again = tell(runner, "response", "Done.", id=str(one))
    assert (first.activity, first.activity.id) == (again.activity, one)
    assert Message.objects.filter(sender_type="agent").count() == 1
    with pytest.raises(Conflict):
        tell(runner, "response", "Something else.", id=one)
    with pytest.raises(Conflict):
        tell(runner, "response", "Done.", id=one, run=opening.open_run(by=runner.actor).id)


def test_an_agent_never_prompts_and_a_person_never_reports(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    run = run_of(runner)
    with pytest.raises(Invalid, match="Validation failed") as refusal:
        tell(runner, "prompt", "Do as I say")
    assert refusal.value.errors[0].message.endswith('only people prompt; got "prompt"')
    with pytest.raises(Forbidden):
        prompting.prompt(by=runner.actor, run_id=run.id, text="Do as I say")
    with pytest.raises(Forbidden):
        stopping.stop(by=runner.actor, run_id=run.id)
    with pytest.raises(Forbidden):
        opening.delegate(by=runner.actor, agent_id=runner.agent.id, channel=runner.agent.id)
    thought = draft(type="thought", content={"body": "I am a robot"})
    with pytest.raises(Forbidden):
        reporting.report(by=ada.as_actor(), run_id=run.id, draft=thought)
    with pytest.raises(Forbidden):
        updating.update_run(by=ada.as_actor(), run_id=run.id, changes={"summary": "mine"})
    assert [type for type, _ in history(run.id)] == ["prompt"]


def test_a_strangers_run_and_no_run_look_the_same(
    ada: User, bob: User, olga: User, runner: cast.Robot, other_robot: cast.Robot
) -> None:
    write(ada, runner)
    run = run_of(runner)
    activity = Activity.objects.get()
    for by in (bob.as_actor(), other_robot.actor):
        for look in (
            lambda by: selectors.run_for(by, run.id),
            lambda by: selectors.activities_page(by, run.id),
            lambda by: selectors.activity_for(by, activity.pk),
        ):
            with pytest.raises(NotFound):
                look(by)
        assert selectors.run_of_message(by, activity.message_id) is None
    with pytest.raises(NotFound):
        tell(other_robot, "thought", run=run.id)
    with pytest.raises(NotFound):
        stopping.stop(by=bob.as_actor(), run_id=run.id)
    with pytest.raises(NotFound):
        updating.update_run(by=other_robot.actor, run_id=run.id, changes={"summary": "mine"})
    assert selectors.run_for(olga.as_actor(), run.id).id == run.id


def test_activities_are_read_in_pages_that_never_shift(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    run_id = run_of(runner).id
    for n in range(4):
        tell(runner, "thought", f"{n}")
    first = selectors.activities_page(runner.actor, run_id, limit=2)
    tell(runner, "thought", "4")
    second = selectors.activities_page(runner.actor, run_id, limit=2, cursor=first.next_cursor)
    third = selectors.activities_page(runner.actor, run_id, limit=2, cursor=second.next_cursor)
    bodies = [one.body for page in (first, second, third) for one in page.activities]
    assert bodies == ["Why is the build red?", "0", "1", "2", "3", "4"]
    assert (third.next_cursor, third.total) == (None, 6)


def test_an_activity_is_never_changed(ada: User, olga: User, runner: cast.Robot) -> None:
    write(ada, runner)
    row = Activity.objects.get()
    row.content = {"body": "Something nicer"}
    for change in (row.save, lambda: Activity.objects.update(content={"body": "nicer"})):
        with pytest.raises(TypeError):
            change()
    users.delete_user(by=olga.as_actor(), user_id=ada.pk)
    row.refresh_from_db()
    assert (row.user_id, row.user_name, row.content["body"]) == (
        None,
        "Ada",
        "Why is the build red?",
    )


def test_a_deleted_agent_takes_its_runs_along(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "elicitation", "Which branch?")
    agents.delete_agent(by=ada.as_actor(), agent_id=runner.agent.id)
    assert not Run.objects.exists()
    assert not Activity.objects.exists()

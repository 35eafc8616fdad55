"""Runs in the browser: the panel at the foot of a conversation, the marks on messages, the page of a run, and Stop."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from placet.lib.clock import now
from placet.lib.errors import Invalid
from reviews.models import Review
from reviews.services import cancel_review
from runs import glances
from runs.drafts import draft
from runs.models import Activity, Run
from runs.services import admitting, reporting, stopping, updating
from runs.services.lapsing import mark_stale_runs
from tests import cast
from tests.runs.parts import AUTH, SELECT, history, make_runner, run_of, tell, write

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
PLAN = [
    {"content": "Read the log", "status": "completed"},
    {"content": "Mend <the> build", "status": "inProgress"},
    {"content": "Tell the team", "status": "pending"},
    {"content": "Write a poem", "status": "canceled"},
]


@pytest.fixture
def runner(ada: User) -> cast.Robot:
    return make_runner(ada)


def text(answer: Any) -> str:
    """What is read, in one line."""
    assert answer.status_code == 200, answer
    bare = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", bare)


def foot(browser: Client, robot: cast.Robot) -> str:
    return text(browser.get(f"/chats/{robot.agent.id}/runs/", headers=HX))


def chat(browser: Client, robot: cast.Robot) -> str:
    return text(browser.get(f"/chats/{robot.agent.id}/"))


def page(browser: Client, robot: cast.Robot, query: str = "") -> str:
    return text(browser.get(f"/runs/{run_of(robot).id}/{query}"))


def act(robot: cast.Robot, action: str, result: str | None = None, **parameters: str) -> None:
    content = {"action": action, "parameters": parameters, "result": result}
    reporting.report(
        by=robot.actor, run_id=run_of(robot).id, draft=draft(type="action", content=content)
    )


# --- the panel


def test_nobody_at_work_is_no_panel(browser: Client, runner: cast.Robot) -> None:
    assert "at work" not in chat(browser, runner)
    assert foot(browser, runner).strip() == ""


def test_the_page_and_the_fragment_show_the_same_panel(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    tell(runner, "thought", "Looking at the **failed** build")
    whole = browser.get(f"/chats/{runner.agent.id}/").content.decode()
    piece = browser.get(f"/chats/{runner.agent.id}/runs/", headers=HX).content.decode()
    bare = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|>\d:\d\d<')
    assert bare.sub("", piece).strip() in bare.sub("", whole)


def test_steps_replace_each_other_and_fold(ada: User, browser: Client, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "thought", "Looking at the failed build")
    act(runner, "Searched the log", "3 **errors**", build="1240")
    panel = browser.get(f"/chats/{runner.agent.id}/runs/", headers=HX).content.decode()
    now_line = re.search(r'<span class="now[^>]*>(.*?)</span>', panel, re.S)
    assert now_line
    assert now_line[1].strip() == "Searched the log"
    assert "2 step s" in foot(browser, runner).replace("steps", "step s")
    read = foot(browser, runner)
    for word in ("Working", "build 1240", "Result 3 errors", "Looking at the failed build"):
        assert word in read


def test_the_plan_is_a_checklist(ada: User, browser: Client, runner: cast.Robot) -> None:
    write(ada, runner)
    updating.update_run(by=runner.actor, run_id=run_of(runner).id, changes={"plan": PLAN})
    read = foot(browser, runner)
    assert "Plan 1 of 4" in read
    assert "Done: Read the log In progress: Mend &lt;the&gt; build To do: Tell" in read
    assert "Dropped: Write a poem" in read


def test_an_agent_that_does_not_show_itself_is_marked(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    assert "Starting" in foot(browser, runner)
    answer = browser.get(f"/chats/{runner.agent.id}/runs/", headers=HX)
    assert b"data-doubt=" in answer.content
    Run.objects.update(created_at=now() - timedelta(seconds=11))
    assert "Not responding" in foot(browser, runner)
    tell(runner, "thought")
    assert "Working" in foot(browser, runner)


def test_a_question_that_nobody_can_answer_any_more_is_not_waited_for(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    asked = tell(runner, "elicitation", "Which branch?")
    assert "Waiting for you" in foot(browser, runner)
    cancel_review(by=runner.actor, review_id=asked.run.awaits)
    assert "Its question ran out" in foot(browser, runner)
    write(ada, runner, "main")
    assert "Working" in foot(browser, runner)


def test_a_silent_run_has_gone_quiet_and_comes_back(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    tell(runner, "thought")
    Run.objects.update(stale_at=now() - timedelta(seconds=1))
    mark_stale_runs()
    assert "Gone quiet" in foot(browser, runner)
    tell(runner, "thought")
    assert "Working" in foot(browser, runner)


def test_what_has_ended_leaves_the_foot_and_marks_its_message(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    for n in range(3):
        tell(runner, "thought", f"Thought {n}")
    said = tell(runner, "response", "It is green.").activity
    assert foot(browser, runner).strip() == ""
    assert "3 steps The whole run It is green." in chat(browser, runner)
    bubble = text(browser.get(f"/messages/{said.message_id}/", headers=HX))
    assert "3 steps The whole run It is green." in bubble
    steps = text(browser.get(f"/runs/{said.run_id}/steps/{said.number}/", headers=HX))
    assert re.findall(r"Thought \d", steps) == ["Thought 0", "Thought 1", "Thought 2"]


def test_each_answer_marks_only_the_steps_that_led_to_it(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    tell(runner, "thought")
    asked = tell(runner, "elicitation", "Which?").activity
    write(ada, runner, "This one")
    tell(runner, "thought")
    tell(runner, "thought")
    said = tell(runner, "response", "Done.").activity
    assert asked.message_id
    assert said.message_id
    marks = glances.marks_on([asked.message_id, said.message_id])
    assert [(mark.number, mark.steps) for mark in marks.values()] == [(3, 1), (7, 2)]


def test_an_action_and_its_later_result_are_one_step_wherever_they_are_shown(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    act(runner, "Searched the log", build="1240")
    assert "1 step " in foot(browser, runner)
    tell(runner, "thought", "It is long")
    act(runner, "Searched the log", "3 **errors**", build="1240")
    act(runner, "Searched the log", "none", build="1241")
    panel = browser.get(f"/chats/{runner.agent.id}/runs/", headers=HX).content.decode()
    steps = re.findall(r'<li class="step.*?</li>', panel, re.S)
    assert len(steps) == 3
    assert "<strong>errors</strong>" in steps[0]
    assert "3 steps" in foot(browser, runner)
    assert "3 steps" in page(browser, runner)
    said = tell(runner, "response", "It is 1240.").activity
    assert "3 steps The whole run It is 1240." in chat(browser, runner)
    assert "3 steps" in page(browser, runner)
    read = text(browser.get(f"/runs/{said.run_id}/steps/{said.number}/", headers=HX))
    assert read.count("Searched the log") == 2
    # What is told by the API stays as it was told.
    assert [type for type, _ in history(said.run_id)] == ["prompt", "action", "thought", "action", "action", "response"]  # fmt: skip


def test_the_line_of_what_is_done_now_says_what_the_last_result_was_of(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    act(runner, "Searched the log", build="1240")
    tell(runner, "thought", "It is long")
    act(runner, "Searched the log", "3 errors", build="1240")
    panel = browser.get(f"/chats/{runner.agent.id}/runs/", headers=HX).content.decode()
    (line,) = re.findall(r'<span class="now[^>]*>(.*?)</span>', panel, re.S)
    assert line.strip() == "Searched the log"


def test_results_of_one_answer_are_not_counted_for_another(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    act(runner, "Looked")
    tell(runner, "thought")
    asked = tell(runner, "elicitation", "Go on?").activity
    write(ada, runner, "Yes")
    act(runner, "Looked", "nothing")
    act(runner, "Asked")
    act(runner, "Asked", "nobody")
    said = tell(runner, "response", "Done.").activity
    assert asked.message_id
    assert said.message_id
    marks = glances.marks_on([asked.message_id, said.message_id])
    assert [mark.steps for mark in marks.values()] == [2, 2]


def test_an_agent_cannot_put_a_mark_on_what_is_no_runs(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    tell(runner, "thought")
    cast.say(runner, "Look", metadata={"run": {"runId": str(run_of(runner).id)}})
    assert "The whole run" not in chat(browser, runner)


def test_a_guest_is_named_where_it_works(ada: User, browser: Client) -> None:
    home, guest = cast.make_robot(ada), make_runner(ada, "Log reader")
    admitting.admit(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    write(ada, home, "@Log reader: why red?")
    tell(guest, "thought", "Reading")
    assert "Log reader Reading" in foot(browser, home)
    assert foot(browser, guest).strip() == ""


# --- questions


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({}, ['name="text"']),
        (
            {"signal": "select", "signal_metadata": SELECT},
            ['value="staging"', "customers see it", 'name="text"'],
        ),
        ({"signal": "auth", "signal_metadata": AUTH}, [f'href="{AUTH["url"]}"', "GitHub"]),
    ],
)
def test_a_question_is_a_card_of_the_conversation(
    ada: User, browser: Client, runner: cast.Robot, more: dict[str, Any], shown: list[str]
) -> None:
    write(ada, runner)
    tell(runner, "elicitation", "Whose build is it?", **more)
    read = browser.get(f"/chats/{runner.agent.id}/").content.decode()
    assert [part for part in shown if part not in read] == []
    assert "data-respond" in read
    assert "Waiting for you" in foot(browser, runner)


def test_a_choice_is_answered_in_own_words_by_the_card(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    asked = tell(runner, "elicitation", "Where?", signal="select", signal_metadata=SELECT)
    review_id = asked.activity.message_id
    answer = browser.post(f"/reviews/{review_id}/respond/", {"text": "Neither"}, headers=HX)
    assert answer.status_code == 200
    assert history(run_of(runner).id)[-1] == ("prompt", "Neither")
    assert "Working" in foot(browser, runner)


# --- the page


def test_the_page_tells_the_whole_history(ada: User, browser: Client, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "thought", "Looking")
    act(runner, "Searched the log", build="1240")
    tell(runner, "elicitation", "Whose build?")
    write(ada, runner, "The team's")
    tell(runner, "thought", "Mending")
    tell(runner, "error", "The disk is full")
    read = page(browser, runner)
    parts = ["Failed", "asked by Ada", "The disk is full", "Why is the build red?", "2 step", "Looking", "Searched the log", "build 1240", "Whose build?", "The team", "1 step", "Mending", "The disk is full"]  # fmt: skip
    at = -1
    for part in parts:
        assert (at := read.find(part, at + 1)) >= 0, part


def test_a_long_history_goes_back_page_by_page(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    run = run_of(runner)
    rows = [
        Activity(
            run_id=run.id, number=n, type="thought", content={"body": f"T{n}."}, created_at=now()
        )
        for n in range(2, 251)
    ]
    Activity.objects.bulk_create(rows)
    Run.objects.update(length=250, status="in_progress")
    seen: list[int] = []
    query: str | None = ""
    while query is not None:
        answer = browser.get(f"/runs/{run.id}/{query}").content.decode()
        found = [int(n) for n in re.findall(r"T(\d+)\.", answer)]
        assert len(found) <= glances.PAGE
        seen = found + seen
        earlier = re.search(r'href="[^"]*(\?before=\d+)"', answer)
        query = earlier[1] if earlier else None
    assert seen == list(range(2, 251))
    # Whose beginning is on another page says so; the last of these pages has all there is.
    counts = [browser.get(f"/runs/{run.id}/{query}").content for query in ("", "?before=51")]
    assert [b"100+ step" in counts[0], b"49 steps" in counts[1]] == [True, True]
    assert "50+ step" in foot(browser, runner)
    for at in (1, 2, 75, 150, 151, 249, 250):
        linked = browser.get(f"/runs/{run.id}/?at={at}").content.decode()
        assert f'id="a-{at}"' in linked
        assert len(re.findall(r'id="a-', linked)) <= glances.PAGE


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²", ""])
def test_a_place_that_is_none_shows_the_latest(
    ada: User, browser: Client, runner: cast.Robot, before: str
) -> None:
    write(ada, runner)
    assert "Why is the build red?" in page(browser, runner, f"?before={before}")


# --- who sees


def test_a_stranger_sees_and_stops_nothing(
    ada: User, bob: User, client: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    tell(runner, "thought")
    run = run_of(runner)
    client.force_login(bob)
    for path in (f"/chats/{runner.agent.id}/runs/", f"/runs/{run.id}/", f"/runs/{run.id}/steps/2/"):
        assert client.get(path, headers=HX).status_code == 404
    assert client.post(f"/runs/{run.id}/stop/", headers=HX).status_code == 404
    assert run_of(runner).status == "in_progress"


def test_nobody_is_let_in_without_a_session(ada: User, client: Client, runner: cast.Robot) -> None:
    write(ada, runner)
    run = run_of(runner)
    for path in (f"/chats/{runner.agent.id}/runs/", f"/runs/{run.id}/"):
        assert client.get(path, headers=HX).status_code == 401
        assert client.get(path, headers=runner.headers).status_code == 302
    assert client.post(f"/runs/{run.id}/stop/").status_code == 302
    assert run_of(runner).status == "created"


def test_the_owner_of_a_guest_sees_its_run_and_not_where_it_speaks(
    ada: User, bob: User, client: Client, olga: User
) -> None:
    home, guest = cast.make_robot(ada), make_runner(bob, "Log reader")
    admitting.admit(by=olga.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    write(ada, home, "@Log reader: why red?")
    client.force_login(bob)
    read = client.get(f"/runs/{run_of(guest).id}/").content.decode()
    assert "why red?" in read
    assert str(home.agent.id) not in read


def test_whatever_an_agent_says_is_only_text(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    evil = "<img src=x onerror=alert(1)> [go](javascript:alert(1)) \"'><script>alert(1)</script>"
    write(ada, runner)
    run = run_of(runner)
    changes = {
        "summary": evil,
        "plan": [{"content": evil, "status": "pending"}],
        "links": [{"label": evil, "url": "https://ok.example/?q='><script>"}],
    }
    updating.update_run(by=runner.actor, run_id=run.id, changes=changes)
    tell(runner, "thought", evil)
    act(runner, evil, evil, **{evil: evil})
    said = tell(runner, "elicitation", evil).activity
    act(runner, evil, evil, **{evil: evil})
    paths = (f"/chats/{runner.agent.id}/runs/", f"/runs/{run.id}/", f"/runs/{run.id}/steps/{said.number}/")  # fmt: skip
    for path in paths:
        read = browser.get(path, headers=HX).content.decode()
        assert "alert(1)" in read
        assert not re.search(r"<script|<img|href=.javascript|<[^>]*\sonerror", read), path


def test_a_link_says_where_it_leads_whatever_its_label_says(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    run = run_of(runner)
    links = [
        {"label": "https://good.example", "url": "https://evil.example/login"},
        {"label": "Build.example:8080", "url": "http://build.example:8080/41"},
        {"label": "Letters", "url": "https://g\u043e\u043ed.example/"},
    ]
    updating.update_run(by=runner.actor, run_id=run.id, changes={"links": links})
    for path in (f"/chats/{runner.agent.id}/runs/", f"/runs/{run.id}/"):
        read = browser.get(path, headers=HX).content.decode()
        shown = re.findall(r"<bdi>(.*?)</bdi></a>(?: <bdi class=.muted.>(.*?)</bdi>)?</li>", read)
        assert shown == [
            ("https://good.example", "evil.example"),
            ("Build.example:8080", ""),
            ("Letters", "xn--gd-fmca.example"),
        ]


@pytest.mark.parametrize(
    "url",
    [
        "https://bank.example@evil.example/",
        "https://bank.example:pw@evil.example",
        "https://@evil.example",
    ],
)
def test_a_link_with_a_user_name_is_refused_and_says_why(
    ada: User, runner: cast.Robot, url: str
) -> None:
    write(ada, runner)
    run, links = run_of(runner).id, [{"label": "Your bank", "url": url}]
    with pytest.raises(Invalid) as refused:
        updating.update_run(by=runner.actor, run_id=run, changes={"links": links})
    (fault,) = refused.value.errors
    assert fault.path == "links.0.url"
    assert fault.message == f'must be an http or https URL without a user name; got "{url}"'
    auth = {"url": url, "provider": "Your bank"}
    with pytest.raises(Invalid) as refused:
        tell(runner, "elicitation", "Sign in", signal="auth", signal_metadata=auth)
    (fault,) = refused.value.errors
    assert fault.path == "signalMetadata.url"
    assert fault.message == f'must be an https URL without a user name; got "{url}"'


# --- stop


def test_stop_is_a_plain_form_and_is_pressed_once(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    tell(runner, "thought")
    run = run_of(runner)
    assert "Stop the run of Build doctor" in foot(browser, runner)
    assert browser.get(f"/runs/{run.id}/stop/").status_code == 405
    assert run_of(runner).status == "in_progress"
    answer = browser.post(f"/runs/{run.id}/stop/")
    assert answer.headers["Location"] == f"/runs/{run.id}/"
    assert browser.post(f"/runs/{run.id}/stop/", headers=HX).status_code == 204
    assert [type for type, _ in history(run.id)] == ["prompt", "thought", "prompt"]
    read = foot(browser, runner)
    assert "Stopping" in read
    assert "Stop the run" not in read
    tell(runner, "response", "I have stopped.")
    assert "Stopped" in page(browser, runner)


def test_stop_of_what_has_ended_says_so(ada: User, browser: Client, runner: cast.Robot) -> None:
    write(ada, runner)
    tell(runner, "response")
    answer = browser.post(f"/runs/{run_of(runner).id}/stop/", headers=HX)
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "text/plain")
    stopped = browser.post(f"/runs/{run_of(runner).id}/stop/", follow=True)
    assert "Done" in text(stopped)


def test_stop_takes_back_the_open_question(ada: User, browser: Client, runner: cast.Robot) -> None:
    write(ada, runner)
    asked = tell(runner, "elicitation", "Which?").activity
    browser.post(f"/runs/{asked.run_id}/stop/", headers=HX)
    assert run_of(runner).awaits is None
    assert Review.objects.get().status == "cancelled"
    assert "Stopping" in foot(browser, runner)


def test_a_quiet_run_that_was_told_to_stop_says_both(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    write(ada, runner)
    tell(runner, "thought")
    stopping.stop(by=ada.as_actor(), run_id=run_of(runner).id)
    Run.objects.update(stale_at=now() - timedelta(seconds=1))
    mark_stale_runs()
    assert "was told to stop" in foot(browser, runner)


# --- what it costs


def queries_of(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path).status_code == 200
    return len(queries)


def test_a_conversation_costs_the_same_however_much_was_done_in_it(
    ada: User, browser: Client, runner: cast.Robot
) -> None:
    home = f"/chats/{runner.agent.id}/"

    def work(times: int) -> None:
        for _ in range(times):
            write(ada, runner)
            for _ in range(times):
                tell(runner, "thought")
            tell(runner, "response")
        write(ada, runner)
        tell(runner, "thought")

    work(2)

    def costs() -> list[int]:
        paths = (home, f"{home}runs/", f"/runs/{run_of(runner).id}/")
        return [queries_of(browser, path) for path in paths]

    browser.get(home)
    before = costs()
    work(6)
    assert costs() == before


def test_who_has_no_runs_pays_one_query_for_them(robot: cast.Robot) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert glances.at_work_in(robot.agent) == []
    assert len(queries) == 1

"""What a person sees and does in the browser: pages, the fragments they are cut from, and plain form posts."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from inbox.models import Message
from inbox.services import writing
from inbox.snapshots import MessageSnapshot
from inbox.templatetags.placet import left
from placet.events.models import EventRow
from reviews.models import Review
from tests import cast

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)


def html(answer: Any) -> str:
    """The markup without what differs at every rendering: form tokens and space."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r"\s+", " ", text)


def respond(client: Client, message: MessageSnapshot, data: dict[str, Any], **headers: str) -> Any:
    return client.post(f"/reviews/{message.id}/respond/", data, headers=headers)


@pytest.mark.parametrize("path", ["/inbox/", "/chats/", "/status/", "/rail/", "/inbox/{m}/", "/inbox/{m}/row/", "/inbox/{m}/card/", "/messages/{m}/", "/chats/{a}/"])  # fmt: skip
def test_every_page_needs_a_session_and_hides_what_is_not_yours(
    path: str, client: Client, bob: User, approval: MessageSnapshot
) -> None:
    url = path.format(m=approval.id, a=approval.agent.id)
    assert client.get(url).headers["Location"] == f"/login/?next={url}"
    assert client.get(url, headers=HX).status_code == 401
    client.force_login(bob)
    assert client.get(url).status_code == (404 if "{" in path else 200)


def test_a_stranger_cannot_respond_write_or_mark_read(
    client: Client, bob: User, approval: MessageSnapshot
) -> None:
    client.force_login(bob)
    chat = f"/chats/{approval.agent.id}"
    assert respond(client, approval, {"selectedOption": "approve"}).status_code == 404
    assert client.post(f"{chat}/write/", {"text": "hi"}).status_code == 404
    assert client.post(f"{chat}/read/").status_code == 404
    assert Review.objects.get(pk=approval.id).status == "pending"


def test_looking_changes_nothing(
    browser: Client, approval: MessageSnapshot, robot: cast.Robot
) -> None:
    before = EventRow.objects.count()
    for path in (f"/reviews/{approval.id}/respond/", f"/chats/{robot.agent.id}/write/", f"/chats/{robot.agent.id}/read/"):  # fmt: skip
        assert browser.get(path).status_code == 405
    for path in (f"/inbox/{approval.id}/?selectedOption=approve", f"/chats/{robot.agent.id}/"):
        assert browser.get(path).status_code == 200
    assert EventRow.objects.count() == before
    assert Review.objects.get(pk=approval.id).status == "pending"


def test_the_inbox_shows_the_most_urgent_question_first_and_open(
    browser: Client, robot: cast.Robot
) -> None:
    later = cast.ask(robot, text="Later?", expires_in_seconds=5000)
    sooner = cast.ask(robot, text="**Sooner?** because", expires_in_seconds=50)
    page = html(browser.get("/inbox/"))
    assert page.index(f'id="row-{sooner.id}"') < page.index(f'id="row-{later.id}"')
    assert f'id="detail" tabindex="-1" data-id="{sooner.id}"' in page
    assert "<b>Sooner? because</b>" in page
    assert 'data-pane="list"' in page
    assert 'data-pane="detail"' in html(browser.get(f"/inbox/{later.id}/"))


@pytest.mark.parametrize("type", list(cast.PAYLOADS))
@pytest.mark.parametrize("state", ["open", "answered", "expired", "cancelled"])
def test_every_fragment_is_cut_from_the_page(
    browser: Client, ada: User, robot: cast.Robot, type: str, state: str
) -> None:
    message = cast.ask(robot, type, text="Well?")
    if state == "answered":
        cast.answer(ada, message, feedback="Ask earlier")
    elif state != "open":
        Review.objects.filter(pk=message.id).update(status=state, settled_at=message.created_at)
    page = html(browser.get(f"/inbox/{message.id}/?status=all"))
    chat = html(browser.get(f"/chats/{robot.agent.id}/"))
    card = html(browser.get(f"/inbox/{message.id}/card/")).strip()
    row = html(browser.get(f"/inbox/{message.id}/row/?status=all")).strip()
    detail = html(browser.get(f"/inbox/{message.id}/?status=all", headers=HX)).strip()
    bubble = html(browser.get(f"/messages/{message.id}/")).strip()
    assert card in page
    assert card in chat
    assert card in bubble
    assert detail in page
    assert bubble in chat
    assert row.replace('aria-selected="false"', 'aria-selected="true"') in page


def test_a_plain_form_responds_and_leads_to_the_next_open_question(
    browser: Client, robot: cast.Robot
) -> None:
    first = cast.ask(robot, expires_in_seconds=50)
    second = cast.ask(robot, expires_in_seconds=500)
    data = {"selectedOption": "approve", "comment": "Fine", "feedback": "Thanks"}
    answer = respond(browser, first, data, referer="http://testserver/inbox/?type=approval")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/inbox/{second.id}/?type=approval",
    )
    row = Review.objects.get(pk=first.id)
    assert (row.response, row.feedback) == (
        {"selectedOption": "approve", "comment": "Fine"},
        "Thanks",
    )
    answer = respond(browser, second, {"selectedOption": "reject"})
    assert answer.headers["Location"] == "/inbox/"


def test_a_response_given_in_a_chat_stays_there(browser: Client, approval: MessageSnapshot) -> None:
    chat = f"http://testserver/chats/{approval.agent.id}/"
    answer = respond(browser, approval, {"selectedOption": "approve"}, referer=chat)
    assert answer.headers["Location"] == f"/chats/{approval.agent.id}/#m-{approval.id}"


def test_with_scripts_the_answer_is_the_card_and_the_name_of_the_next(
    browser: Client, robot: cast.Robot
) -> None:
    first, second = cast.ask(robot, expires_in_seconds=50), cast.ask(robot)
    answer = respond(browser, first, {"selectedOption": "approve"}, **HX)
    assert answer.headers["X-Placet-Next"] == str(second.id)
    assert html(answer) == html(browser.get(f"/inbox/{first.id}/card/"))


@pytest.mark.parametrize("headers", [HX, {}])
def test_a_refused_response_comes_back_as_it_was_typed(
    browser: Client, robot: cast.Robot, headers: dict[str, str]
) -> None:
    message = cast.ask(robot, "form")
    data = {"field.region": "eu", "field.count": "77", "feedback": "keep <me>"}
    answer = respond(browser, message, data, **headers)
    text = html(answer)
    assert answer.status_code == 400
    assert 'role="alert"' in text
    assert 'value="77"' in text
    assert "keep &lt;me&gt;</textarea>" in text
    assert 'aria-invalid="true"' in text
    assert ("<html" in text) is (headers == {})


def test_half_typed_json_comes_back_too(browser: Client, robot: cast.Robot) -> None:
    answer = respond(browser, cast.ask(robot, "freeform"), {"json": '{"ok": tru'}, **HX)
    assert answer.status_code == 400
    assert "{&quot;ok&quot;: tru</textarea>" in html(answer)


@pytest.mark.parametrize("headers", [HX, {}])
def test_the_loser_of_a_race_reads_who_won_and_keeps_the_draft(
    browser: Client, olga: User, approval: MessageSnapshot, headers: dict[str, str]
) -> None:
    cast.answer(olga, approval)
    data = {"selectedOption": "reject", "comment": "Not <yet>", "feedback": "Too early"}
    answer = respond(browser, approval, data, **headers)
    text = html(answer)
    assert answer.status_code == 403
    assert "Olga was faster" in text
    assert ">Not &lt;yet&gt;</pre>" in text
    assert ">Too early</pre>" in text
    assert "Looks good" in text


def test_a_secret_that_lost_is_not_shown_again(
    browser: Client, olga: User, robot: cast.Robot
) -> None:
    message = cast.ask(robot, "form")
    cast.answer(olga, message)
    text = html(respond(browser, message, {"field.region": "eu", "field.token": "s3cret"}, **HX))
    assert "s3cret" not in text
    assert "hunter2" not in html(browser.get(f"/inbox/{message.id}/"))


def test_filters_narrow_and_rows_keep_them(
    browser: Client, ada: User, robot: cast.Robot, approval: MessageSnapshot
) -> None:
    other = cast.ask(cast.make_robot(ada, "Support drafts"), "selection", text="Which plan?")
    for query, shown in [
        (f"agent={robot.agent.id}", approval), ("type=selection", other), ("q=PLAN", other),
    ]:  # fmt: skip
        page = html(browser.get(f"/inbox/?{query}", headers=HX))
        assert re.findall(r'id="row-([\w-]+)"', page) == [str(shown.id)]
    assert f'href="/inbox/{other.id}/?type=selection"' in html(
        browser.get("/inbox/?type=selection", headers=HX)
    )
    assert "No match" in html(browser.get("/inbox/?q=nothing", headers=HX))
    assert browser.get("/inbox/?agent=no-id&status=odd&cursor=odd").status_code == 200
    before_time = {"cursor": f"0001-01-01T00:00:00+14:00~{uuid4()}"}
    assert browser.get("/inbox/", before_time).status_code == 200


def test_the_list_is_walked_by_cursor(browser: Client, robot: cast.Robot) -> None:
    asked = [cast.ask(robot, expires_in_seconds=1000 + n) for n in range(5)]
    page = html(browser.get("/inbox/?limit=2", headers=HX))
    seen = re.findall(r'id="row-([\w-]+)"', page)
    while more := re.search(r'class="more" role="presentation" href="([^"]+)"', page):
        page = html(browser.get(f"{more[1].replace('&amp;', '&')}&limit=2", headers=HX))
        seen += re.findall(r'id="row-([\w-]+)"', page)
    assert seen == [str(message.id) for message in asked]


def test_an_empty_inbox_is_a_reward(browser: Client, ada: User, approval: MessageSnapshot) -> None:
    cast.answer(ada, approval)
    page = html(browser.get("/inbox/"))
    assert "Nothing waits for you" in page
    assert "<dt>responded today</dt><dd>1</dd>" in page


def test_a_chat_shows_days_states_and_what_waits(
    browser: Client, ada: User, robot: cast.Robot
) -> None:
    cast.say(robot, "Sweep **done**", status="success")
    message = cast.ask(robot, text="Refund?")
    writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="On it")
    page = html(browser.get(f"/chats/{robot.agent.id}/"))
    assert ">Today</div>" in page
    assert 'class="tag success"' in page
    assert "Sweep <strong>done</strong>" in page
    assert 'class="msg me"' in page
    assert f'data-jump="m-{message.id}"' in page
    assert page.count('id="unread"') == 1


def test_a_chat_is_walked_backwards_and_entered_anywhere(
    browser: Client, robot: cast.Robot
) -> None:
    said = [cast.say(robot, f"Line {n}") for n in range(60)]
    chat = f"/chats/{robot.agent.id}/"
    page = html(browser.get(chat))
    shown = re.findall(r'id="m-([\w-]+)"', page)
    assert shown == [str(message.id) for message in said[10:]]
    before = re.search(r"\?before=([\w-]+)", page)
    assert before
    earlier = html(browser.get(f"{chat}?before={before[1]}", headers=HX))
    assert re.findall(r'id="m-([\w-]+)"', earlier) == [str(message.id) for message in said[:10]]
    old = html(browser.get(f"{chat}?at={said[3].id}"))
    assert re.findall(r'id="m-([\w-]+)"', old)[-1] == str(said[3].id)
    assert "Latest messages" in old
    assert f'href="{chat}">Newer messages' in old
    assert "Newer messages" not in page
    assert browser.get(f"{chat}?at=no-id").status_code == 200


def test_writing_twice_with_one_client_id_says_it_once(browser: Client, robot: cast.Robot) -> None:
    chat = f"/chats/{robot.agent.id}/"
    data = {"text": "Hello", "client_id": "c-1"}
    answers = [browser.post(f"{chat}write/", data, headers=HX) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert html(answers[0]) == html(answers[1])
    assert 'data-client-id="c-1"' in html(answers[0])
    assert browser.post(f"{chat}write/", {"text": " "}, headers=HX).status_code == 400
    plain = browser.post(f"{chat}write/", {"text": "Plain"})
    assert (plain.status_code, plain.headers["Location"]) == (302, chat)


def test_another_persons_client_id_is_refused_in_words(
    browser: Client, olga: User, robot: cast.Robot
) -> None:
    writing.write_message(by=olga.as_actor(), agent_id=robot.agent.id, text="Mine", client_id="c-9")
    data = {"text": "Hello", "client_id": "c-9"}
    answer = browser.post(f"/chats/{robot.agent.id}/write/", data, headers=HX)
    assert answer.status_code == 409
    assert "already used" in answer.content.decode()


def test_reading_clears_the_unread_count(browser: Client, robot: cast.Robot) -> None:
    last = cast.say(robot, "News")
    assert 'data-unread="1"' in html(browser.get("/rail/"))
    answer = browser.post(f"/chats/{robot.agent.id}/read/", {"message": str(last.id)})
    assert answer.status_code == 204
    assert 'data-unread="0"' in html(browser.get("/rail/"))
    assert 'id="unread"' not in html(browser.get(f"/chats/{robot.agent.id}/"))


def test_the_preview_is_the_same_renderer(browser: Client) -> None:
    answer = browser.post("/preview/", {"text": "**b** <script>"})
    assert html(answer) == "<p><strong>b</strong> &lt;script&gt;</p> "


def test_times_are_in_the_zone_the_browser_named(
    browser: Client, approval: MessageSnapshot
) -> None:
    moment = approval.created_at
    utc = f"{moment:%H:%M}</time>"
    assert utc in html(browser.get(f"/messages/{approval.id}/"))
    browser.cookies["placet_zone"] = "Asia/Kolkata"
    assert utc not in html(browser.get(f"/messages/{approval.id}/"))
    for nonsense in ("../../etc/passwd", "Mars/Olympus", ""):
        browser.cookies["placet_zone"] = nonsense
        assert utc in html(browser.get(f"/messages/{approval.id}/"))


def test_nothing_an_agent_names_becomes_markup(browser: Client, ada: User) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    robot = cast.make_robot(ada, evil)
    payload = {"options": [{"id": evil, "label": evil}]}
    asked = cast.ask(robot, payload=payload, text=evil)
    cast.say(robot, evil)
    for path in ("/inbox/", f"/inbox/{asked.id}/", "/chats/", f"/chats/{robot.agent.id}/", "/rail/", f"/inbox/{asked.id}/row/"):  # fmt: skip
        assert "<img" not in html(browser.get(path))


def test_pages_need_no_inline_script_or_style(
    browser: Client, robot: cast.Robot, approval: MessageSnapshot
) -> None:
    for path in ("/inbox/", f"/chats/{robot.agent.id}/", "/nowhere/"):
        answer = browser.get(path)
        page = html(answer)
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/inbox/", "/inbox/?status=all", "/chats/", "/chats/{a}/", "/rail/"]
)
def test_pages_cost_the_same_however_much_there_is(
    path: str, browser: Client, ada: User, robot: cast.Robot
) -> None:
    def fill(n: int) -> None:
        for number in range(n):
            cast.ask(robot)
            cast.say(cast.make_robot(ada, f"Agent {number}"), "Hi")

    url = path.format(a=robot.agent.id)
    fill(2)
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    fill(12)
    with CaptureQueriesContext(connection) as many:
        browser.get(url)
    assert len(many) == len(few) <= 18


CONTRACT = {"document": "Contract 4711", "amount": 12000, "signers": ["Ada", "Bo"]}


@pytest.mark.parametrize("type", ["signature", "freeform"])
@pytest.mark.parametrize("state", ["open", "answered"])
def test_what_no_form_shows_is_shown_as_it_was_sent(
    browser: Client, ada: User, robot: cast.Robot, type: str, state: str
) -> None:
    labels = {"submitLabel": "Sign", "dismissLabel": "Later", "schema": {"name": "string"}}
    message = cast.ask(robot, type, payload=CONTRACT | labels)
    if state == "answered":
        cast.answer(ada, message, {"signed": True})
    for path in (f"/inbox/{message.id}/", f"/chats/{robot.agent.id}/"):
        page = html(browser.get(path))
        sent = page.partition('aria-label="What it sent"')[2].partition("</section>")[0]
        assert "<dt>document</dt><dd>Contract 4711</dd>" in sent
        assert '<dt>amount</dt><dd class="raw">12000</dd>' in sent
        assert "&quot;Bo&quot;" in sent
        assert not [name for name in labels if name in sent]


def test_what_was_sent_is_bounded_and_says_so(browser: Client, robot: cast.Robot) -> None:
    # Short, and so first on PostgreSQL too, which sorts the keys of an object by their length.
    payload = {"<b>": "x" * 9000} | {f"value {n}": n for n in range(100)}
    message = cast.ask(robot, "signature", payload=payload)
    page = html(browser.get(f"/inbox/{message.id}/"))
    assert "&lt;b&gt;" in page
    assert "… 5000 more characters" in page
    assert "and 61 more values" in page


def test_a_type_with_a_form_of_its_own_says_nothing_twice(
    browser: Client, robot: cast.Robot
) -> None:
    for type in ("approval", "selection", "form", "text-input"):
        message = cast.ask(robot, type)
        assert "What it sent" not in html(browser.get(f"/inbox/{message.id}/"))
    assert "What it sent" not in html(
        browser.get(f"/inbox/{cast.ask(robot, 'signature', payload={}).id}/")
    )


def test_a_settled_row_says_who_responded_and_when(
    browser: Client, ada: User, approval: MessageSnapshot
) -> None:
    settled = cast.answer(ada, approval)
    page = html(browser.get("/inbox/?status=completed", headers=HX))
    assert "<bdi>Ada</bdi> · <time datetime" in page
    assert f"{settled.settled_at:%H:%M}</time>" in page
    assert "waiting</span>" not in page


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(59, "0:59"), (3599, "59 min"), (5395, "89 min"), (2 * 3600 - 5, "2 h"), (86_395, "24 h"),
     (9000, "2½ h"), (7 * 86_400 - 5, "7 d"), (30 * 86_400 - 5, "30 d"), (2.5 * 86_400, "2½ d")],
)  # fmt: skip
def test_a_deadline_reads_as_it_was_asked(seconds: float, text: str) -> None:
    with time_machine.travel(NOON, tick=False):
        assert left(NOON + timedelta(seconds=seconds)).text == text


def test_a_message_without_words_says_so(browser: Client, robot: cast.Robot) -> None:
    Message.objects.filter(pk=cast.say(robot).id).update(text="")
    assert '<p class="muted">(no text)</p>' in html(browser.get(f"/chats/{robot.agent.id}/"))
    assert "(no text)" in html(browser.get("/chats/"))


def test_an_inbox_that_never_heard_anything_says_how_to_begin(
    browser: Client, robot: cast.Robot
) -> None:
    page = html(browser.get("/inbox/"))
    assert "No agent has said anything yet" in page
    assert 'href="/settings/keys/#new"' in page
    assert "responded today" not in page
    assert "No messages yet" in html(browser.get("/chats/"))
    cast.say(robot)
    assert "Your agents have what they asked for" in html(browser.get("/inbox/"))

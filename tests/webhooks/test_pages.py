"""The deliveries as a person sees them, for who looks after the agents and for nobody else; plain forms all of them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from agents import services as agents
from inbox.services import keeping, posting, writing
from placet.lib.actors import SYSTEM
from placet.lib.clock import now
from tests import cast
from tests.receiver import Receiver
from webhooks.models import Attempt, Delivery, DeliveryStatus, Endpoint, Kind
from webhooks.services import endpoints, sending

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
SECRET = "swordfish"


def html(answer: Any) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r"\s+", " ", text)


def go(name: str, *args: Any) -> str:
    return reverse(f"webhooks:{name}", args=args)


def listed(page: str) -> list[str]:
    return re.findall(r'id="row-([\w-]+)"', page)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def failed(delivery: Delivery, code: int | None = 500, answer: str = "Oh dear") -> None:
    """As it stands when nobody has heard it after the last try."""
    at = now()
    Attempt.objects.create(
        delivery=delivery, number=1, at=at, milliseconds=12, code=code, answer=answer
    )
    settled = {"status": DeliveryStatus.FAILED, "settled_at": at, "tries": 9}
    Delivery.objects.filter(pk=delivery.pk).update(**settled)


@pytest.fixture
def delivery(robot: cast.Robot, ada: User, secret: str) -> Delivery:
    cast.answer(ada, cast.ask(robot))
    return Delivery.objects.get()


def test_the_list_tells_what_went_where_and_how(browser: Client, delivery: Delivery) -> None:
    page = html(browser.get(go("deliveries")))
    assert listed(page) == [str(delivery.pk)]
    assert "review:responded" in page
    assert "Deploy pilot" in page
    assert "→" in page
    assert "127.0.0.1:" in page
    assert "/hook" not in page.partition('id="rows"')[2], "Of an address the host alone is shown."
    assert "<b>Pending</b>" in page
    failed(delivery)
    assert "<b>Failed</b>, 9 tries" in html(browser.get(go("deliveries")))


def test_one_delivery_is_shown_with_its_tries_its_body_and_what_is_sent(
    browser: Client, delivery: Delivery
) -> None:
    Delivery.objects.update(body='{"event": "review:responded", "response": {"a": "b"}}')
    failed(delivery, answer="<b>no</b>")
    page = html(browser.get(go("delivery", delivery.pk)))
    assert "500 Internal Server Error" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert "12 ms" in page
    assert delivery.event_id in page
    assert '<span class="nt">"response"</span>' in page
    assert "<dt>webhook-signature</dt><dd>v1,***</dd>" in page
    assert 'data-pane="detail"' in page


def test_a_code_nobody_knows_is_a_number_and_no_code_its_reason(
    browser: Client, delivery: Delivery
) -> None:
    failed(delivery, code=599)
    Attempt.objects.create(
        delivery=delivery, number=2, at=now(), milliseconds=3, error="The name has no address."
    )
    page = html(browser.get(go("delivery", delivery.pk)))
    assert "<b>599</b>" in page
    assert "<b>The name has no address.</b>" in page


def test_what_could_not_be_sent_at_all_says_why_and_where_to_mend_it(
    browser: Client, delivery: Delivery
) -> None:
    Endpoint.objects.update(off="gone", off_since=now())
    page = html(browser.get(go("delivery", delivery.pk)))
    assert "The endpoint is switched off. Until that has changed nothing is sent." in page
    assert f'href="/settings/agents/{delivery.agent_id}/webhook/">Look at it</a>' in page
    assert "webhook-signature" not in page


def test_the_fragments_are_cut_from_the_page(browser: Client, delivery: Delivery) -> None:
    failed(delivery)
    page = html(browser.get(go("delivery", delivery.pk)))
    detail = html(browser.get(go("delivery", delivery.pk), headers=HX)).strip()
    row = html(browser.get(go("delivery-row", delivery.pk))).strip()
    assert detail in page
    assert row.replace('aria-selected="false"', 'aria-selected="true"') in page


def test_it_says_when_it_is_worth_looking_again(browser: Client, delivery: Delivery) -> None:
    assert 'data-again="2"' in html(browser.get(go("deliveries")))
    Delivery.objects.update(due_at=now() + timedelta(hours=4), tries=3)
    page = html(browser.get(go("deliveries")))
    assert 'data-again="60"' in page
    assert "in 3 h 59 min" in page or "in 4 h" in page
    failed(delivery)
    assert "data-again" not in html(browser.get(go("deliveries")))


def test_deliveries_are_for_who_manages_the_agent_and_those_of_endpoints_for_owners(
    robot: cast.Robot, ada: User, bob: User, olga: User, there: Receiver, secret: str
) -> None:
    endpoints.create_endpoint(by=olga.as_actor(), name="Audit", url=there.url)
    agents.set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=[bob.pk])
    cast.answer(ada, cast.ask(robot))
    own = Delivery.objects.get(kind=Kind.AGENT)
    shared = Delivery.objects.get(kind=Kind.WORKSPACE)
    assert listed(html(signed_in(ada).get(go("deliveries")))) == [str(own.pk)]
    assert set(listed(html(signed_in(olga).get(go("deliveries"))))) == {
        str(own.pk),
        str(shared.pk),
    }
    assert "</span> Audit</span>" in html(signed_in(olga).get(go("delivery-row", shared.pk)))
    reviewer = html(signed_in(bob).get(go("deliveries")))
    assert listed(reviewer) == []
    assert "You own none" in reviewer
    for person, row in ((bob, own), (bob, shared), (ada, shared)):
        for name in ("delivery", "delivery-row"):
            assert signed_in(person).get(go(name, row.pk)).status_code == 404
        assert signed_in(person).post(go("delivery-replay", row.pk)).status_code == 404
    assert signed_in(bob).get(go("for-message", own.message_id)).status_code == 404


def test_filters_narrow_and_rows_keep_them(
    ada: User, olga: User, robot: cast.Robot, there: Receiver, delivery: Delivery
) -> None:
    minted = endpoints.create_endpoint(by=olga.as_actor(), name="Audit", url=there.url)
    writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="Stop it")
    owner = signed_in(olga)
    failed(delivery)
    told = Delivery.objects.filter(event_type="message:created")
    for query, kinds in (
        ("status=failed", [delivery.pk]),
        ("event=message:created", sorted((row.pk for row in told), reverse=True)),
        (f"endpoint={minted.endpoint.id}", [told.get(kind=Kind.WORKSPACE).pk]),
        (f"agent={robot.agent.id}&event=review:responded", [delivery.pk]),
        (f"message={delivery.message_id}", [delivery.pk]),
    ):
        page = html(owner.get(f"{go('deliveries')}?{query}", headers=HX))
        assert listed(page) == [str(pk) for pk in kinds], query
        first = re.search(rf'href="/deliveries/{kinds[0]}/(\?[^"]+)"', page)
        assert first
        assert first[1].replace("&amp;", "&").replace("%3A", ":") == f"?{query}"
    assert '<option value="webhook:test">' in html(owner.get(go("deliveries")))
    odd = "?status=odd&agent=odd&endpoint=odd&event=odd&message=odd&cursor=odd&limit=odd"
    assert owner.get(go("deliveries") + odd).status_code == 200
    assert "No match" in html(owner.get(f"{go('deliveries')}?event=nothing"))


def test_the_list_is_walked_by_cursor(browser: Client, robot: cast.Robot, ada: User, secret: str):
    for _ in range(5):
        cast.answer(ada, cast.ask(robot))
    page = html(browser.get(f"{go('deliveries')}?limit=2", headers=HX))
    seen = listed(page)
    while more := re.search(r'class="more" role="presentation" href="([^"]+)"', page):
        page = html(browser.get(f"{more[1].replace('&amp;', '&')}&limit=2", headers=HX))
        seen += listed(page)
    assert seen == [str(pk) for pk in Delivery.objects.values_list("pk", flat=True)]


def test_a_plain_form_replays_one_and_leads_back_to_it(browser: Client, delivery: Delivery) -> None:
    failed(delivery)
    referer = {"referer": "http://testserver/deliveries/?status=failed"}
    answer = browser.post(go("delivery-replay", delivery.pk), headers=referer)
    where = f"/deliveries/{delivery.pk}/?status=failed"
    assert (answer.status_code, answer.headers["Location"]) == (302, where)
    assert "It goes out again." in html(browser.get(where))
    row = Delivery.objects.get()
    assert (row.status, row.tries) == (DeliveryStatus.PENDING, 0)
    failed(delivery)
    fragment = html(browser.post(go("delivery-replay", delivery.pk), headers=HX | referer))
    assert "<html" not in fragment
    assert "<strong>Pending</strong>" in fragment


def test_all_that_failed_and_fits_goes_out_again_once_it_is_confirmed(
    browser: Client, robot: cast.Robot, ada: User, secret: str
) -> None:
    for _ in range(2):
        cast.answer(ada, cast.ask(robot))
    writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="Stop it")
    for row in Delivery.objects.all():
        failed(row)
    assert "Replay all" not in html(browser.get(go("deliveries")))
    page = html(browser.get(f"{go('deliveries')}?status=failed&event=review:responded"))
    assert "2 failed deliveries go out again" in page
    form = re.search(r'action="/deliveries/replay-failed/">(.*?)</form>', page)
    assert form
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
    answer = browser.post(go("replay-failed"), fields)
    assert Delivery.objects.filter(status="pending").count() == 2
    assert Delivery.objects.get(status="failed").event_type == "message:created"
    assert "2 deliveries go out again." in html(browser.get(answer.headers["Location"]))


def test_looking_changes_nothing(browser: Client, delivery: Delivery) -> None:
    failed(delivery)
    for name, args in (("delivery-replay", [delivery.pk]), ("replay-failed", [])):
        assert browser.get(go(name, *args)).status_code == 405
    assert browser.get(go("message-retry", delivery.message_id)).status_code == 405
    assert Delivery.objects.get().status == DeliveryStatus.FAILED


def test_no_page_shows_a_credential_or_a_secret_answer(
    olga: User, ada: User, robot: cast.Robot, there: Receiver
) -> None:
    agents.set_webhook(
        by=robot.actor,
        agent_id=robot.agent.id,
        url=f"{there.url}/{SECRET}?token={SECRET}",
        headers={"X-Token": SECRET, "Authorization": SECRET},
        auth={"username": "bot", "password": SECRET},
    )
    signing = endpoints.rotate_agent_secret(by=robot.actor, agent_id=robot.agent.id).secret
    endpoints.create_endpoint(
        by=olga.as_actor(), name="Audit", url=there.url, headers={"X-Audit": SECRET}
    )
    callback = {"url": f"https://example.org/{SECRET}", "headers": {"X-C": SECRET}}
    cast.answer(ada, cast.ask(robot, "form", callback=callback))
    posting.post_message(by=robot.actor, text="?", webhook_url=f"https://x.example/{SECRET}")
    assert len(sending.take(most=9, most_each=9)) == 2
    owner = signed_in(olga)
    paths = [go("deliveries"), go("endpoints")]
    paths += [go("delivery", row.pk) for row in Delivery.objects.all()]
    paths += [go("endpoint", row.pk) for row in Endpoint.objects.filter(agent=None)]
    paths += [f"/settings/agents/{robot.agent.id}/"]
    for path in paths:
        page = html(owner.get(path))
        for secret in (SECRET, signing, cast.RESPONSES["form"]["token"]):
            assert secret not in page, path
    # Its address is for who may change it, and stands in that form alone.
    page = html(owner.get(go("agent-webhook", robot.agent.id)))
    assert page.count(SECRET) == 2
    assert signing not in page


def counted(client: Client, path: str) -> int:
    # The first page of a session notes that it was seen.
    client.get("/rail/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path, headers=HX).status_code == 200
    return len(queries)


def test_a_page_costs_the_same_however_much_it_lists(
    olga: User, ada: User, robot: cast.Robot, there: Receiver, secret: str
) -> None:
    def fill(number: int) -> None:
        for n in range(number):
            other = cast.make_robot(ada, f"Agent {now().timestamp()} {n}")
            endpoints.set_agent_webhook(by=other.actor, agent_id=other.agent.id, url=there.url)
            endpoints.create_endpoint(by=olga.as_actor(), name=f"Audit {n}", url=there.url)
            cast.answer(ada, cast.ask(other, callback={"url": "https://x.example/"}))
            cast.answer(ada, cast.ask(robot))

    owner = signed_in(olga)
    paths = [go("deliveries"), go("endpoints")]
    fill(2)
    few = [counted(owner, path) for path in paths]
    fill(8)
    assert [counted(owner, path) for path in paths] == few
    # Session, person, cursor; who manages what; the lines; their endpoints and webhooks; three lists to choose from.
    assert few[0] == 9


def test_a_delivery_costs_the_same_however_often_it_was_tried(
    browser: Client, delivery: Delivery
) -> None:
    failed(delivery)
    few = counted(browser, go("delivery", delivery.pk))
    for _ in range(20):
        failed(delivery)
    assert counted(browser, go("delivery", delivery.pk)) == few


def test_a_messages_ticks_lead_to_its_delivery_and_a_plain_form_tries_again(
    browser: Client, delivery: Delivery
) -> None:
    failed(delivery)
    found = browser.get(go("for-message", delivery.message_id))
    assert found.headers["Location"] == go("delivery", delivery.pk)
    referer = {"referer": f"http://testserver/chats/{delivery.agent_id}/"}
    again = browser.post(go("message-retry", delivery.message_id), headers=referer)
    where = f"/chats/{delivery.agent_id}/#m-{delivery.message_id}"
    assert (again.status_code, again.headers["Location"]) == (302, where)
    assert Delivery.objects.get().status == DeliveryStatus.PENDING
    assert browser.post(go("message-retry", delivery.message_id), headers=HX).status_code == 204


def test_what_cannot_be_tried_again_is_refused_with_a_sentence(
    browser: Client, robot: cast.Robot
) -> None:
    question = cast.ask(robot)
    refused = browser.post(go("message-retry", question.id), headers=HX)
    assert (refused.status_code, refused.headers["Content-Type"]) == (400, "text/plain")
    assert "must be one a person wrote" in refused.text


@pytest.mark.parametrize(("who", "sees_details"), [("ada", True), ("bob", False), ("olga", True)])
def test_whoever_sees_a_message_that_was_not_delivered_may_try_again_and_who_manages_it_may_look(
    ada: User, bob: User, olga: User, robot: cast.Robot, secret: str, who: str, sees_details: bool
) -> None:
    agents.set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=[bob.pk])
    question = cast.ask(robot)
    cast.answer(ada, question)
    written = writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="Stop it")
    client = signed_in({"ada": ada, "bob": bob, "olga": olga}[who])
    chat = html(client.get(f"/chats/{robot.agent.id}/"))
    assert go("message-retry", question.id) not in chat
    ids = [question.id, written.id]
    keeping.note_delivery(by=SYSTEM, message_ids=ids, delivered=False)
    for path, each in (
        (f"/chats/{robot.agent.id}/", ids),
        (f"/inbox/{question.id}/card/", ids[:1]),
        (f"/messages/{written.id}/", ids[1:]),
    ):
        page = html(client.get(path))
        assert page.count("not delivered") == len(each), path
        for message_id in each:
            assert f'action="{go("message-retry", message_id)}"' in page
            assert (f'href="{go("for-message", message_id)}"' in page) is sees_details

"""Endpoints in the settings of the workspace, and an agent's webhook in its own: plain forms, secrets shown once."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from agents import services as agents
from agents.webhook import webhooks_of
from placet.lib.clock import now
from tests import cast
from tests.receiver import Receiver
from webhooks.models import Circuit, Delivery, Endpoint, Off
from webhooks.services import endpoints
from webhooks.targets import key_of_endpoint

pytestmark = pytest.mark.django_db
WHSEC = re.compile(r"whsec_[\w+/]+=*")
HX = {"HX-Request": "true"}


def go(name: str, *args: Any) -> str:
    return reverse(f"webhooks:{name}", args=args)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def owner(olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    return client


def endpoint_form(url: str, **more: Any) -> dict[str, Any]:
    return {"name": "Audit", "url": url, "headerName": [""], "headerValue": [""], **more}


def agent_form(url: str, **more: Any) -> dict[str, Any]:
    return {"webhookUrl": url, "headerName": [""], "headerValue": [""], **more}


@pytest.fixture
def audit(olga: User, there: Receiver) -> Endpoint:
    headers = {"X-Token": "swordfish"}
    endpoints.create_endpoint(by=olga.as_actor(), name="Audit", url=there.url, headers=headers)
    return Endpoint.objects.get(agent=None)


def test_an_endpoint_is_added_and_its_secret_shown_once(
    owner: Client, robot: cast.Robot, there: Receiver
) -> None:
    form = endpoint_form(
        there.url,
        events=["review:responded", "agent:status"],
        agentIds=[str(robot.agent.id)],
        headerName=["X-Token", ""],
        headerValue=["swordfish", ""],
    )
    made = owner.post(go("endpoint-create"), form)
    row = Endpoint.objects.get()
    assert made.headers["Location"] == go("endpoint", row.pk)
    assert (row.name, row.url, row.headers) == ("Audit", there.url, {"X-Token": "swordfish"})
    assert (row.events, list(row.only_agents.values_list("pk", flat=True))) == (
        ["agent:status", "review:responded"],
        [robot.agent.id],
    )
    assert row.secret not in Session.objects.get().session_data
    assert set(WHSEC.findall(text(owner.get(go("endpoint", row.pk))))) == {row.secret}
    page = text(owner.get(go("endpoint", row.pk)))
    assert not WHSEC.search(page)
    assert 'name="headerValue" value="***"' in page
    assert "swordfish" not in page
    assert page.count(" checked") == 3


def test_what_is_masked_stays_and_a_line_without_a_name_goes(
    owner: Client, audit: Endpoint
) -> None:
    form = endpoint_form(audit.url, headerName=["X-Token", "X-New"], headerValue=["***", "fresh"])
    assert owner.post(go("endpoint", audit.pk), form).status_code == 302
    audit.refresh_from_db()
    assert audit.headers == {"X-Token": "swordfish", "X-New": "fresh"}
    form = endpoint_form(audit.url, headerName=["", "X-New"], headerValue=["***", "***"])
    owner.post(go("endpoint", audit.pk), form)
    audit.refresh_from_db()
    assert audit.headers == {"X-New": "fresh"}


@pytest.mark.parametrize(
    ("names", "values", "said"),
    [
        (["X-Other"], ["***"], "X-Other: This needs its value: it was not here before."),
        (["X-A", "x-a"], ["1", "2"], "X-A: This must stand here once."),
        (["Host"], ["x"], "Host: This must not be one that Placet writes itself."),
    ],
)
def test_a_bad_header_is_refused_by_its_name_and_what_was_typed_comes_back(
    owner: Client, audit: Endpoint, names: list[str], values: list[str], said: str
) -> None:
    form = endpoint_form(audit.url, name="Renamed", headerName=names, headerValue=values)
    answer = owner.post(go("endpoint", audit.pk), form)
    assert answer.status_code == 400
    assert said in text(answer)
    assert 'value="Renamed"' in text(answer)
    assert f'name="headerName" value="{names[0]}"' in text(answer)
    audit.refresh_from_db()
    assert (audit.name, audit.headers) == ("Audit", {"X-Token": "swordfish"})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"url": "http://a.example/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "nope"}, "url"),
    ],
)
def test_a_bad_endpoint_is_refused_beside_its_field(
    owner: Client, wrong: dict[str, str], field: str
) -> None:
    answer = owner.post(go("endpoint-create"), endpoint_form("https://a.example/") | wrong)
    assert answer.status_code == 400
    assert f'id="e-{field}"' in text(answer)
    assert not Endpoint.objects.exists()


def test_an_event_nobody_knows_and_an_agent_nobody_has_are_refused(
    owner: Client, robot: cast.Robot, there: Receiver
) -> None:
    for wrong in ({"events": ["no:such"]}, {"agentIds": ["nobody"]}):
        answer = owner.post(go("endpoint-create"), endpoint_form(there.url, **wrong))
        assert answer.status_code == 400
        assert 'class="fault"' in text(answer)


def test_a_rotated_secret_is_shown_once_and_both_sign_for_a_day(
    owner: Client, audit: Endpoint
) -> None:
    old = audit.secret
    assert owner.post(go("endpoint-rotate", audit.pk)).status_code == 302
    page = text(owner.get(go("endpoint", audit.pk)))
    audit.refresh_from_db()
    assert set(WHSEC.findall(page)) == {audit.secret}
    assert (audit.old_secret, audit.secret != old) == (old, True)
    assert "Two secrets sign until" in page
    Endpoint.objects.update(old_secret_until=now())
    page = text(owner.get(go("endpoint", audit.pk)))
    assert not WHSEC.search(page)
    assert "Two secrets" not in page


def test_it_is_switched_off_and_on_and_says_why(owner: Client, audit: Endpoint) -> None:
    assert "<b>On</b>" in text(owner.get(go("endpoint", audit.pk)))
    owner.post(go("endpoint-switch", audit.pk), {"on": "no"})
    assert Endpoint.objects.get().off == Off.BY_HAND
    assert "Switched off by hand" in text(owner.get(go("endpoints")))
    owner.post(go("endpoint-switch", audit.pk), {"on": "yes"})
    assert Endpoint.objects.get().off == ""
    Endpoint.objects.update(off=Off.GONE, off_since=now())
    page = text(owner.get(go("endpoint", audit.pk)))
    assert "It answered 410 Gone" in page
    assert "Leave it off" in page
    owner.post(go("endpoint-switch", audit.pk), {"on": "no"})
    assert "Leave it off" not in text(owner.get(go("endpoint", audit.pk)))


def test_one_that_fails_says_since_when_and_when_it_is_asked_again(
    owner: Client, audit: Endpoint
) -> None:
    at = now()
    Circuit.objects.create(
        target=key_of_endpoint(audit.pk), failures=7, failing_since=at, open_until=at.replace(year=at.year + 1)
    )  # fmt: skip
    page = text(owner.get(go("endpoints")))
    assert "Failing" in page
    assert "7 in a row since" in page
    assert "asked again at" in page


def test_a_test_event_leads_to_its_delivery(owner: Client, audit: Endpoint) -> None:
    sent = owner.post(go("endpoint-test", audit.pk))
    row = Delivery.objects.get(event_type="webhook:test")
    assert sent.headers["Location"] == go("delivery", row.pk)
    assert "webhook:test" in text(owner.get(go("delivery", row.pk)))
    Endpoint.objects.update(off=Off.BY_HAND, off_since=now())
    refused = owner.post(go("endpoint-test", audit.pk))
    assert refused.headers["Location"] == go("endpoint", audit.pk)
    assert "must be switched on to be tested" in text(owner.get(go("endpoint", audit.pk)))
    assert Delivery.objects.count() == 1


def test_deleting_asks_twice_and_is_a_post(owner: Client, audit: Endpoint) -> None:
    page = text(owner.get(go("endpoint", audit.pk)))
    assert "There is no way back" in page
    assert owner.get(go("endpoint-delete", audit.pk)).status_code == 405
    assert owner.post(go("endpoint-delete", audit.pk)).headers["Location"] == go("endpoints")
    assert "Audit is deleted." in text(owner.get(go("endpoints")))
    assert not Endpoint.objects.exists()


def test_the_workspaces_endpoints_are_its_owners(
    browser: Client, owner: Client, audit: Endpoint, robot: cast.Robot, secret: str
) -> None:
    for name in ("endpoints", "endpoint-create"):
        assert browser.get(go(name)).status_code == 404
    for name in ("endpoint", "endpoint-rotate", "endpoint-switch", "endpoint-test", "endpoint-delete"):  # fmt: skip
        assert browser.post(go(name, audit.pk), endpoint_form(audit.url)).status_code == 404
        own = Endpoint.objects.get(agent=robot.agent.id)
        refused = owner.post(go(name, own.pk), endpoint_form(audit.url))
        assert refused.status_code == 404, "An agent's own has its page with the agent."
    assert go("endpoints") not in text(browser.get("/settings/profile/"))
    assert go("endpoints") in text(owner.get("/settings/profile/"))


def test_an_agents_webhook_is_set_with_its_secret_shown_once(
    browser: Client, robot: cast.Robot, there: Receiver
) -> None:
    form = agent_form(
        there.url,
        headerName=["X-Token"],
        headerValue=["swordfish"],
        username="bot",
        password="word",
    )
    page = go("agent-webhook", robot.agent.id)
    assert browser.post(page, form).headers["Location"] == page
    kept = webhooks_of([robot.agent.id])[robot.agent.id]
    assert (kept.url, kept.headers) == (there.url, {"X-Token": "swordfish"})
    assert kept.auth == {"username": "bot", "password": "word"}
    shown = text(browser.get(page))
    assert set(WHSEC.findall(shown)) == {Endpoint.objects.get().secret}
    again = text(browser.get(page))
    assert not WHSEC.search(again)
    for secret in ("swordfish", 'value="word"'):
        assert secret not in again
    assert 'type="password" value="***"' in again


def test_saving_it_as_it_is_shown_keeps_what_is_masked(
    browser: Client, robot: cast.Robot, there: Receiver
) -> None:
    agents.set_webhook(
        by=robot.actor,
        agent_id=robot.agent.id,
        url=there.url,
        headers={"X-Token": "swordfish"},
        auth={"username": "bot", "password": "word"},
    )
    form = agent_form(
        f"{there.url}/2", headerName=["X-Token", ""], headerValue=["***", ""], username="bot2", password="***"
    )  # fmt: skip
    assert browser.post(go("agent-webhook", robot.agent.id), form).status_code == 302
    kept = webhooks_of([robot.agent.id])[robot.agent.id]
    assert (kept.url, kept.headers) == (f"{there.url}/2", {"X-Token": "swordfish"})
    assert kept.auth == {"username": "bot2", "password": "word"}
    browser.post(go("agent-webhook", robot.agent.id), agent_form(there.url))
    kept = webhooks_of([robot.agent.id])[robot.agent.id]
    assert (kept.headers, kept.auth) == ({}, None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"webhookUrl": ""}, "This must be an address."),
        ({"webhookUrl": "https://10.0.0.1/"}, "must not lead into a private network"),
        ({"username": "a:b"}, "This must be without a colon."),
        ({"headerName": ["webhook-id"], "headerValue": ["x"]}, "webhook-id: This must not be one"),
    ],
)
def test_a_bad_webhook_is_refused_with_a_sentence(
    browser: Client, robot: cast.Robot, there: Receiver, wrong: dict[str, Any], said: str
) -> None:
    form = agent_form(there.url, username="bot", password="swordfish") | wrong
    answer = browser.post(go("agent-webhook", robot.agent.id), form)
    assert answer.status_code == 400
    assert said in text(answer)
    assert "swordfish" not in text(answer), "A password that was typed is typed again."
    assert webhooks_of([robot.agent.id]) == {}


def test_it_is_tested_rotated_switched_and_removed(
    browser: Client, robot: cast.Robot, secret: str
) -> None:
    agent_id = robot.agent.id
    page = go("agent-webhook", agent_id)
    sent = browser.post(go("agent-test", agent_id))
    assert sent.headers["Location"] == go("delivery", Delivery.objects.get().pk)
    browser.post(go("agent-rotate", agent_id))
    shown = set(WHSEC.findall(text(browser.get(page))))
    assert shown == {Endpoint.objects.get().secret}
    assert secret not in shown
    browser.post(go("agent-switch", agent_id), {"on": "no"})
    assert "Switched off by hand" in text(browser.get(page))
    browser.post(go("agent-remove", agent_id))
    assert webhooks_of([agent_id]) == {}
    assert "has no webhook any more" in text(browser.get(page))


def test_the_section_of_the_agents_page_is_cut_from_its_own(
    browser: Client, robot: cast.Robot, secret: str
) -> None:
    def bare(answer: Any) -> str:
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text(answer)).strip()

    page = go("agent-webhook", robot.agent.id)
    section = bare(browser.get(page, headers=HX))
    assert section.startswith('<section class="part" id="webhook">')
    assert section in bare(browser.get(page))
    settings = text(browser.get(f"/settings/agents/{robot.agent.id}/"))
    assert f'hx-get="{page}"' in settings
    assert f'href="{page}"' in settings, "Without scripts it is a link."


def test_a_reviewer_and_a_stranger_see_nothing_of_it(
    bob: User, ada: User, robot: cast.Robot, secret: str
) -> None:
    reviewer = Client()
    reviewer.force_login(bob)
    names = ("agent-webhook", "agent-remove", "agent-rotate", "agent-switch", "agent-test")
    for _ in range(2):
        for name in names:
            assert reviewer.post(go(name, robot.agent.id)).status_code == 404
        assert reviewer.get(go("agent-webhook", robot.agent.id)).status_code == 404
        agents.set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=[bob.pk])
    assert Endpoint.objects.get().secret == secret

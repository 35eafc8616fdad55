"""From the printed link to the first message: the pages of the first minutes."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Session, User, Workspace
from accounts.services import setup
from agents.models import Agent, ApiKey

FORM = {
    "displayName": "Ada",
    "email": "ada@example.org",
    "password": "correct horse battery",
    "workspaceName": "Analytical Engines",
    "agentName": "Deploy pilot",
}
KEY = re.compile(r"hp_[0-9a-f]{48}")


@pytest.fixture
def link(db: None) -> str:
    link = setup.setup_link()
    assert link
    return link[link.index("/setup/") :]


def text(answer: Any) -> str:
    page: str = answer.content.decode()
    return page


def test_the_form_makes_owner_agent_and_key_and_signs_in(link: str, client: Client):
    assert "Set up Placet" in text(client.get(link))
    answer = client.post(link, FORM)
    assert answer.headers["Location"] == "/welcome/"
    assert (User.objects.get().role, Agent.objects.get().name) == ("owner", "Deploy pilot")
    assert ApiKey.objects.get().agent == Agent.objects.get()
    assert Workspace.objects.get().name == "Analytical Engines"
    assert client.get("/welcome/").status_code == 200


def test_the_welcome_page_prints_a_curl_that_works_and_shows_the_key_once(
    link: str, client: Client
):
    client.post(link, FORM)
    page = client.get("/welcome/")
    [key] = set(KEY.findall(text(page)))
    assert "no-store" in page.headers["Cache-Control"]
    assert "curl -X POST http://testserver/api/v1/messages" in text(page)
    assert "Waiting for your first message" in text(page)
    sent = client.post(
        "/api/v1/messages",
        {"text": "Hello from my agent!"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert sent.status_code == 201
    again = text(client.get("/welcome/"))
    assert not KEY.search(again)
    assert "arrived" in again


def test_the_key_is_in_no_url_and_readable_in_no_table(link: str, client: Client):
    answer = client.post(link, FORM)
    assert not KEY.search(answer.headers["Location"])
    session = client.session
    assert not KEY.search(str(dict(session.items())))
    assert not KEY.search(Session.objects.get().session_data)


def test_the_link_is_dead_after_use_and_says_so(link: str, client: Client):
    client.post(link, FORM)
    stranger = Client()
    for answer in (stranger.get(link), stranger.post(link, {**FORM, "email": "eve@example.org"})):
        assert answer.status_code == 409
        assert "Already set up" in text(answer)
    assert User.objects.count() == 1


def test_a_link_we_did_not_sign_says_how_to_get_one(link: str, client: Client):
    answer = client.get("/setup/forged/")
    assert answer.status_code == 404
    assert "setup_link" in text(answer)


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("password", "s7x!", "too short"),
        ("email", "ada", "must be an e-mail address"),
        ("displayName", "A" * 101, "must be 1 to 100 characters"),
        ("agentName", "A" * 101, "must be at most 100 characters"),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_makes_nothing(
    link: str, client: Client, field: str, value: str, shown: str
):
    answer = client.post(link, {**FORM, field: value})
    assert answer.status_code == 400
    assert shown in text(answer)
    assert "Analytical Engines" in text(answer)
    assert FORM["password"] not in text(answer)
    assert not User.objects.exists()
    assert not Agent.objects.exists()
    assert setup.setup_link()


def test_the_form_needs_its_token(link: str):
    assert Client(enforce_csrf_checks=True).post(link, FORM).status_code == 403
    assert not User.objects.exists()


def test_the_welcome_page_is_for_people(client: Client, db: None):
    assert client.get("/welcome/").headers["Location"].startswith("/login/")

"""The settings pages: every one renders, every action is a plain form, and a stranger's thing is not there."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Session, User
from accounts.sessions import session_hash
from agents.models import Agent, ApiKey
from placet.lib.clock import now
from tests.cast import PASSWORD, Robot, make_robot, make_user

KEY = re.compile(r"hp_[0-9a-f]{48}")
PAGES = ("profile", "appearance", "sessions", "agents", "agent-create", "keys")
FOR_OWNERS = ("users", "user-create")


@pytest.fixture
def owner(olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    return client


def go(name: str, *args: Any) -> str:
    return reverse(f"settings:{name}", args=args)


def text(answer: Any) -> str:
    page: str = answer.content.decode()
    return page


@pytest.mark.django_db
def test_every_page_renders_for_a_person_and_for_nobody_else(browser: Client, robot: Robot):
    for url in [*map(go, PAGES), go("agent", robot.agent.id)]:
        answer = browser.get(url)
        assert answer.status_code == 200, url
        assert "style=" not in text(answer)
        assert "no-store" in answer.headers["Cache-Control"]
        assert Client().get(url).headers["Location"].startswith("/login/?next=/settings/")
    assert browser.get("/settings/").headers["Location"] == go("profile")


@pytest.mark.django_db
def test_people_are_for_owners(browser: Client, owner: Client, ada: User):
    for url in [*map(go, FOR_OWNERS), go("user", ada.pk)]:
        assert owner.get(url).status_code == 200
        assert browser.get(url).status_code == 404
    assert go("users") not in text(browser.get(go("profile")))


@pytest.mark.django_db
def test_a_strangers_agent_has_no_settings(browser: Client, other_robot: Robot):
    agent_id = other_robot.agent.id
    for name in ("agent", "agent-reviewers", "agent-delete"):
        assert browser.post(go(name, agent_id), {"name": "Mine", "confirm": "x"}).status_code == 404
    assert Agent.objects.get().name == "Invoice reader"


@pytest.mark.django_db
def test_a_reviewer_sees_the_agent_but_not_its_settings(
    browser: Client, ada: User, other_robot: Robot
):
    Agent.objects.get().reviewers.add(ada)
    listed = text(browser.get(go("agents")))
    assert "Invoice reader" in listed
    assert go("agent", other_robot.agent.id) not in listed
    assert browser.get(go("agent", other_robot.agent.id)).status_code == 404


@pytest.mark.django_db
def test_name_and_looks(browser: Client, ada: User):
    browser.post(go("profile"), {"displayName": "Countess"})
    browser.post(go("appearance"), {"theme": "dark"})
    ada.refresh_from_db()
    assert (ada.display_name, ada.theme, ada.shortcuts) == ("Countess", "dark", False)
    assert 'data-theme="dark"' in text(browser.get(go("profile")))
    refused = browser.post(go("profile"), {"displayName": "A" * 101})
    assert refused.status_code == 400
    assert "must be 1 to 100 characters" in text(refused)


@pytest.mark.django_db
def test_the_password_form_refuses_and_accepts(browser: Client, ada: User):
    wrong = {"currentPassword": "wrong horse", "newPassword": "another horse battery"}
    assert "not right" in text(browser.post(go("password"), wrong))
    weak = {"currentPassword": PASSWORD, "newPassword": "s7x!"}
    assert "too short" in text(browser.post(go("password"), weak))
    right = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    assert browser.post(go("password"), right).status_code == 302
    assert browser.get(go("profile")).status_code == 200


@pytest.mark.django_db
def test_sessions_are_listed_and_ended(browser: Client, ada: User):
    phone = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone) Safari/604.1"})
    phone.post("/login/", {"email": "ada@example.org", "password": PASSWORD})
    key = phone.cookies["placet_session"].value
    page = text(browser.get(go("sessions")))
    assert "Safari on iPhone" in page
    assert "This one" in page
    assert key not in page
    assert browser.post(go("session-end", session_hash(key))).status_code == 302
    assert phone.get(go("profile")).status_code == 302
    assert browser.post(go("session-end", session_hash(key))).status_code == 404
    phone.post("/login/", {"email": "ada@example.org", "password": PASSWORD})
    browser.post(go("sessions-end-others"))
    assert Session.objects.filter(user=ada).count() == 1


@pytest.mark.django_db
def test_an_agent_is_made_changed_and_given_reviewers(browser: Client, ada: User, bob: User):
    made = browser.post(go("agent-create"), {"name": "Pilot", "tag": "prod", "description": ""})
    agent = Agent.objects.get()
    assert made.headers["Location"] == go("agent", agent.pk)
    browser.post(go("agent", agent.pk), {"name": "Deploy pilot", "tag": "production"})
    browser.post(go("agent-reviewers", agent.pk), {"reviewers": [str(bob.pk), "nonsense"]})
    agent.refresh_from_db()
    assert (agent.owner, agent.name, agent.tag) == (ada, "Deploy pilot", "production")
    assert list(agent.reviewers.all()) == [bob]
    browser.post(go("agent-reviewers", agent.pk), {})
    assert not agent.reviewers.exists()
    for url, bad in (
        (go("agent-create"), {"name": ""}),
        (go("agent", agent.pk), {"name": "x", "avatarUrl": "javascript:alert(1)"}),
    ):
        assert browser.post(url, bad).status_code == 400


@pytest.mark.django_db
def test_a_reviewer_who_has_left_is_refused_with_a_sentence(
    browser: Client, robot: Robot, bob: User
):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    answer = browser.post(go("agent-reviewers", robot.agent.id), {"reviewers": [str(bob.pk)]})
    assert answer.status_code == 400
    assert "must be people of this workspace" in text(answer)


@pytest.mark.django_db
def test_deleting_an_agent_asks_for_its_name(browser: Client, robot: Robot):
    url = go("agent-delete", robot.agent.id)
    assert browser.post(url, {"confirm": "deploy pilot"}).status_code == 400
    assert browser.get(url).status_code == 405
    assert browser.post(url, {"confirm": "Deploy pilot"}).status_code == 302
    assert not Agent.objects.exists()


@pytest.mark.django_db
def test_a_key_is_shown_once_and_never_stored_readably(browser: Client, robot: Robot):
    form = {
        "label": "CI",
        "agentId": str(robot.agent.id),
        "scopes": ["read", "write"],
        "expires": "30",
    }
    answer = browser.post(go("key-issue"), form)
    assert not KEY.search(answer.headers["Location"])
    assert not KEY.search(Session.objects.get().session_data)
    [key] = set(KEY.findall(text(browser.get(go("keys")))))
    assert not KEY.search(text(browser.get(go("keys"))))
    row = ApiKey.objects.get(label="CI")
    assert row.agent_id == robot.agent.id
    assert row.expires_at
    assert timedelta(days=29) < row.expires_at - now() < timedelta(days=31)
    rotated = browser.post(go("key-rotate", row.pk))
    assert rotated.status_code == 302
    [fresh] = set(KEY.findall(text(browser.get(go("keys")))))
    assert fresh != key
    browser.post(go("key-revoke", row.pk))
    assert "“CI” is revoked" in text(browser.get(go("keys")))
    assert browser.post(go("key-revoke", row.pk)).status_code == 404


@pytest.mark.django_db
def test_a_sealing_key_that_was_thrown_away_shows_nothing_rather_than_failing(
    browser: Client, settings: Any
):
    browser.post(go("key-issue"), {"label": "CI", "scopes": ["read"]})
    settings.PLACET_SEALING_KEYS = ["another-" * 8]
    assert not KEY.search(text(browser.get(go("keys"))))


@pytest.mark.django_db
def test_a_read_only_key_comes_without_a_curl_it_could_not_run(browser: Client):
    browser.post(go("key-issue"), {"label": "R", "scopes": ["read"]})
    page = text(browser.get(go("keys")))
    assert KEY.search(page)
    assert "curl" not in page


@pytest.mark.django_db
def test_the_curl_names_a_channel_where_the_key_could_mean_several(browser: Client, robot: Robot):
    for agent, named in (("", True), (str(robot.agent.id), False)):
        browser.post(go("key-issue"), {"label": "W", "scopes": ["write"], "agentId": agent})
        page = text(browser.get(go("keys")))
        assert "Hello from my agent!" in page
        assert ("channelId" in page) is named


@pytest.mark.django_db
@pytest.mark.parametrize("form", [{"label": "", "scopes": "read"}, {"label": "CI"}])
def test_a_key_must_make_sense(browser: Client, form: dict[str, str]):
    assert browser.post(go("key-issue"), form).status_code == 400
    assert not ApiKey.objects.exists()


@pytest.mark.django_db
def test_strangers_keys_are_not_there(browser: Client, other_robot: Robot):
    key = ApiKey.objects.get()
    assert "Invoice reader" not in text(browser.get(go("keys")))
    for name in ("key-rotate", "key-revoke"):
        assert browser.post(go(name, key.pk)).status_code == 404
    assert (
        browser.post(
            go("key-issue"),
            {"label": "x", "scopes": ["read"], "agentId": str(other_robot.agent.id)},
        ).status_code
        == 404
    )


@pytest.mark.django_db
def test_a_person_is_added_with_a_password_to_hand_over(owner: Client):
    form = {"displayName": "Grace Hopper", "email": "grace@example.org", "role": "member"}
    owner.post(go("user-create"), form)
    page = text(owner.get(go("users")))
    found = re.search(r"Password {2}(\S+)</code>", page)
    assert found
    password = found.group(1)
    assert password not in text(owner.get(go("users")))
    grace = Client()
    grace.post("/login/", {"email": "grace@example.org", "password": password})
    assert grace.get("/settings/profile/").headers["Location"] == "/password/"
    new = {"currentPassword": password, "newPassword": "another horse battery"}
    grace.post("/password/", new)
    assert grace.get("/settings/profile/").status_code == 200
    taken = owner.post(go("user-create"), form)
    assert taken.status_code == 409
    assert re.search(r'id="f-email"[^>]* autofocus aria-invalid="true"', text(taken))
    assert text(taken).count("Somebody already signs in") == text(taken).count(" autofocus") == 1
    assert owner.post(go("user-create"), {**form, "email": "grace"}).status_code == 400


@pytest.mark.django_db
def test_a_person_is_changed_closed_and_given_a_new_password(owner: Client, ada: User, olga: User):
    form = {"displayName": "Countess", "email": "ada@example.org", "role": "owner"}
    owner.post(go("user", ada.pk), form)
    ada.refresh_from_db()
    assert (ada.display_name, ada.role, ada.is_active) == ("Countess", "owner", False)
    owner.post(go("user-reset-password", ada.pk))
    ada.refresh_from_db()
    assert ada.must_change_password
    last = owner.post(
        go("user", olga.pk), {"displayName": "O", "email": "o@example.org", "role": "member"}
    )
    assert last.status_code == 409
    assert "last owner" in text(last)


@pytest.mark.django_db
def test_deleting_a_person_asks_for_the_address(owner: Client, ada: User, robot: Robot):
    assert "Deploy pilot" in text(owner.get(go("user", ada.pk)))
    assert owner.post(go("user-delete", ada.pk), {"confirm": "ada"}).status_code == 400
    assert owner.post(go("user-delete", ada.pk), {"confirm": "ADA@example.org"}).status_code == 302
    assert not User.objects.filter(pk=ada.pk).exists()


@pytest.mark.django_db
def test_lists_cost_the_same_however_long(
    owner: Client, olga: User, django_assert_max_num_queries: DjangoAssertNumQueries
):
    for n in range(3):
        make_robot(make_user(f"Person{n}"), f"Agent {n}")
    first = {name: _count(owner, name) for name in ("agents", "keys", "users", "sessions")}
    for n in range(3, 12):
        make_robot(make_user(f"Person{n}"), f"Agent {n}")
    for name, queries in first.items():
        with django_assert_max_num_queries(queries):
            owner.get(go(name))


def _count(client: Client, name: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(go(name))
    with CaptureQueriesContext(connection) as seen:
        client.get(go(name))
    return len(seen)

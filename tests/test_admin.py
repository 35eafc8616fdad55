"""The rescue tools: for owners, read-only, through services, and without a single secret."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Session, User
from agents.models import ApiKey
from inbox.models import Message
from placet.lib.ids import hash_key
from placet.lib.rescue import ListOnlyAdmin
from reviews.models import Review
from tests.cast import Robot, answer, ask, make_robot, make_user, say

OURS = ("accounts", "agents", "files", "reviews", "inbox", "runs", "webhooks", "events", "apps")
MODELS = [model for label in OURS for model in apps.get_app_config(label).get_models()]
NAMES = [model._meta.label_lower for model in MODELS]
SECRETS = "https://hooks.example/token-in-a-path"


@pytest.fixture
def owner(olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    return client


def listing(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def row_page(model: Any, pk: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_every_model_is_there_and_read_only(model: Any, rf: Any):
    shown = admin.site._registry[model]
    assert not shown.has_add_permission(rf.get("/"))
    assert not shown.has_change_permission(rf.get("/"))
    assert not shown.has_delete_permission(rf.get("/"))
    assert shown.fields


@pytest.mark.django_db
def test_no_page_shows_a_secret(owner: Client, ada: User, robot: Robot):
    form = ask(robot, "form")
    answer(ada, form)
    Message.objects.update(webhook_url=SECRETS)
    Review.objects.update(callback={"url": SECRETS, "headers": {"X-Token": "callback-token"}})
    owner.post("/api/api-keys", {"label": "CI"}, content_type="application/json")
    ada.refresh_from_db()
    sealed = Review.objects.get().sealed
    assert sealed
    secrets = [
        robot.key,
        hash_key(robot.key),
        ada.password,
        sealed,
        "hunter2-hunter2",
        "token-in-a-path",
        "callback-token",
        str(owner.session.session_key),
        *Session.objects.values_list("session_data", flat=True),
    ]
    pages = _crawl(owner)
    assert len(pages) > len(MODELS) + 8
    for url, page in pages.items():
        for secret in secrets:
            assert secret not in page, f"{secret[:6]}… on {url}"


def _crawl(client: Client) -> dict[str, str]:
    pages = {"/admin/": client.get("/admin/").content.decode()}
    for model in MODELS:
        urls = [listing(model), listing(model) + "?q=a"]
        if not isinstance(admin.site._registry[model], ListOnlyAdmin):
            for pk in model._default_manager.values_list("pk", flat=True)[:50]:
                urls += [row_page(model, pk)]
        for url in urls:
            answered = client.get(url)
            assert answered.status_code == 200, url
            pages[url] = answered.content.decode()
    return pages


@pytest.mark.django_db
def test_pages_that_would_only_repeat_the_list_do_not_exist(owner: Client):
    assert owner.get(row_page(Session, Session.objects.get().pk)).status_code in {302, 403, 404}


@pytest.mark.django_db
def test_lists_are_flat(owner: Client, ada: User):
    def fill(n: int) -> None:
        person = make_user(f"Person{n}")
        own = make_robot(person, f"Agent {n}")
        say(own)
        ask(own)
        Client().post("/login/", {"email": person.email, "password": "correct horse battery"})

    def cost(model: Any) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert owner.get(listing(model)).status_code == 200
        return len(seen)

    for n in range(2):
        fill(n)
    owner.get("/admin/")
    before = {model: cost(model) for model in MODELS}
    for n in range(2, 10):
        fill(n)
    assert {model: cost(model) for model in MODELS} == before


@pytest.mark.django_db
def test_only_owners_get_in(browser: Client, client: Client):
    assert browser.get("/admin/", follow=True).status_code == 403
    assert browser.get(listing(User), follow=True).status_code == 403
    stranger = Client().get("/admin/", follow=True)
    assert stranger.redirect_chain[-1][0].startswith("/login/?next=")


@pytest.mark.django_db
def test_one_door_in_one_door_out_one_place_for_passwords(owner: Client):
    assert owner.get("/admin/password_change/").headers["Location"] == "/password/"
    assert owner.get("/admin/logout/").headers["Location"] == "/login/"
    assert owner.get("/admin/").status_code == 200
    owner.post("/admin/logout/")
    assert not Session.objects.exists()


def act(client: Client, model: Any, action: str, *rows: Any) -> str:
    form = {"action": action, "_selected_action": [str(row) for row in rows]}
    page: str = client.post(listing(model), form, follow=True).content.decode()
    return page


@pytest.mark.django_db
def test_keys_are_revoked_by_the_service(owner: Client, robot: Robot, client: Client):
    key = ApiKey.objects.get()
    assert "1 done." in act(owner, ApiKey, "revoke", key.pk)
    assert Client().get("/api/v1/agents", headers=robot.headers).status_code == 401
    assert "API key not found" in act(owner, ApiKey, "revoke", key.pk)


@pytest.mark.django_db
def test_reviews_are_cancelled_and_expired_by_the_service(owner: Client, robot: Robot):
    one, two = ask(robot), ask(robot)
    act(owner, Review, "cancel", one.id)
    act(owner, Review, "expire", two.id)
    assert set(Review.objects.values_list("status", flat=True)) == {"cancelled", "expired"}
    assert "already" in act(owner, Review, "cancel", one.id, two.id)


@pytest.mark.django_db
def test_sessions_are_ended_by_the_service(owner: Client, browser: Client, ada: User):
    act(owner, Session, "end", Session.objects.get(user=ada).pk)
    assert browser.get("/settings/profile/").status_code == 302

"""Seed secrets, use everything, and look for them where they must not be."""

import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.db import connection
from django.test import Client

from accounts.models import User
from agents import keys
from inbox.models import Message
from inbox.services.posting import post_message
from inbox.snapshots import MessageSnapshot
from placet.events.models import EventRow
from placet.lib import sealing
from tests import cast
from tests.lines import ask, json_lines

pytestmark = pytest.mark.django_db

SECRET = "hunter2-hunter2"
CREDENTIAL = "Basic-b3BlbiBzZXNhbWU"


def dump() -> str:
    """The whole database as text: what a thief of a backup would read."""
    text = ""
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            text += str(cursor.fetchall())
    return text


def test_a_dump_holds_no_usable_key_and_no_secret_answer(
    robot: cast.Robot, ada: User, browser: Client
) -> None:
    rotated = keys.rotate_key(by=ada.as_actor(), key_id=robot.actor.key_id)
    callback = {"url": "https://example.org/hook", "headers": {"Authorization": CREDENTIAL}}
    own = robot.__class__(agent=robot.agent, key=rotated.key)
    cast.answer(ada, cast.ask(own, "form", callback=callback))
    post_message(by=own.actor, text="Heard by", webhook_url=f"https://example.org/{CREDENTIAL}")
    text = dump() + str(list(serializers.serialize("json", Message.objects.all())))
    assert robot.key not in text
    assert rotated.key not in text
    assert rotated.key.removeprefix("hp_") not in text
    assert SECRET not in text
    assert CREDENTIAL not in text
    assert cast.PASSWORD not in text


def test_no_event_and_no_log_line_carries_a_secret(
    robot: cast.Robot, ada: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client.post(
        "/api/auth/login", {"email": ada.email, "password": cast.PASSWORD}, "application/json"
    )
    message = cast.ask(robot, "form")
    answer = client.post(
        f"/api/messages/{message.id}/respond",
        {"response": cast.RESPONSES["form"]},
        "application/json",
    )
    assert answer.status_code == 201
    client.get(f"/api/v1/reviews/{message.id}", headers=robot.headers)
    client.get("/api/v1/agents", headers={"x-api-key": robot.key + "0"})
    events = str(list(EventRow.objects.values()))
    for secret in (SECRET, robot.key, cast.PASSWORD):
        assert secret not in events
        assert secret not in caplog.text


# The application looks with connections of its own, which see only what has been committed.
@pytest.mark.django_db(transaction=True)
def test_the_log_of_a_server_says_what_was_asked_for_and_never_with_what(
    robot: cast.Robot, ada: User, browser: Client
) -> None:
    """Secrets in body, path, query, header and cookie, through the whole application, answered and refused."""
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}; other={SECRET}"
    form = orjson.dumps(
        {"text": SECRET, "review": {"type": "form", "payload": cast.PAYLOADS["form"]}}
    )
    login = orjson.dumps({"email": ada.email, "password": cast.PASSWORD})
    callback = f"https://example.org/{CREDENTIAL}"
    with json_lines() as lines:
        for body in (form, b"{" + form, orjson.dumps({"webhookUrl": callback, "status": SECRET})):
            ask(f"/api/v1/messages?q={SECRET}", "POST", body=body, x_api_key=robot.key)
        ask("/api/v1/messages", "POST", body=form, authorization=f"Bearer {robot.key}0")
        ask(f"/api/v1/reviews/{SECRET}/wait?channel={SECRET}", x_api_key=robot.key, cookie=cookie)
        ask("/api/auth/login", "POST", body=login)
        ask("/api/auth/login", "POST", body=login.replace(b"ada@", SECRET.encode()))
        ask(f"/inbox/?search={SECRET}", cookie=cookie, referer=f"http://testserver/?{SECRET}")
        ask(f"/inbox/ä{SECRET}\n/", cookie=cookie)
        ask(f"/setup/{SECRET}/?{SECRET}", "PUT", cookie=cookie, x_forwarded_for=SECRET)
        ask(f"/{SECRET}", "POST", cookie=cookie, body=SECRET.encode(), x_request_id=SECRET + "\n")
    assert len(lines.requests) == 11
    assert {line["status"] for line in lines.requests} > {200, 201, 400, 401, 404}
    for secret in (SECRET, CREDENTIAL, robot.key, cast.PASSWORD, session, ada.email):
        assert secret not in lines.text


def test_no_page_shows_a_secret_answer(
    browser: Client, robot: cast.Robot, ada: User, olga: User
) -> None:
    message = cast.ask(robot, "form")
    cast.answer(ada, message)
    owner = Client()
    owner.force_login(olga)
    for path in (
        f"/inbox/{message.id}/", "/inbox/?status=completed", f"/chats/{robot.agent.id}/", "/api/messages/reviews",
        f"/api/messages/{message.id}", f"/admin/reviews/review/{message.id}/change/",
    ):  # fmt: skip
        page = owner.get(path)
        assert page.status_code == 200, path
        assert SECRET not in page.text, path


@pytest.mark.django_db(transaction=True)
def test_the_feed_tells_a_secret_answer_to_the_agent_that_asked_and_to_nobody_else(
    client: Client, robot: cast.Robot, other_robot: cast.Robot, ada: User
) -> None:
    cast.answer(ada, cast.ask(robot, "form"))
    second = cast.make_robot(ada, "Second")
    told = {
        key: SECRET in client.get("/api/v1/events?after=0", headers={"x-api-key": key}).text
        for key in (robot.key, second.key, other_robot.key)
    }
    assert told == {robot.key: True, second.key: False, other_robot.key: False}


def test_a_callback_is_read_back_by_its_agent_only_and_shows_humans_its_host(
    browser: Client, client: Client, robot: cast.Robot
) -> None:
    callback = {
        "url": f"https://example.org:8443/hook/{SECRET}?token={SECRET}#{SECRET}",
        "method": "PUT",
        "headers": {"Authorization": SECRET},
    }
    message = cast.ask(robot, callback=callback)
    own = client.get(f"/api/v1/reviews/{message.id}", headers=robot.headers).json()
    assert own["review"]["callback"] == callback
    seen = browser.get(f"/api/messages/{message.id}")
    assert seen.json()["review"]["callback"] == {"url": "https://example.org:8443"}
    assert SECRET not in seen.text
    for listed in (
        browser.get("/api/messages/reviews"),
        client.get("/api/v1/messages", headers=robot.headers),
    ):
        assert SECRET not in listed.text


@pytest.mark.parametrize("way", ["clientId", "Idempotency-Key"])
def test_a_key_that_may_not_read_learns_no_decision_by_posting_again(
    client: Client, ada: User, robot: cast.Robot, way: str
) -> None:
    writer = keys.issue_key(by=ada.as_actor(), agent_id=robot.agent.id, scopes=["write"]).key
    callback = {"url": f"https://example.org/{SECRET}"}
    review = {"type": "form", "payload": cast.PAYLOADS["form"], "callback": callback}
    body = {"text": "?", "review": review} | ({"clientId": "c"} if way == "clientId" else {})

    def post() -> Any:
        headers = {"x-api-key": writer} | ({way: "k"} if way != "clientId" else {})
        return client.post("/api/v1/messages", body, "application/json", headers=headers)

    asked = post()
    message = Message.objects.select_related("agent", "review").get(pk=asked.json()["id"])
    cast.answer(ada, MessageSnapshot.of(message), feedback="as agreed")
    again = post()
    assert (again.status_code, again.json()["id"]) == (201, asked.json()["id"])
    told = again.json()["review"]
    assert (told["status"], told["response"], told["feedback"]) == ("completed", None, None)
    assert told["respondedBy"] is None
    assert SECRET not in again.text
    reader = client.get(f"/api/v1/messages/{message.pk}", headers=robot.headers)
    assert reader.json()["review"]["response"]["token"] == SECRET


def test_sealing_keys_rotate_without_losing_what_was_sealed(settings: Any) -> None:
    settings.PLACET_SEALING_KEYS = ["old" * 20]
    sealed = sealing.seal({"token": SECRET})
    settings.PLACET_SEALING_KEYS = ["new" * 20, "old" * 20]
    assert sealing.unseal(sealed) == {"token": SECRET}
    settings.PLACET_SEALING_KEYS = ["new" * 20]
    with pytest.raises(sealing.InvalidToken):
        sealing.unseal(sealed)


def test_the_generated_secret_is_for_its_owner_only(tmp_path: Any) -> None:
    from placet.lib.secretfile import read_or_create

    made = read_or_create(tmp_path / "var" / "secret")
    assert (tmp_path / "var" / "secret").stat().st_mode & 0o777 == 0o600
    assert len(made) >= 50
    assert read_or_create(tmp_path / "var" / "secret") == made


def test_an_empty_secret_is_none(tmp_path: Any) -> None:
    """A crash between making the file and writing it must not leave a Placet that signs with nothing."""
    from placet.lib.secretfile import read_or_create

    (tmp_path / "secret").touch()
    assert len(read_or_create(tmp_path / "secret")) >= 50


def test_all_who_start_at_once_get_one_secret(tmp_path: Any) -> None:
    from placet.lib.secretfile import read_or_create

    together = threading.Barrier(8)

    def start(_: int) -> str:
        together.wait()
        return read_or_create(tmp_path / "secret")

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(start, range(8)))
    assert len(made) == 1
    assert "" not in made
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_the_database_and_its_folder_are_for_their_owner_only(tmp_path: Any) -> None:
    from placet.lib.secretfile import private_file

    database = private_file(tmp_path / "var" / "placet.sqlite3")
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE message (text)")
        modes = {path.name: path.stat().st_mode & 0o777 for path in database.parent.iterdir()}
    assert database.parent.stat().st_mode & 0o777 == 0o700
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}

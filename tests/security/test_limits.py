"""One key, one address, one person may take only so much."""

import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from limits.strategies import FixedWindowRateLimiter

from accounts.models import User
from agents import keys
from placet.lib import limits
from placet.lib.counts import FIRST_SWEEP, LocalCounts
from tests import cast

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def test_a_key_past_its_rate_is_told_when_to_come_back_and_others_go_on(
    client: Client, settings: Any, robot: cast.Robot, ada: User
) -> None:
    settings.PLACET_RATE_PER_KEY = "3/minute"
    answers = [client.get("/api/v1/agents", headers=robot.headers) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    refused = answers[-1]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert (refused.json()["code"], refused.json()["statusCode"]) == ("too_many_requests", 429)
    other = keys.issue_key(by=ada.as_actor())
    assert client.get("/api/v1/agents", headers={"x-api-key": other.key}).status_code == 200


def test_an_address_past_its_rate_is_stopped_before_any_key_is_looked_up(
    client: Client, settings: Any, robot: cast.Robot, django_assert_num_queries: Any
) -> None:
    settings.PLACET_RATE_PER_ADDRESS = "2/minute"
    for _ in range(2):
        client.get("/api/v1/agents", headers={"x-api-key": "hp_" + "0" * 48})
    with django_assert_num_queries(0):
        answer = client.get("/api/v1/agents", headers=robot.headers)
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    elsewhere = client.get("/api/v1/agents", headers=robot.headers, REMOTE_ADDR="127.0.0.9")
    assert elsewhere.status_code == 200


@pytest.mark.parametrize("path", ["/graphql", "/oauth/token", "/oauth/revoke", "/auth/o/token/"])
def test_the_doors_of_other_platforms_are_behind_the_same_limit(
    client: Client, settings: Any, db: None, path: str
) -> None:
    """A token request costs a slow hash of the client's secret, and a bearer token could be guessed for nothing."""
    settings.PLACET_RATE_PER_ADDRESS = "2/minute"
    answers = [client.post(path, {"client_id": "x"}) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert 429 not in [answer.status_code for answer in answers[:2]]


def test_counters_start_no_thread_and_forget_whose_time_is_over(time_machine: Any) -> None:
    counts = LocalCounts()
    time_machine.move_to("2026-01-01 00:00:00Z", tick=False)
    assert [counts.incr(f"address {n % 6000}", 60) for n in range(12_000)][-1] == 2
    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer)]
    time_machine.shift(61)
    assert counts.get("address 1") == 0
    for n in range(FIRST_SWEEP):
        counts.incr(f"later {n}", 60)
    assert len(counts._counts) == FIRST_SWEEP
    assert counts.incr("later 1", 60) == 2


SLOW_REDIS = """
import tests.security.test_limits as test
from unittest.mock import MagicMock
test.importing.set()
test.go_on.wait(10)
__version__, RedisError, from_url = "8.0", Exception, MagicMock()
"""
importing, go_on = threading.Event(), threading.Event()


def test_counting_waits_for_a_thread_that_is_just_importing_redis(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The relay's does, when the first requests after a start come in."""
    (tmp_path / "redis.py").write_text(SLOW_REDIS)
    import_module("redis")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "redis")
    settings.REDIS_URL = "redis://127.0.0.1:1"
    relay = threading.Thread(target=import_module, args=["redis"])
    relay.start()
    assert importing.wait(10)
    threading.Timer(0.2, go_on.set).start()
    limits._limiter.cache_clear()
    try:
        assert isinstance(limits._limiter(), FixedWindowRateLimiter)
    finally:
        relay.join(10)
        limits._limiter.cache_clear()


def test_a_forwarded_address_counts_only_behind_a_proxy(rf: Any, settings: Any) -> None:
    request = rf.get(
        "/", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"}, REMOTE_ADDR="10.0.0.1"
    )
    assert limits.address_of(request) == "10.0.0.1"
    settings.PLACET_BEHIND_PROXY = True
    assert limits.address_of(request) == "203.0.113.7"
    odd = rf.get("/", headers={"X-Forwarded-For": "203.0.113.7:5678"}, REMOTE_ADDR="10.0.0.1")
    assert limits.address_of(odd) == "10.0.0.1"


def test_a_form_may_not_have_a_thousand_fields(browser: Client, robot: cast.Robot) -> None:
    message = cast.ask(robot, "form")
    many = {f"field.{n}": "x" for n in range(1500)}
    assert browser.post(f"/reviews/{message.id}/respond/", many).status_code == 400


def test_without_its_counter_the_server_answers_all_the_same(
    client: Client, settings: Any, robot: cast.Robot
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limits._limiter.cache_clear()
    try:
        assert client.get("/api/v1/agents", headers=robot.headers).status_code == 200
    finally:
        limits._limiter.cache_clear()


def test_a_nul_is_refused_at_every_door_and_not_by_the_database(
    browser: Client, robot: cast.Robot
) -> None:
    message = cast.ask(robot, "text-input")
    for path in ("/inbox/?q=%00", "/chats/?q=a%00", "/api/messages?search=%00"):
        assert browser.get(path).status_code == 400, path
    form = {"text": "long enough", "feedback": "nul \0 byte"}
    refused = browser.post(f"/reviews/{message.id}/respond/", urlencode(form), FORM)
    assert refused.status_code == 400
    written = browser.post(f"/chats/{robot.agent.id}/write/", urlencode({"text": "\0"}), FORM)
    assert written.status_code == 400


def test_a_nul_in_what_our_own_pages_post_names_its_field(
    browser: Client, robot: cast.Robot
) -> None:
    message = cast.ask(robot, "text-input")
    for path, form, field in [
        (f"/chats/{robot.agent.id}/write/", {"text": "a\0b"}, "text"),
        (
            f"/reviews/{message.id}/respond/",
            {"text": "long enough", "feedback": "x\0y"},
            "feedback",
        ),
        ("/settings/agents/new/", {"name": "a\0b"}, "name"),
    ]:
        for sent in (browser.post(path, form), browser.post(path, urlencode(form), FORM)):
            assert sent.status_code == 400, path
            assert [error["path"] for error in sent.json()["errors"]] == [field]


def test_a_nul_in_a_path_is_refused_and_what_names_no_session_is_not_found(
    browser: Client, robot: cast.Robot
) -> None:
    refused = browser.post("/settings/sessions/a%00b/end/")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"] == "path"
    assert browser.post("/settings/sessions/abc/end/").status_code == 404
    assert browser.post(f"/settings/sessions/{'0' * 64}/end/").status_code == 404
    api = browser.get("/api/v1/messages/a%00b", headers=robot.headers)
    assert api.status_code == 400


def test_json_that_talks_about_percent_signs_is_no_nul(client: Client, robot: cast.Robot) -> None:
    said = client.post("/api/v1/messages", '{"text": "100%00"}', FORM, headers=robot.headers)
    assert (said.status_code, said.json()["text"]) == (201, "100%00")


def test_another_spelling_of_an_account_is_the_same_account(client: Client, settings: Any) -> None:
    settings.PLACET_RATE_SIGN_IN_PER_ACCOUNT = "2/minute"
    codes = [
        client.post(
            "/api/auth/login", {"email": email, "password": "wrong"}, "application/json"
        ).status_code
        for email in ("minnie@example.org", " MINNIE@example.org", "m\u0131nnie@example.org")
    ]
    assert codes == [401, 401, 429]

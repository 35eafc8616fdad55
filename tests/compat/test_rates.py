"""Past a limit each platform's client is told so in its own words: which one, and when to come back."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from oauth2_provider.oauth2_validators import OAuth2Validator

from accounts.models import User
from compat.apps import services
from compat.apps.snapshots import RegisteredApp
from inbox.models import Message
from placet.bodies import BodyLimit
from placet.lib import limits
from placet.lib.errors import TooManyRequests
from tests import needs
from tests.compat.linear.test_graphql import Door

pytestmark = pytest.mark.django_db
VIEWER = "query Me { viewer { id } }"
SIXTY = "{ agentSessions(first: 5) { nodes { id status } } }"


@pytest.fixture
def made(ada: User) -> RegisteredApp:
    made = services.register_app(by=ada.as_actor(), name="Build doctor", told_in=())
    services.install_app(by=ada.as_actor(), app_id=made.app.id)
    return made


@pytest.fixture
def door(ada: User, made: RegisteredApp) -> Door:
    return Door(services.issue_token(by=ada.as_actor(), app_id=made.app.id).token)


def spend_all(door: Door) -> None:
    assert [door.raw(SIXTY).status_code for _ in range(5)][-1] == 429


def number(answer: Any, name: str) -> int:
    return int(answer.headers[name])


def is_soon(milliseconds: int, *, most: int) -> bool:
    return 0 < milliseconds / 1000 - time.time() <= most + 1


def test_every_graphql_answer_says_what_is_left(door: Door, settings: Any) -> None:
    settings.PLACET_RATE_PER_KEY = "10/minute"
    settings.PLACET_RATE_GRAPHQL_POINTS = "1000/hour"
    answers = [door.raw(VIEWER) for _ in range(2)]
    assert [number(one, "X-RateLimit-Requests-Remaining") for one in answers] == [9, 8]
    spent = number(answers[0], "X-Complexity")
    assert spent >= 1
    left = [number(one, "X-RateLimit-Complexity-Remaining") for one in answers]
    assert left == [1000 - spent, 1000 - 2 * spent]
    assert number(answers[0], "X-RateLimit-Requests-Limit") == 10
    assert number(answers[0], "X-RateLimit-Complexity-Limit") == 1000
    assert is_soon(number(answers[0], "X-RateLimit-Requests-Reset"), most=60)
    assert is_soon(number(answers[0], "X-RateLimit-Complexity-Reset"), most=3600)


def test_a_key_past_its_rate_is_ratelimited_at_graphql(door: Door, settings: Any) -> None:
    settings.PLACET_RATE_PER_KEY = "2/minute"
    for _ in range(2):
        door.ask(VIEWER)
    refused = door.raw(VIEWER)
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["extensions"]["type"] == "ratelimited"
    assert 1 <= number(refused, "Retry-After") <= 60
    assert number(refused, "X-RateLimit-Requests-Limit") == 2
    assert number(refused, "X-RateLimit-Requests-Remaining") == 0
    assert is_soon(number(refused, "X-RateLimit-Requests-Reset"), most=60)


def test_who_has_spent_its_points_waits_and_others_go_on(
    door: Door, ada: User, settings: Any
) -> None:
    settings.PLACET_RATE_GRAPHQL_POINTS = "20/hour"
    assert number(door.raw(SIXTY), "X-RateLimit-Complexity-Remaining") > 0
    refused = [door.raw(SIXTY) for _ in range(4)][-1]
    assert refused.status_code == 429
    (error,) = refused.json()["errors"]
    assert error["extensions"]["type"] == "ratelimited"
    assert error["message"] == "Too many points: 20 per 1 hour for each app."
    assert 1 <= number(refused, "Retry-After") <= 3600
    assert number(refused, "X-RateLimit-Complexity-Remaining") == 0
    assert is_soon(number(refused, "X-RateLimit-Complexity-Reset"), most=3600)
    assert number(refused, "X-RateLimit-Requests-Remaining") > 0
    other = services.register_app(by=ada.as_actor(), name="Other", told_in=())
    services.install_app(by=ada.as_actor(), app_id=other.app.id)
    Door(services.issue_token(by=ada.as_actor(), app_id=other.app.id).token).ask(SIXTY)


def test_another_token_of_the_same_app_brings_no_new_points(
    door: Door, ada: User, made: RegisteredApp, settings: Any
) -> None:
    settings.PLACET_RATE_GRAPHQL_POINTS = "20/hour"
    spend_all(door)
    fresh = Door(services.issue_token(by=ada.as_actor(), app_id=made.app.id).token)
    assert fresh.raw(SIXTY).status_code == 429


def test_nothing_is_done_for_points_that_are_not_there(
    door: Door, settings: Any, django_assert_max_num_queries: Any
) -> None:
    settings.PLACET_RATE_GRAPHQL_POINTS = "20/hour"
    spend_all(door)
    with django_assert_max_num_queries(1):  # whose token that is
        assert door.raw(SIXTY).status_code == 429


def comment_in(made: RegisteredApp) -> str:
    return f'commentCreate(input: {{issueId: "{made.app.agent.id}", body: "x"}}) {{ success }}'


def test_many_changes_in_one_document_count_as_many_requests(
    door: Door, made: RegisteredApp, settings: Any
) -> None:
    settings.PLACET_RATE_PER_KEY = "10/minute"
    say = comment_in(made)
    few, many = (
        f"mutation {{ {' '.join(f'a{n}: {say}' for n in range(most))} }}" for most in (4, 50)
    )
    assert number(door.raw(few), "X-RateLimit-Requests-Remaining") == 6
    refused = door.raw(many)
    assert refused.status_code == 429
    assert number(refused, "X-RateLimit-Requests-Remaining") == 0
    assert Message.objects.count() == 4


def test_changes_in_a_fragment_are_counted_too(
    door: Door, made: RegisteredApp, settings: Any
) -> None:
    settings.PLACET_RATE_PER_KEY = "10/minute"
    say = comment_in(made)
    inside = " ".join(f"a{n}: {say}" for n in range(5))
    query = f"mutation {{ ...A ... {{ b: {say} }} }} fragment A on Mutation {{ {inside} }}"
    assert number(door.raw(query), "X-RateLimit-Requests-Remaining") == 4


def test_a_document_that_is_refused_costs_nothing(door: Door, settings: Any) -> None:
    settings.PLACET_RATE_GRAPHQL_POINTS = "20/hour"
    for _ in range(3):
        assert (
            door.raw("{ agentSessions(first: 250, nope: 1) { nodes { id } } }").status_code == 400
        )
        assert door.raw("{ nonsense").status_code == 400
    door.ask(VIEWER)


def test_without_its_counter_graphql_answers_all_the_same(door: Door, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limits._limiter.cache_clear()
    try:
        answer = door.raw(VIEWER)
    finally:
        limits._limiter.cache_clear()
    assert answer.status_code == 200
    assert "X-RateLimit-Requests-Remaining" not in answer.headers


@needs.redis_server
def test_points_are_counted_by_all_processes_together(settings: Any, tmp_path: Path) -> None:
    settings.PLACET_RATE_GRAPHQL_POINTS = "20/hour"
    with needs.Redis(tmp_path) as redis:
        settings.REDIS_URL = redis.url
        left = []
        for _ in range(2):
            limits._limiter.cache_clear()
            standing = limits.take("points", "app", cost=7)
            assert standing
            left.append(standing.remaining)
            assert is_soon(round(standing.reset_at() * 1000), most=3600)
        with pytest.raises(TooManyRequests) as refused:
            limits.take("points", "app", cost=7)
        limits._limiter.cache_clear()
    assert left == [13, 6]
    assert 1 <= refused.value.extra["retry_after"] <= 3600


@pytest.fixture
def full(client: Client, settings: Any) -> Client:
    """From an address that has asked too often."""
    settings.PLACET_RATE_PER_ADDRESS = "1/minute"
    client.get("/api/v1/agents")
    return client


def test_an_address_past_its_rate_is_ratelimited_at_graphql(full: Client) -> None:
    refused = full.post("/graphql", {"query": VIEWER}, "application/json")
    assert refused.status_code == 429
    error = refused.json()["errors"][0]
    assert (error["extensions"]["type"], error["extensions"]["code"]) == (
        "ratelimited",
        "RATELIMITED",
    )
    assert 1 <= number(refused, "Retry-After") <= 60
    assert number(refused, "X-RateLimit-Requests-Remaining") == 0


@pytest.mark.parametrize(
    "path", ["/oauth/token", "/oauth/revoke", "/auth/o/token/", "/auth/o/revoke-token/"]
)
def test_an_address_past_its_rate_is_told_so_in_words_of_oauth(full: Client, path: str) -> None:
    refused = full.post(path, {"client_id": "x"})
    body = refused.json()
    assert (refused.status_code, body["error"]) == (429, "temporarily_unavailable")
    assert body["error_description"] == body["detail"] == body["message"]
    assert 1 <= number(refused, "Retry-After") <= 60


@pytest.mark.parametrize("path", ["/oauth/authorize", "/auth/o/authorize-app/"])
def test_a_person_past_the_rate_sees_a_page_instead_of_consent(full: Client, path: str) -> None:
    refused = full.get(path)
    assert (refused.status_code, refused["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert b"Too many requests" in refused.content
    assert 1 <= number(refused, "Retry-After") <= 60


@pytest.mark.parametrize(
    "path",
    ["/api/v1/workspaces/placet/runs/", "/api/v1/users/me/", "/auth/o/app-installation/"],
)
def test_an_address_past_its_rate_is_told_so_in_planes_words(full: Client, path: str) -> None:
    refused = full.get(path)
    body = refused.json()
    assert (refused.status_code, body["code"]) == (429, "too_many_requests")
    assert body["error"] == body["detail"] == body["message"]
    assert 1 <= number(refused, "Retry-After") <= 60
    assert number(refused, "X-RateLimit-Remaining") == 0


TOKEN_DOORS = ["/oauth/token", "/oauth/revoke", "/auth/o/token/", "/auth/o/revoke-token/"]


def refused_for_now(answer: Any) -> bool:
    if answer.status_code != 429:
        return False
    assert answer.json()["error"] == "temporarily_unavailable"
    assert 1 <= number(answer, "Retry-After") <= 60
    return True


@pytest.mark.parametrize("path", TOKEN_DOORS)
def test_an_address_may_ask_only_so_often_for_tokens(
    client: Client, settings: Any, path: str, checked: list[str]
) -> None:
    settings.PLACET_RATE_TOKENS_PER_ADDRESS = "2/minute"
    form = {"client_id": "x", "token": "t", "grant_type": "client_credentials"}
    assert [refused_for_now(client.post(path, form)) for _ in range(3)] == [False, False, True]
    elsewhere = client.post(path, form, REMOTE_ADDR="198.51.100.7")
    assert not refused_for_now(elsewhere)


def basic(client_id: str) -> dict[str, str]:
    pair = base64.b64encode(f"{client_id}:wrong".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The secrets that were checked against a hash: what costs."""
    seen: list[str] = []

    def check(self: object, secret: str, *more: object) -> bool:
        seen.append(secret)
        return False

    monkeypatch.setattr(OAuth2Validator, "_check_secret", check)
    return seen


@pytest.mark.parametrize("path", ["/oauth/token", "/auth/o/token/", "/auth/o/revoke-token/"])
def test_whoever_guesses_at_one_client_is_stopped_however_they_name_it(
    client: Client, made: RegisteredApp, settings: Any, path: str, checked: list[str]
) -> None:
    settings.PLACET_RATE_TOKENS_PER_CLIENT = "3/minute"
    form = {"grant_type": "client_credentials", "token": "t"}
    named = {**form, "client_id": made.app.client_id, "client_secret": "wrong"}
    quoted = made.app.client_id.replace(made.app.client_id[0], f"%{ord(made.app.client_id[0]):x}")

    def ask(body: dict[str, str], **headers: str) -> Any:
        return client.post(path, body, headers=headers)

    answers = [
        ask(named),
        ask(form, **basic(made.app.client_id)),
        ask(form, **basic(quoted)),
        ask(named),
        ask(form, **basic(made.app.client_id)),
        ask({**form, "client_id": "another"}, **basic(made.app.client_id)),
    ]
    assert [refused_for_now(one) for one in answers] == [False] * 3 + [True] * 3
    assert len(checked) == 3
    assert not refused_for_now(ask({**named, "client_id": "another"}))


def test_strangers_who_name_a_client_do_not_keep_it_from_its_tokens(
    client: Client, made: RegisteredApp, settings: Any
) -> None:
    """Its id is no secret."""
    settings.PLACET_RATE_TOKENS_PER_CLIENT = "2/minute"
    path = "/auth/o/token/"
    form = {"grant_type": "client_credentials", "client_id": made.app.client_id}
    for number in range(1, 7):
        for _ in range(3):
            client.post(path, {**form, "client_secret": "x"}, REMOTE_ADDR=f"198.51.100.{number}")
    answer = client.post(
        path, {**form, "client_secret": made.client_secret}, REMOTE_ADDR="203.0.113.1"
    )
    assert answer.status_code == 200
    assert answer.json()["access_token"]


def test_json_names_a_client_as_a_form_does(
    client: Client, made: RegisteredApp, settings: Any
) -> None:
    settings.PLACET_RATE_TOKENS_PER_CLIENT = "1/minute"
    body = {"grant_type": "client_credentials", "client_id": made.app.client_id}
    answers = [client.post("/auth/o/token/", body, "application/json") for _ in range(2)]
    assert [refused_for_now(one) for one in answers] == [False, True]


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic /w==", "Basic OnNlY3JldA==", "x"])
def test_credentials_that_are_none_are_refused_as_ever(client: Client, header: str) -> None:
    form = {"grant_type": "client_credentials"}
    answer = client.post("/auth/o/token/", form, headers={"Authorization": header})
    assert answer.status_code == 401


def test_our_own_doors_keep_their_own_words(full: Client) -> None:
    refused = full.get("/api/v1/runs")
    assert (refused.status_code, refused.json()["statusCode"]) == (429, 429)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/graphql", ("errors", 0, "extensions", "type")),
        ("/auth/o/token/", ("error_description",)),
        ("/api/v1/workspaces/placet/runs/", ("detail",)),
        ("/api/v1/messages", ("statusCode",)),
    ],
)
def test_a_body_that_is_too_long_is_refused_in_the_same_words(
    path: str, where: tuple[Any, ...]
) -> None:
    """In front of every view, and of Django."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def unreached(*_: Any) -> None:
        raise AssertionError("It is not to be read.")

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [(b"content-length", b"9999999")],
    }
    async_to_sync(BodyLimit(unreached))(scope, receive, send)
    assert sent[0]["status"] == (400 if path == "/graphql" else 413)
    found = json.loads(sent[1]["body"])
    for step in where:
        found = found[step]
    assert found

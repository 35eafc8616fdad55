"""What every answer carries, whatever its kind: pages, fragments, JSON, errors, static files."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.http import HttpResponse
from django.test import Client

from inbox.snapshots import MessageSnapshot
from placet.routing import Application
from tests import cast

# A parked wait looks with a connection of its own, which sees only what has been committed.
pytestmark = pytest.mark.django_db(transaction=True)

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def answers(browser: Client, approval: MessageSnapshot, robot: cast.Robot) -> dict[str, object]:
    client = Client(raise_request_exception=False)
    return {
        "page": browser.get("/inbox/"),
        "deep link": browser.get(f"/inbox/{approval.id}/"),
        "chat": browser.get(f"/chats/{robot.agent.id}/"),
        "settings": browser.get("/settings/profile/"),
        "sign-in": client.get("/login/"),
        "missing page": browser.get("/no-such-page/"),
        "api": client.get("/api/v1/messages", headers=robot.headers),
        "api error": client.get("/api/v1/messages"),
        "api missing": client.get("/api/nothing"),
        "wait": client.get(f"/api/v1/reviews/{approval.id}/wait?timeout=10", headers=robot.headers),
        "parked wait": parked(f"/api/v1/reviews/{approval.id}/wait", api_key=robot.key),
        "parked wait without a key": parked(f"/api/v1/reviews/{approval.id}/wait"),
        "docs": client.get("/api/docs"),
        "schema": client.get("/api/schema"),
        "static": client.get("/static/css/placet.css"),
        "health": client.get("/health"),
        "admin": client.get("/admin/"),
    }


def test_every_kind_of_answer_is_hardened(answers: dict[str, object]) -> None:
    for kind, answer in answers.items():
        for name, value in EVERYWHERE.items():
            assert answer.headers.get(name) == value, (kind, name)  # type: ignore[attr-defined]


def test_every_page_forbids_inline_script_frames_and_plugins(answers: dict[str, object]) -> None:
    for kind, answer in answers.items():
        if "text/html" not in answer.headers["Content-Type"]:  # type: ignore[attr-defined]
            continue
        policy = answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
        rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";") if rule.strip()}
        assert rules["default-src"] == ["'none'"], kind
        assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == ["'none'"], (
            kind
        )
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & set(rules["script-src"]), (
            kind
        )
        assert "'unsafe-inline'" not in rules["style-src"], kind


def test_a_parked_wait_says_all_that_other_answers_of_the_api_say(
    answers: dict[str, object],
) -> None:
    assert answers["parked wait"].status_code == 200  # type: ignore[attr-defined]
    # `Allow` is the REST framework's own.
    others = set(answers["api"].headers) - {"Allow"}  # type: ignore[attr-defined]
    assert others <= set(answers["parked wait"].headers)  # type: ignore[attr-defined]


def test_a_parked_wait_over_plain_http_is_sent_to_https(settings: Any, robot: cast.Robot) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 1000
    path = f"/api/v1/reviews/{cast.ask(robot).id}/wait"
    plain = parked(path, api_key=robot.key)
    assert (plain.status_code, plain.headers["Location"]) == (
        301,
        f"https://testserver{path}?timeout=10",
    )
    secure = parked(path, api_key=robot.key, scheme="https")
    assert secure.status_code == 200
    assert "max-age=1000" in secure.headers["Strict-Transport-Security"]


def test_a_parked_wait_at_a_foreign_host_is_refused(robot: cast.Robot, settings: Any) -> None:
    path = f"/api/v1/reviews/{cast.ask(robot).id}/wait"
    for settings.SECURE_SSL_REDIRECT in (False, True):
        foreign = parked(path, api_key=robot.key, host="evil.example")
        assert foreign.status_code == 400
        assert foreign.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_nul_in_a_parked_wait_is_refused(robot: cast.Robot) -> None:
    path = f"/api/v1/reviews/{cast.ask(robot).id}/wait"
    assert parked(path, api_key=robot.key, query="channel=%00").status_code == 400


def test_nothing_personal_is_kept_by_caches(answers: dict[str, object]) -> None:
    for kind in ("page", "chat", "settings", "api", "wait", "parked wait", "api error"):
        assert "no-store" in answers[kind].headers["Cache-Control"], kind  # type: ignore[attr-defined]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    client: Client, ada: object
) -> None:
    body = {"email": "ada@example.org", "password": cast.PASSWORD}
    client.post("/api/auth/login", body, "application/json")
    cookie = client.cookies["placet_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def parked(
    path: str,
    *,
    api_key: str = "",
    host: str = "testserver",
    scheme: str = "http",
    query: str = "timeout=10",
) -> HttpResponse:
    """As a server hands it over: the test client's requests take Django's own handler, never the one that parks."""
    headers = [(b"host", host.encode()), (b"x-api-key", api_key.encode())]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    scope |= {"headers": headers, "scheme": scheme, "client": ("127.0.0.1", 1)}
    return async_to_sync(_answer)(scope)


async def _answer(scope: dict[str, Any]) -> HttpResponse:
    client = ApplicationCommunicator(Application(), scope)
    await client.send_input({"type": "http.request"})
    start, body = await client.receive_output(5), await client.receive_output(5)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return HttpResponse(body["body"], status=start["status"], headers=headers)

"""What every answer carries, whatever its kind: pages, fragments, JSON, errors, static files."""

import pytest
from django.test import Client

from inbox.snapshots import MessageSnapshot
from tests import cast

pytestmark = pytest.mark.django_db

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


def test_nothing_personal_is_kept_by_caches(answers: dict[str, object]) -> None:
    for kind in ("page", "chat", "settings", "api", "wait", "api error"):
        assert "no-store" in answers[kind].headers["Cache-Control"], kind  # type: ignore[attr-defined]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    client: Client, ada: object
) -> None:
    body = {"email": "ada@example.org", "password": cast.PASSWORD}
    client.post("/api/auth/login", body, "application/json")
    cookie = client.cookies["placet_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"

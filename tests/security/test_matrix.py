"""Every role at every endpoint with every object, generated from the URL table. Denied unless this file says otherwise."""

from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from accounts.sessions import session_hash
from agents.models import Agent, ApiKey
from compat.apps import services as apps
from compat.plane.place import Place
from files.models import Markup, StoredFile
from inbox.models import Message
from inbox.services import writing
from reviews.models import Review
from runs.drafts import draft
from runs.models import Activity, Run
from runs.services import opening, reporting
from tests import cast
from tests.security.routes import PUBLIC, Route, routes
from webhooks.models import Delivery, Endpoint
from webhooks.services import endpoints

pytestmark = pytest.mark.django_db(transaction=True)

#: The second one tells whose installation a token belongs to.
AGENTS_DOORS = ("/api/v1/", "/auth/o/app-installation/")
METHODS = ("get", "post", "put", "patch", "delete")
SECRET_TEXT = "Only Ada may read this question"
BODY = {
    "text": "x",
    "response": {"selectedOption": "approve"},
    "selectedOption": "approve",
    "name": "Mine",
    "status": "active",
}


@pytest.fixture(autouse=True)
def _no_long_waits(settings: Any) -> None:
    settings.PLACET_WAIT_DEFAULT_MS = 20


@pytest.fixture
def things(ada: User, robot: cast.Robot) -> dict[str, object]:
    """Ada's: what everybody else will reach for."""
    approval = cast.ask(robot, text=SECRET_TEXT)
    url = "https://hooks.example/"
    endpoints.set_agent_webhook(by=robot.actor, agent_id=robot.agent.id, url=url)
    writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text=SECRET_TEXT)
    run = opening.open_run(by=robot.actor)
    thought = draft(type="thought", content={"body": SECRET_TEXT})
    told = reporting.report(by=robot.actor, run_id=run.id, draft=thought)
    file = cast.hand_over(robot, SECRET_TEXT.encode(), name="plan.txt")
    signed, place = Client(), Place.ours()
    signed.force_login(ada)
    found = {
        "message_id": approval.id,
        "review_id": approval.id,
        "agent_id": robot.agent.id,
        "key_id": ApiKey.objects.get(agent_id=robot.agent.id).pk,
        "user_id": ada.pk,
        "session_id": session_hash(signed.session.session_key or ""),
        "endpoint_id": Endpoint.objects.get().pk,
        "run_id": run.id,
        "activity_id": told.activity.id,
        # The place of what would come next: the steps before it hold the secret.
        "number": told.activity.number + 1,
        "delivery_id": Delivery.objects.get(event_type="message:created").pk,
        "token": "no-such-token",
        "file_id": file.id,
        "name": "small.jpg",
        "slug": place.slug,
        "project_id": place.project_id,
        "work_item_id": robot.agent.id,
        "comment_id": approval.id,
        "rest": "of-it/",
    }
    return {**found, "app_id": apps.register_app(by=ada.as_actor(), name=SECRET_TEXT).app.id}


def ask_for(client: Client, method: str, path: str, headers: dict[str, str] | None = None) -> Any:
    body: dict[str, Any] = (
        {} if method == "get" else {"data": BODY, "content_type": "application/json"}
    )
    return getattr(client, method)(path, headers=headers or {}, **body)


def is_denied(answer: HttpResponse) -> bool:
    to_login = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
    return to_login or answer.status_code in {400, 401, 403, 404, 405}


def adas_rows() -> dict[str, Any]:
    """Everything of Ada's that somebody could want to change."""
    return {
        "review": list(
            Review.objects.order_by("pk").values("pk", "status", "response", "responded_by")
        ),
        "message": list(Message.objects.order_by("pk").values("pk", "text", "delivery_status")),
        "file": list(StoredFile.objects.order_by("pk").values("pk", "message_id", "share_round")),
        "markup": list(Markup.objects.values("file", "user", "version", "marks")),
        "agent": list(Agent.objects.order_by("pk").values("pk", "name", "status", "owner")),
        "key": list(ApiKey.objects.order_by("pk").values("pk", "key_hash", "revoked_at", "label")),
        "endpoint": list(Endpoint.objects.values("pk", "secret", "off", "only_agents")),
        "run": list(Run.objects.values("pk", "status", "revision", "summary")),
        "activity": list(Activity.objects.order_by("number").values("pk", "type", "content")),
        "delivery": list(Delivery.objects.values("pk", "status", "tries", "due_at")),
        "user": list(
            User.objects.order_by("pk").values(
                "pk", "email", "display_name", "password", "role", "is_active"
            )
        ),
    }


def test_nobody_gets_in_without_signing_in(things: dict[str, object]) -> None:
    before = adas_rows()
    for route in routes(things):
        for method in METHODS:
            answer = ask_for(Client(), method, route.path)
            assert answer.status_code < 500, (route, method)
            if route.name not in PUBLIC:
                assert is_denied(answer), (route, method, answer.status_code)
            assert SECRET_TEXT not in answer.getvalue().decode(errors="replace"), route
    assert adas_rows() == before


def test_an_agents_key_opens_the_agents_door_only(
    things: dict[str, object], robot: cast.Robot
) -> None:
    before = adas_rows()
    for route in routes(things):
        if route.path.startswith(AGENTS_DOORS) or route.name in PUBLIC:
            continue
        for method in METHODS:
            answer = ask_for(Client(), method, route.path, robot.headers)
            assert is_denied(answer), (route, method, answer.status_code)
    assert adas_rows() == before


def test_no_route_lets_an_agents_key_complete_a_review(
    things: dict[str, object], robot: cast.Robot
) -> None:
    for route in routes(things):
        for method in METHODS:
            with transaction.atomic():
                ask_for(Client(), method, route.path, robot.headers)
                transaction.set_rollback(True)
            assert not Review.objects.filter(status="completed").exists(), (route, method)


def test_another_users_key_reaches_none_of_it(
    things: dict[str, object], other_robot: cast.Robot
) -> None:
    unbound_and_bound = [other_robot.headers]
    before = adas_rows()
    for headers in unbound_and_bound:
        for route in with_object(things):
            for method in METHODS:
                answer = ask_for(Client(), method, route.path, headers)
                assert is_denied(answer), (route, method, answer.status_code)
                assert SECRET_TEXT not in answer.getvalue().decode(errors="replace"), route
    assert adas_rows() == before


def test_another_person_reaches_none_of_it_and_cannot_tell_it_is_there(
    things: dict[str, object], bob: User
) -> None:
    before = adas_rows()
    nothing: dict[str, object] = dict.fromkeys(things, "01900000-0000-7000-8000-000000000000")
    nothing["session_id"] = session_hash("nobody's")
    for route, empty in zip(with_object(things), with_object(nothing), strict=True):
        for method in METHODS:
            stranger = Client()
            stranger.force_login(bob)
            answer, absent = (
                ask_for(stranger, method, route.path),
                ask_for(stranger, method, empty.path),
            )
            assert is_denied(answer), (route, method, answer.status_code)
            assert answer.status_code == absent.status_code, (route, method)
            assert SECRET_TEXT not in answer.getvalue().decode(errors="replace"), route
    assert adas_rows() == before


def test_no_list_or_search_shows_a_strangers_rows(
    things: dict[str, object], bob: User, other_robot: cast.Robot
) -> None:
    stranger = Client()
    stranger.force_login(bob)
    for route in routes(things):
        if route.has_object or route.name in {"accounts:sign-out", "accounts-api:logout"}:
            continue
        for query in ("", "?search=Deploy", "?q=Deploy", "?status=all", "?channel=", "?after=0"):
            page = stranger.get(route.path + query).getvalue().decode(errors="replace")
            assert SECRET_TEXT not in page, route
            assert "Deploy pilot" not in page, route
            agent = (
                Client()
                .get(route.path + query, headers=other_robot.headers)
                .getvalue()
                .decode(errors="replace")
            )
            assert SECRET_TEXT not in agent, route


def test_get_never_decides(
    things: dict[str, object], ada: User, olga: User, robot: cast.Robot
) -> None:
    """A crawler with the rights of Ada, of the owner and of the agent follows every link there is."""
    before = adas_rows()
    for route in routes(things):
        for person in (ada, olga):
            signed = Client()
            signed.force_login(person)
            for query in ("", "?selectedOption=approve&response=approve&_method=POST"):
                assert signed.get(route.path + query).status_code < 500, route
                signed.head(route.path + query)
        Client().get(route.path, headers=robot.headers)
    assert adas_rows() == before


def with_object(things: dict[str, object]) -> list[Route]:
    return [route for route in routes(things) if route.has_object and route.name not in PUBLIC]

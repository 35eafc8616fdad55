"""Whom the webhook of an app is for: while it is installed its agent hears, and of the end it hears that alone."""

from typing import Any

import pytest

from accounts.models import User
from agents.selectors import agent_for
from compat.apps import services
from compat.apps.snapshots import RegisteredApp
from inbox.services import writing
from placet.events import catalogue
from tests.cast import Robot
from webhooks.engine import Engine
from webhooks.models import Delivery
from webhooks.selectors import endpoint_of_agent
from webhooks.services import endpoints, queueing

pytestmark = pytest.mark.django_db
IN_DIALECTS, IN_OURS = ["linear", "plane"], list[str]()


def registered(owner: User, told_in: list[str], url: str = "https://bot.example/hook") -> Any:
    return services.register_app(
        by=owner.as_actor(), name="Weather bot", webhook_url=url, told_in=told_in
    )


def installed(owner: User, told_in: list[str], **more: str) -> RegisteredApp:
    made: RegisteredApp = registered(owner, told_in, **more)
    services.install_app(by=owner.as_actor(), app_id=made.app.id)
    return made


def say(owner: User, made: RegisteredApp, text: str = "It is 4711") -> None:
    writing.write_message(by=owner.as_actor(), agent_id=made.app.agent.id, text=text)


def revoke(owner: User, made: RegisteredApp) -> None:
    services.revoke_app(by=owner.as_actor(), app_id=made.app.id)


def heard() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("event_type", flat=True))


@pytest.mark.parametrize("told_in", [IN_DIALECTS, IN_OURS])
def test_before_anybody_has_installed_it_an_app_is_told_nothing(
    ada: User, told_in: list[str]
) -> None:
    made = registered(ada, told_in)
    say(ada, made)
    assert heard() == []


def test_an_app_takes_runs_from_the_moment_it_is_installed(ada: User) -> None:
    made = registered(ada, IN_DIALECTS)
    assert not made.app.agent.takes_runs
    services.install_app(by=ada.as_actor(), app_id=made.app.id)
    assert agent_for(ada.as_actor(), made.app.agent.id).takes_runs


@pytest.mark.parametrize("told_in", [IN_DIALECTS, IN_OURS])
def test_an_installed_app_is_told(ada: User, told_in: list[str]) -> None:
    say(ada, installed(ada, told_in))
    assert catalogue.RunCreated.type in heard()


def test_of_its_end_an_app_hears_and_of_nothing_after(ada: User) -> None:
    made = installed(ada, IN_DIALECTS)
    revoke(ada, made)
    say(ada, made)
    assert heard() == [catalogue.AppRevoked.type]
    assert list(Delivery.objects.values_list("dialect", flat=True)) == ["linear"]


def test_installed_again_it_is_told_again(ada: User) -> None:
    made = installed(ada, IN_DIALECTS)
    revoke(ada, made)
    services.install_app(by=ada.as_actor(), app_id=made.app.id)
    say(ada, made)
    assert catalogue.RunCreated.type in heard()


@pytest.mark.django_db(transaction=True)
def test_what_waited_to_be_sent_when_it_was_revoked_is_not_sent(ada: User, there: Any) -> None:
    made = installed(ada, IN_DIALECTS, url=there.url)
    say(ada, made)
    revoke(ada, made)
    Engine().drain()
    (farewell,) = there.heard
    assert farewell.json["type"] == "OAuthApp"
    assert b"4711" not in farewell.body
    assert set(Delivery.objects.exclude(status="delivered").values_list("status", flat=True)) == {
        "failed"
    }


@pytest.mark.django_db(transaction=True)
def test_its_webhook_can_be_tested_before_it_is_installed(ada: User, there: Any) -> None:
    made = registered(ada, IN_DIALECTS, url=there.url)
    endpoint = endpoint_of_agent(ada.as_actor(), made.app.agent.id)
    assert endpoint
    queueing.send_test(by=ada.as_actor(), endpoint_id=endpoint.id)
    Engine().drain()
    assert len(there.heard) == len(IN_DIALECTS)


def test_an_agent_that_came_without_an_app_is_told(ada: User, robot: Robot) -> None:
    url = "https://bot.example/hook"
    endpoints.set_agent_webhook(by=robot.actor, agent_id=robot.agent.id, url=url)
    writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="Hello")
    assert heard() == [catalogue.MessageCreated.type]

"""An app is an agent with an OAuth client: what may be done with it, by whom, and what a token of it is."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from oauth2_provider.models import AccessToken, Application

from accounts.models import User
from agents import services as agents
from agents.selectors import agent_for
from compat.apps import auth, selectors, services
from compat.apps.scopes import granted, reach
from compat.apps.snapshots import RegisteredApp
from compat.apps.tasks import forget_expired_tokens
from placet.events import catalogue
from placet.events.models import EventRow
from placet.lib.clock import now
from placet.lib.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorized
from tests.cast import Robot, make_robot

pytestmark = pytest.mark.django_db


def registered(owner: User, name: str = "Weather bot", **more: Any) -> RegisteredApp:
    return services.register_app(by=owner.as_actor(), name=name, **more)


def installed(owner: User, **more: Any) -> RegisteredApp:
    made = registered(owner, **more)
    services.install_app(by=owner.as_actor(), app_id=made.app.id)
    return made


def token_of(owner: User, made: RegisteredApp) -> str:
    return services.issue_token(by=owner.as_actor(), app_id=made.app.id).token


def told(type: str) -> int:
    return EventRow.objects.filter(type=type).count()


def test_a_token_is_the_agent_and_never_the_person(ada: User):
    made = installed(ada)
    actor = auth.actor_of_token(token_of(ada, made))
    assert actor.is_key
    assert actor.bound_agent_id == made.app.agent.id
    assert not actor.is_owner


def test_a_registered_app_can_do_nothing_before_it_is_installed(ada: User):
    made = registered(ada)
    assert not made.app.is_installed
    with pytest.raises(Conflict):
        token_of(ada, made)


def test_neither_secret_nor_token_can_be_read_from_the_database(ada: User):
    made = installed(ada)
    token = token_of(ada, made)
    assert not AccessToken.objects.filter(token=token).exists()
    assert made.client_secret not in Application.objects.get().client_secret


def test_an_unknown_token_and_none_are_nobody(ada: User):
    for token in ("", "hpo_unknown", "\0"):
        with pytest.raises(Unauthorized):
            auth.actor_of_token(token)


def test_a_token_ends_with_its_time(ada: User):
    token = token_of(ada, installed(ada))
    with (
        time_machine.travel(now() + timedelta(days=1, seconds=1), tick=False),
        pytest.raises(Unauthorized),
    ):
        auth.actor_of_token(token)


def test_what_has_run_out_is_forgotten_and_what_has_not_stays(ada: User):
    made = installed(ada)
    token_of(ada, made)
    with time_machine.travel(now() + timedelta(hours=20), tick=False):
        token = token_of(ada, made)
    with time_machine.travel(now() + timedelta(hours=30), tick=False):
        forget_expired_tokens()
        auth.actor_of_token(token)
    assert AccessToken.objects.count() == 1


def test_revoking_ends_tokens_at_once_and_a_new_installation_has_another_id(ada: User):
    made = installed(ada)
    first = selectors.app_for(ada.as_actor(), made.app.id).installation_id
    token = token_of(ada, made)
    services.revoke_app(by=ada.as_actor(), app_id=made.app.id)
    with pytest.raises(Unauthorized):
        auth.actor_of_token(token)
    assert not agent_for(ada.as_actor(), made.app.agent.id).takes_runs
    again = services.install_app(by=ada.as_actor(), app_id=made.app.id)
    assert again.installation_id != first
    with pytest.raises(Unauthorized):
        auth.actor_of_token(token)
    assert (told(catalogue.AppInstalled.type), told(catalogue.AppRevoked.type)) == (2, 1)


def test_revoking_twice_is_refused(ada: User):
    made = registered(ada)
    with pytest.raises(Conflict):
        services.revoke_app(by=ada.as_actor(), app_id=made.app.id)


def test_a_token_ends_with_the_account_of_its_owner(ada: User):
    token = token_of(ada, installed(ada))
    User.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(Unauthorized):
        auth.actor_of_token(token)


def test_with_its_agent_go_the_app_its_client_and_its_tokens(ada: User):
    made = installed(ada)
    token_of(ada, made)
    agents.delete_agent(by=ada.as_actor(), agent_id=made.app.agent.id)
    assert not Application.objects.exists()
    assert not AccessToken.objects.exists()


def test_a_strangers_app_and_none_look_the_same(ada: User, bob: User):
    made = installed(ada)
    for by in (bob.as_actor(), make_robot(bob).actor):
        with pytest.raises(NotFound):
            selectors.app_for(by, made.app.id)
    for change in (services.install_app, services.revoke_app, services.rotate_client_secret):
        with pytest.raises(NotFound):
            change(by=bob.as_actor(), app_id=made.app.id)


def test_keys_and_tokens_manage_no_apps(ada: User, robot: Robot):
    made = installed(ada)
    token = auth.actor_of_token(token_of(ada, made))
    for by in (robot.actor, token):
        with pytest.raises(Forbidden):
            services.register_app(by=by, name="Own app")
        with pytest.raises(Forbidden):
            services.issue_token(by=by, app_id=made.app.id)


def test_a_token_reaches_no_further_than_its_app_may_now(ada: User):
    made = installed(ada)
    token = token_of(ada, made)
    assert "agents.runs:write" in auth.actor_of_token(token).scopes
    services.install_app(by=ada.as_actor(), app_id=made.app.id, scopes=["agents.runs:read"])
    actor = auth.actor_of_token(token)
    assert actor.scopes == {"agents.runs:read"}
    auth.require(actor, "agents.runs:read")
    with pytest.raises(Forbidden):
        auth.require(actor, "agents.run_activities:write")


def test_a_broad_scope_stands_for_those_of_its_kind_alone():
    assert "agents.runs:read" in reach(["read"])
    assert "agents.runs:write" not in reach(["read"])
    assert "agents.runs:read" not in reach(["write"])
    assert granted(["read", "write"], ["agents.runs:read"]) == {"agents.runs:read"}


def test_an_unknown_scope_and_a_bad_redirect_are_refused_and_leave_nothing(ada: User):
    wrongs: tuple[dict[str, Any], ...] = (
        {"scopes": ["admin"]},
        {"scopes": []},
        {"redirect_uris": ["javascript:alert(1)"]},
    )
    for wrong in wrongs:
        with pytest.raises(Invalid):
            registered(ada, **wrong)
    assert not selectors.apps_for(ada.as_actor())
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "uri",
    [
        "https://bank.example@evil.example/callback",
        "https://user:pass@agent.example/callback",
        "https://agent.example\\@evil.example/",
        "https://agent.example\u202e/",
    ],
)
def test_a_redirect_that_reads_as_if_it_led_elsewhere_is_refused(ada: User, uri: str):
    with pytest.raises(Invalid) as refused:
        registered(ada, redirect_uris=["https://agent.example/callback", uri])
    (fault,) = refused.value.errors
    assert fault.path == "redirectUris"
    assert fault.message.startswith("must be an http or https URL without a user name; got")
    made = registered(ada)
    with pytest.raises(Invalid):
        services.change_app(by=ada.as_actor(), app_id=made.app.id, redirect_uris=[uri], told_in=[])


def test_a_key_of_one_agent_does_as_well_as_a_token_and_one_of_several_does_not(
    ada: User, robot: Robot
):
    assert auth.actor_of_headers({"x-api-key": robot.key}).bound_agent_id == robot.agent.id
    loose = make_robot(ada, "Loose", bound=False)
    with pytest.raises(Unauthorized):
        auth.actor_of_headers(loose.headers and {"authorization": f"Bearer {loose.key}"})


def test_the_command_prints_all_that_an_agent_needs(ada: User):
    out = StringIO()
    call_command("create_app", "Weather", "--owner", ada.email, stdout=out)
    made = json.loads(out.getvalue())
    assert list(made) == [
        "agent",
        "workspace_slug",
        "client_id",
        "client_secret",
        "app_installation_id",
        "access_token",
        "webhook_secret",
    ]
    actor = auth.actor_of_token(made["access_token"])
    assert str(actor.bound_agent_id) == made["agent"]["id"]


def test_the_command_says_who_is_unknown(db: None):
    with pytest.raises(CommandError, match="Nobody signs in"):
        call_command("create_app", "Weather", "--owner", "nobody@example.org")

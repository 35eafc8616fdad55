"""Settings → Apps: what a person does there, what is shown once, and what a stranger sees."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from agents import services as agents
from compat.apps import auth, selectors, services
from compat.apps.snapshots import AppSnapshot
from placet.lib.errors import Unauthorized
from runs.selectors import conversations_of
from tests.cast import Robot
from webhooks import dialects
from webhooks.selectors import endpoint_of_agent

pytestmark = pytest.mark.django_db
CALLBACK = "https://bot.example/callback"


def url(name: str, app: AppSnapshot) -> str:
    return reverse(f"apps:{name}", args=[app.id])


@pytest.fixture
def app(ada: User) -> AppSnapshot:
    return services.register_app(by=ada.as_actor(), name="Weather bot").app


@pytest.fixture
def installed(ada: User, app: AppSnapshot) -> AppSnapshot:
    return services.install_app(by=ada.as_actor(), app_id=app.id)


def again(ada: User, app: AppSnapshot) -> AppSnapshot:
    return selectors.app_for(ada.as_actor(), app.id)


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def test_a_new_app_shows_its_secrets_once(browser: Client, ada: User) -> None:
    fields = {"name": "Weather bot", "redirectUris": CALLBACK, "dialects": dialects.names()}
    answer = browser.post(reverse("apps:app-create"), fields, follow=True)
    (app,) = selectors.apps_for(ada.as_actor())
    assert (app.is_installed, app.redirect_uris) == (False, (CALLBACK,))
    assert "The client secret" in text(answer)
    assert "whsec_" in text(answer)
    later = text(browser.get(url("app-page", app)))
    assert "whsec_" not in later
    assert "The client secret" not in later
    assert app.client_id in later


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_made(
    browser: Client, ada: User
) -> None:
    fields = {"name": "Weather bot", "redirectUris": "javascript:alert(1)"}
    answer = browser.post(reverse("apps:app-create"), fields)
    assert answer.status_code == 400
    assert 'id="e-redirectUris"' in answer.content.decode()
    assert selectors.apps_for(ada.as_actor()) == []


def test_installing_and_narrowing_it(browser: Client, ada: User, app: AppSnapshot) -> None:
    browser.post(url("app-install", app), {"scopes": ["read", "write"]})
    assert again(ada, app).is_installed
    browser.post(url("app-install", app), {"scopes": ["agents.runs:read"]})
    assert again(ada, app).scopes == ("agents.runs:read",)


def test_what_has_no_effect_here_can_be_ticked_and_says_so(
    browser: Client, app: AppSnapshot
) -> None:
    page = text(browser.get(url("app-page", app)))
    before, _, idle = page.partition("without effect here")
    assert 'value="comments:create"' in before
    assert 'value="app:mentionable"' not in before
    assert 'value="app:mentionable"' in idle


def test_who_ticks_nothing_grants_nothing(browser: Client, ada: User, app: AppSnapshot) -> None:
    refused = browser.post(url("app-install", app), {})
    assert refused.status_code == 400
    page = refused.content.decode()
    assert 'id="e-scopes"' in page
    assert page.count("checked") == len(dialects.names())
    assert not again(ada, app).is_installed
    browser.post(url("app-install", app), {"scopes": ["agents.runs:read"]})
    browser.post(url("app-install", app), {})
    assert again(ada, app).scopes == ("agents.runs:read",)


def test_a_token_is_shown_once_and_ends_with_all_the_others(
    browser: Client, ada: User, installed: AppSnapshot
) -> None:
    shown = text(browser.post(url("app-token", installed), follow=True))
    token = "hpo_" + shown.partition("hpo_")[2][:48]
    auth.actor_of_token(token)
    assert "hpo_" not in text(browser.get(url("app-page", installed)))
    browser.post(url("app-tokens-end", installed))
    with pytest.raises(Unauthorized):
        auth.actor_of_token(token)
    assert again(ada, installed).is_installed


def test_revoking_it(browser: Client, ada: User, installed: AppSnapshot) -> None:
    token = services.issue_token(by=ada.as_actor(), app_id=installed.id).token
    assert "is revoked" in text(browser.post(url("app-revoke", installed), follow=True))
    with pytest.raises(Unauthorized):
        auth.actor_of_token(token)


def test_conversations_are_granted_and_taken_away(
    browser: Client, ada: User, installed: AppSnapshot, robot: Robot, other_robot: Robot
) -> None:
    def guest_in() -> list[str]:
        found = conversations_of(ada.as_actor(), installed.agent.id)
        return [str(one.id) for one in found[1:]]

    # Bob's is not Ada's to give.
    asked = [str(robot.agent.id), str(other_robot.agent.id)]
    browser.post(url("app-conversations", installed), {"channels": asked})
    assert guest_in() == [str(robot.agent.id)]
    browser.post(url("app-conversations", installed), {})
    assert guest_in() == []


def test_the_client_is_changed_and_gets_a_new_secret(
    browser: Client, ada: User, installed: AppSnapshot
) -> None:
    fields = {"redirectUris": f"{CALLBACK} https://two.example/", "dialects": ["plane"]}
    browser.post(url("app-change", installed), fields)
    assert again(ada, installed).redirect_uris == (CALLBACK, "https://two.example/")
    endpoint = endpoint_of_agent(ada.as_actor(), installed.agent.id)
    assert endpoint
    assert endpoint.dialects == ("plane",)
    assert "The client secret" in text(browser.post(url("app-rotate", installed), follow=True))


def test_how_long_its_agent_may_be_silent_follows_the_dialects_and_not_a_mere_save(
    browser: Client, ada: User, app: AppSnapshot
) -> None:
    def patience() -> int:
        return again(ada, app).agent.run_stale_seconds

    assert patience() == 1800
    browser.post(url("app-change", app), {"dialects": ["plane"]})
    assert patience() == 300
    changes = {"run_stale_seconds": 600}
    agents.update_agent(by=ada.as_actor(), agent_id=app.agent.id, changes=changes)
    browser.post(url("app-change", app), {"dialects": ["plane"], "redirectUris": CALLBACK})
    assert patience() == 600
    browser.post(url("app-change", app), {"dialects": ["linear", "plane"]})
    assert patience() == 1800


def test_a_change_that_is_refused_in_part_changes_nothing(
    browser: Client, ada: User, app: AppSnapshot
) -> None:
    fields = {"redirectUris": CALLBACK, "dialects": ["klingon"]}
    assert browser.post(url("app-change", app), fields).status_code == 400
    assert again(ada, app).redirect_uris == ()


def test_a_strangers_app_is_not_there(client: Client, bob: User, app: AppSnapshot) -> None:
    client.force_login(bob)
    assert "Weather bot" not in text(client.get(reverse("apps:apps")))
    assert client.get(url("app-page", app)).status_code == 404
    for name in ("app-install", "app-revoke", "app-rotate", "app-token", "app-conversations"):
        assert client.post(url(name, app)).status_code == 404


def test_looking_at_the_pages_changes_nothing(
    browser: Client, ada: User, installed: AppSnapshot
) -> None:
    before = again(ada, installed)
    for name in ("app-install", "app-revoke", "app-rotate", "app-token", "app-tokens-end"):
        assert browser.get(url(name, installed)).status_code == 405
    assert again(ada, installed) == before

"""`/oauth/*` as Linear's clients call it: plain HTTP, scopes with commas, and a token that is always the app's."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from compat.apps import auth, selectors, services
from compat.apps.snapshots import RegisteredApp
from placet.lib.clock import now
from placet.lib.errors import Unauthorized

pytestmark = pytest.mark.django_db
CALLBACK = "https://agent.example/oauth/callback"
SCOPES = "read,write,comments:create,app:assignable,app:mentionable,initiative:read"


@pytest.fixture
def made(ada: User) -> RegisteredApp:
    return services.register_app(
        by=ada.as_actor(), name="Weather bot", redirect_uris=[CALLBACK], told_in=()
    )


def asked(made: RegisteredApp, **more: str) -> dict[str, str]:
    return {
        "client_id": made.app.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": SCOPES,
        "state": "mine",
        "prompt": "consent",
        "actor": "app",
        **more,
    }


def agree(browser: Client, made: RegisteredApp, **more: str) -> str:
    """The code."""
    answer = browser.post(
        "/oauth/authorize", {"decision": "allow"}, query_params=asked(made, **more)
    )
    assert answer.status_code == 302, answer.content
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert answer["Location"].startswith(CALLBACK)
    assert query["state"] == ["mine"]
    return query["code"][0]


def exchange(made: RegisteredApp, **more: str) -> Any:
    credentials = {"client_id": made.app.client_id, "client_secret": made.client_secret}
    return Client().post("/oauth/token", {**credentials, **more})


def first_token(browser: Client, made: RegisteredApp) -> Any:
    answer = exchange(
        made, grant_type="authorization_code", code=agree(browser, made), redirect_uri=CALLBACK
    )
    assert answer.status_code == 200, answer.content
    return answer.json()


def ask(token: str) -> Any:
    return Client().post(
        "/graphql",
        {"query": "query Me { viewer { id } }"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


def test_installed_by_a_person_it_acts_as_itself(browser: Client, made: RegisteredApp) -> None:
    page = browser.get("/oauth/authorize", asked(made))
    assert b"Install Weather bot?" in page.content
    assert b"<li>Write messages in its conversation</li>" in page.content
    assert b"<li>Be mentioned" not in page.content
    token = first_token(browser, made)
    assert token["token_type"] == "Bearer"
    assert 86_000 < token["expires_in"] <= 86_400
    granted = {"read", "write", "comments:create", "app:assignable", "app:mentionable"}
    assert set(token["scope"].split()) == granted
    viewer = ask(token["access_token"]).json()["data"]["viewer"]
    assert viewer == {"id": str(made.app.agent.id)}


def test_only_apps_are_granted_anything(browser: Client, ada: User, made: RegisteredApp) -> None:
    for wrong in ({"actor": "user"}, {"actor": ""}, {"scope": "read,admin"}):
        for answer in (
            browser.get("/oauth/authorize", asked(made, **wrong)),
            browser.post(
                "/oauth/authorize", {"decision": "allow"}, query_params=asked(made, **wrong)
            ),
        ):
            assert answer.status_code == 400, wrong
            assert b"Nothing was installed" in answer.content
    assert not selectors.app_for(ada.as_actor(), made.app.id).is_installed


def test_a_refresh_token_is_good_for_one_time(browser: Client, made: RegisteredApp) -> None:
    old = first_token(browser, made)
    new = exchange(made, grant_type="refresh_token", refresh_token=old["refresh_token"]).json()
    assert new["refresh_token"] != old["refresh_token"]
    assert ask(new["access_token"]).status_code == 200
    again = exchange(made, grant_type="refresh_token", refresh_token=old["refresh_token"])
    assert again.status_code == 400


def test_its_own_credentials_do_once_it_is_installed(
    browser: Client, ada: User, made: RegisteredApp
) -> None:
    wanted = {"grant_type": "client_credentials", "scope": "read,app:assignable"}
    assert exchange(made, **wanted).status_code in (400, 401)
    services.install_app(by=ada.as_actor(), app_id=made.app.id)
    token = exchange(made, **wanted)
    assert token.status_code == 200, token.content
    assert "refresh_token" not in token.json()
    assert set(token.json()["scope"].split()) == {"read", "app:assignable"}
    assert ask(token.json()["access_token"]).status_code == 200


@pytest.mark.parametrize("how", ["form", "header", "refresh"])
def test_who_holds_a_token_may_end_it(browser: Client, made: RegisteredApp, how: str) -> None:
    token = first_token(browser, made)
    access, refresh = token["access_token"], token["refresh_token"]

    def revoke() -> int:
        if how == "header":
            headers = {"Authorization": f"Bearer {access}"}
            return Client().post("/oauth/revoke", headers=headers).status_code
        given = access if how == "form" else refresh
        return Client().post("/oauth/revoke", {"token": given}).status_code

    assert [revoke(), revoke()] == [200, 400]
    assert ask(access).status_code == 401
    with pytest.raises(Unauthorized):
        auth.actor_of_token(access)
    used = exchange(made, grant_type="refresh_token", refresh_token=refresh)
    assert used.status_code == 400


def test_nothing_to_revoke_is_nobody(client: Client) -> None:
    assert client.post("/oauth/revoke").status_code == 401
    assert client.post("/oauth/revoke", {"token": "nonsense"}).status_code == 400
    assert client.get("/oauth/revoke").status_code == 405


def test_only_a_token_for_the_clients_own_credentials_lasts_as_long_as_linears(
    browser: Client, made: RegisteredApp
) -> None:
    day, month = 86_400, 30 * 86_400
    first = first_token(browser, made)
    assert first["expires_in"] == day
    fresh = exchange(made, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert fresh.json()["expires_in"] == day
    bot = exchange(made, grant_type="client_credentials").json()
    assert bot["expires_in"] == month
    with time_machine.travel(now() + timedelta(days=29), tick=False):
        assert ask(bot["access_token"]).status_code == 200
    with time_machine.travel(now() + timedelta(days=30, seconds=1), tick=False):
        assert ask(bot["access_token"]).status_code == 401

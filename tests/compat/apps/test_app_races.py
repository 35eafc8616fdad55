"""Who gets a token in the very moment in which its app is taken away: nobody who could use it later."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from oauth2_provider.models import AccessToken, Grant, RefreshToken
from oauthlib.oauth2 import BearerToken

from accounts.models import User
from compat.apps import auth, ending, oauth, services
from compat.apps.snapshots import RegisteredApp
from placet.lib.errors import Unauthorized
from tests.compat.apps import test_oauth
from tests.compat.apps.test_oauth import bot_token, code_of, decide, exchange, exchange_code
from tests.runs.test_run_races import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
made, installed = test_oauth.made, test_oauth.installed
Ask = Callable[[], Any]
GRANTS = ("authorization_code", "refresh_token", "client_credentials")
#: How long somebody who must wait is given to go wrong instead.
A_MOMENT = 0.5


def asking(how: str, browser: Client, app: RegisteredApp) -> Ask:
    """What a client sends, all but the last step done."""
    if how == "client_credentials":
        return lambda: bot_token(app)
    code = code_of(decide(browser, app))
    if how == "authorization_code":
        return lambda: exchange_code(app, code)
    refresh = exchange_code(app, code).json()["refresh_token"]
    return lambda: exchange(app, grant_type="refresh_token", refresh_token=refresh)


def left() -> list[int]:
    return [model.objects.count() for model in (Grant, AccessToken, RefreshToken)]


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, *, after: bool = False) -> Any:
    """The first thread that comes to `where.name` stays there, before or after it, until it is let go."""
    reached, go = threading.Event(), threading.Event()
    real = getattr(where, name)

    def slow(*args: Any, **more: Any) -> Any:
        answer = real(*args, **more) if after else None
        is_first = not reached.is_set()
        reached.set()
        if is_first:
            assert go.wait(timeout=60)
        return answer if after else real(*args, **more)

    monkeypatch.setattr(where, name, slow)
    yield reached, go
    go.set()


@contextmanager
def meanwhile(ask: Ask) -> Iterator[list[Any]]:
    """Asked in another thread; what it answered, once that is over."""
    answers: list[Any] = []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception as error:  # noqa: BLE001 - the assertions tell what it was
            answers.append(error)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield answers
    thread.join(timeout=60)


@pytest.mark.parametrize("how", GRANTS)
def test_a_token_that_was_granted_before_a_revocation_is_not_given_after_it(
    how: str,
    browser: Client,
    ada: User,
    installed: RegisteredApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask, by = asking(how, browser, installed), ada.as_actor()
    with (
        held(monkeypatch, BearerToken, "create_token") as (reached, go),
        meanwhile(ask) as answers,
    ):
        assert reached.wait(timeout=60)
        services.revoke_app(by=by, app_id=installed.app.id)
        services.install_app(by=by, app_id=installed.app.id)
        go.set()
    assert (answers[0].status_code, answers[0].json()["error"]) == (400, "invalid_grant")
    assert left() == [0, 0, 0]


@pytest.mark.parametrize("how", GRANTS)
def test_a_revocation_waits_for_a_token_that_is_being_written_and_ends_it(
    how: str,
    browser: Client,
    ada: User,
    installed: RegisteredApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask, by = asking(how, browser, installed), ada.as_actor()
    with (
        held(monkeypatch, oauth.Validator, "_create_access_token", after=True) as (reached, go),
        meanwhile(ask) as answers,
    ):
        assert reached.wait(timeout=60)
        with meanwhile(lambda: services.revoke_app(by=by, app_id=installed.app.id)) as revoked:
            threading.Event().wait(A_MOMENT)
            go.set()
    assert answers[0].status_code == 200, answers[0].content
    assert not isinstance(revoked[0], Exception)
    services.install_app(by=by, app_id=installed.app.id)
    with pytest.raises(Unauthorized):
        auth.actor_of_token(answers[0].json()["access_token"])
    assert left() == [0, 0, 0]


def test_a_revocation_waits_for_a_token_from_the_settings_and_ends_it(
    ada: User, installed: RegisteredApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, app_id = ada.as_actor(), installed.app.id
    with (
        held(monkeypatch, services, "set_token_value") as (reached, go),
        meanwhile(lambda: services.issue_token(by=by, app_id=app_id)) as issued,
    ):
        assert reached.wait(timeout=60)
        with meanwhile(lambda: services.revoke_app(by=by, app_id=app_id)) as revoked:
            threading.Event().wait(A_MOMENT)
            go.set()
    assert not isinstance(revoked[0], Exception)
    assert issued[0].token
    assert left() == [0, 0, 0]


def test_a_code_of_a_consent_that_a_revocation_meets_ends_with_it(
    browser: Client, ada: User, installed: RegisteredApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, app_id = ada.as_actor(), installed.app.id
    with (
        held(monkeypatch, oauth.Validator, "save_authorization_code") as (reached, go),
        meanwhile(lambda: decide(browser, installed)) as agreed,
    ):
        assert reached.wait(timeout=60)
        with meanwhile(lambda: services.revoke_app(by=by, app_id=app_id)) as revoked:
            threading.Event().wait(A_MOMENT)
            go.set()
    assert not isinstance(revoked[0], Exception)
    code = code_of(agreed[0])
    services.install_app(by=by, app_id=app_id)
    assert exchange_code(installed, code).status_code == 400
    assert left() == [0, 0, 0]


@pytest.mark.parametrize("how", ["authorization_code", "refresh_token"])
def test_what_is_good_for_one_time_is_so_for_many_at_once(
    how: str, browser: Client, installed: RegisteredApp
) -> None:
    ask = asking(how, browser, installed)
    answers = together(*[ask] * 6)
    assert [one for one in answers if isinstance(one, Exception)] == []
    given = [one.json() for one in answers if one.status_code == 200]
    refused = [one.json()["error"] for one in answers if one.status_code != 200]
    assert len(given) == 1
    assert given[0]["access_token"]
    assert refused == ["invalid_grant"] * 5


def test_whoever_comes_together_leaves_nothing_that_opens_a_revoked_app(
    browser: Client, ada: User, installed: RegisteredApp
) -> None:
    by, app_id = ada.as_actor(), installed.app.id
    for _ in range(3):
        asks = [asking(how, browser, installed) for how in GRANTS for _ in range(2)]
        answers = together(*asks, lambda: services.revoke_app(by=by, app_id=app_id))
        assert [one for one in answers if isinstance(one, Exception)] == []
        assert left() == [0, 0, 0]
        services.install_app(by=by, app_id=app_id)


@pytest.mark.parametrize("end", ["all of them", "that one"])
def test_a_token_that_is_ended_while_it_is_refreshed_breaks_nothing(
    end: str, browser: Client, ada: User, installed: RegisteredApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = exchange_code(installed, code_of(decide(browser, installed))).json()
    by, refresh = ada.as_actor(), first["refresh_token"]
    with (
        held(monkeypatch, BearerToken, "create_token") as (reached, go),
        meanwhile(
            lambda: exchange(installed, grant_type="refresh_token", refresh_token=refresh)
        ) as answers,
    ):
        assert reached.wait(timeout=60)
        if end == "that one":
            ending.end_token(refresh)
        else:
            services.revoke_tokens(by=by, app_id=installed.app.id)
        go.set()
    assert (answers[0].status_code, answers[0].json()["error"]) == (400, "invalid_grant")
    assert left() == [0, 0, 0]

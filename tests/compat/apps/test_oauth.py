"""OAuth as the two platforms' clients speak it: who gets a token, and what becomes of one that is stolen."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from oauth2_provider.models import AccessToken, Grant, RefreshToken
from oauthlib.oauth2 import InvalidRequestError

from accounts.models import User
from compat.apps import auth, oauth, selectors, services
from compat.apps.snapshots import RegisteredApp
from placet.lib.errors import Unauthorized

pytestmark = pytest.mark.django_db
CALLBACK = "https://agent.example/callback"
AUTHORIZE, TOKEN, REVOKE = "/auth/o/authorize-app/", "/auth/o/token/", "/auth/o/revoke-token/"


@pytest.fixture
def made(ada: User) -> RegisteredApp:
    """Ada's app, which nobody has installed yet."""
    return services.register_app(
        by=ada.as_actor(), name="Weather bot", redirect_uris=[CALLBACK], told_in=()
    )


@pytest.fixture
def installed(ada: User, made: RegisteredApp) -> RegisteredApp:
    services.install_app(by=ada.as_actor(), app_id=made.app.id)
    return made


def asked(made: RegisteredApp, **more: str) -> dict[str, str]:
    return {
        "client_id": made.app.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "read write",
        **more,
    }


def decide(browser: Client, made: RegisteredApp, decision: str = "allow", **more: str) -> Any:
    return browser.post(AUTHORIZE, {"decision": decision}, query_params=asked(made, **more))


def code_of(answer: Any) -> str:
    assert answer.status_code == 302, answer.content
    code: str = parse_qs(urlsplit(answer["Location"]).query)["code"][0]
    return code


def exchange(made: RegisteredApp, **more: str) -> Any:
    credentials = {"client_id": made.app.client_id, "client_secret": made.client_secret}
    return Client().post(TOKEN, {**credentials, **more})


def exchange_code(made: RegisteredApp, code: str, **more: str) -> Any:
    return exchange(made, grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **more)


def bot_token(made: RegisteredApp, **more: str) -> Any:
    return exchange(made, grant_type="client_credentials", **more)


def test_looking_at_the_consent_page_changes_nothing(
    browser: Client, ada: User, made: RegisteredApp
) -> None:
    page = browser.get(AUTHORIZE, asked(made))
    assert page.status_code == 200
    assert b"Install Weather bot?" in page.content
    assert not selectors.app_for(ada.as_actor(), made.app.id).is_installed
    assert not Grant.objects.exists()


def test_what_has_no_effect_here_is_not_promised_on_the_consent_page(
    browser: Client, made: RegisteredApp
) -> None:
    real, idle = "agents.runs:write", "projects.work_items:write"
    text = browser.get(AUTHORIZE, asked(made, scope=f"{real} {idle}")).content.decode()
    assert text.count("<li>") == 1
    assert "<li>Begin runs of its own</li>" in text
    assert f"<code>{idle}</code>" in text.partition("without effect here")[2]
    text = browser.get(AUTHORIZE, asked(made, scope=real)).content.decode()
    assert "without effect" not in text
    text = browser.get(AUTHORIZE, asked(made, scope=idle)).content.decode()
    assert "It will be able to" not in text
    token = exchange_code(made, code_of(decide(browser, made, scope=idle))).json()
    assert token["scope"] == idle
    assert auth.actor_of_token(token["access_token"]).scopes == {idle}


def test_who_agrees_installs_it_and_its_code_is_worth_one_token_of_the_agent(
    browser: Client, ada: User, made: RegisteredApp
) -> None:
    code = code_of(decide(browser, made))
    token = exchange_code(made, code)
    assert token.status_code == 200, token.content
    actor = auth.actor_of_token(token.json()["access_token"])
    assert (actor.is_key, actor.bound_agent_id) == (True, made.app.agent.id)
    assert exchange_code(made, code).status_code == 400


def test_who_does_not_agree_installs_nothing(
    browser: Client, ada: User, made: RegisteredApp
) -> None:
    answer = decide(browser, made, "deny", state="mine")
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert (query["error"], query["state"]) == (["access_denied"], ["mine"])
    assert not selectors.app_for(ada.as_actor(), made.app.id).is_installed


def test_only_who_manages_the_agent_can_install_its_app(
    client: Client, bob: User, ada: User, made: RegisteredApp
) -> None:
    client.force_login(bob)
    for answer in (client.get(AUTHORIZE, asked(made)), decide(client, made)):
        assert answer.status_code == 404
        assert "Location" not in answer
    assert not selectors.app_for(ada.as_actor(), made.app.id).is_installed


def test_who_is_not_signed_in_is_asked_to_do_that_first(
    client: Client, made: RegisteredApp
) -> None:
    answer = client.get(AUTHORIZE, asked(made))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login")


def test_consent_needs_the_pages_own_form(ada: User, made: RegisteredApp) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert decide(strict, made).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": CALLBACK + "/../evil"},
        {"client_id": "nobody"},
    ],
)
def test_an_unknown_client_or_address_is_not_redirected_to(
    browser: Client, made: RegisteredApp, wrong: dict[str, str]
) -> None:
    for answer in (browser.get(AUTHORIZE, asked(made, **wrong)), decide(browser, made, **wrong)):
        assert answer.status_code == 400
        assert "Location" not in answer


@pytest.mark.parametrize("wrong", [{"response_type": "token"}, {"scope": "read admin"}])
def test_what_cannot_be_granted_is_told_to_the_client(
    browser: Client, made: RegisteredApp, wrong: dict[str, str]
) -> None:
    for answer in (browser.get(AUTHORIZE, asked(made, **wrong)), decide(browser, made, **wrong)):
        assert answer["Location"].startswith(CALLBACK)
        assert "error=" in answer["Location"]
        assert "code=" not in answer["Location"]


@pytest.mark.parametrize(
    "wrong",
    [{"scope": "root"}, {"response_type": "token"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_faulty_link_sends_nobody_on_who_could_not_have_agreed(
    client: Client, bob: User, made: RegisteredApp, wrong: dict[str, str]
) -> None:
    """Else anybody with an app of their own has an address of ours that leads wherever they like."""
    client.force_login(bob)
    answer = client.get(AUTHORIZE, asked(made, **wrong))
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_consent_within_narrow_scopes_narrows_every_token(
    browser: Client, installed: RegisteredApp
) -> None:
    broad = bot_token(installed, scope="read write").json()["access_token"]
    decide(browser, installed, scope="agents.runs:read")
    assert auth.actor_of_token(broad).scopes == {"agents.runs:read"}


CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        {"code_challenge": CHALLENGE},
        {"code_challenge": CHALLENGE, "code_challenge_method": "S512"},
        {"code_challenge": "x" * 129, "code_challenge_method": "S256"},
        {"code_challenge": "short", "code_challenge_method": "S256"},
        {"code_challenge": "", "code_challenge_method": "S256"},
    ],
    ids=["plain", "no method", "unknown method", "long", "short", "empty"],
)
def test_a_challenge_that_cannot_be_held_to_is_told_to_the_client_before_anybody_is_asked(
    browser: Client, ada: User, made: RegisteredApp, wrong: dict[str, str]
) -> None:
    wanted = asked(made, state="mine", **wrong)
    for answer in (browser.get(AUTHORIZE, wanted), decide(browser, made, state="mine", **wrong)):
        assert answer.status_code == 302, answer.content
        query = parse_qs(urlsplit(answer["Location"]).query)
        assert answer["Location"].startswith(CALLBACK)
        assert (query["error"], query["state"]) == (["invalid_request"], ["mine"])
        assert query["error_description"][0]
        assert query["iss"] == ["http://127.0.0.1:8000"]
    assert not selectors.app_for(ada.as_actor(), made.app.id).is_installed
    assert not Grant.objects.exists()


@pytest.mark.parametrize("resource", ["https://api.example/", "nonsense", ""])
def test_for_which_resource_a_token_is_makes_no_difference(
    browser: Client, made: RegisteredApp, resource: str
) -> None:
    code = code_of(decide(browser, made, resource=resource))
    assert exchange_code(made, code, resource=resource).status_code == 200


@pytest.mark.parametrize("path", [AUTHORIZE, "/oauth/authorize"])
def test_a_link_that_is_not_well_encoded_is_refused(
    browser: Client, made: RegisteredApp, path: str
) -> None:
    query = urlencode({**asked(made), "actor": "app"})
    for odd in ("&x=%zz", "&x=%", "&state=%ff"):
        for answer in (browser.get(f"{path}?{query}{odd}"), browser.post(f"{path}?{query}{odd}")):
            assert answer.status_code in (200, 302, 400), odd


@pytest.mark.parametrize("pair", [b"\0:\0", b"a%00:b", b"a:b%00", b"\xff:\xff", b"nothing"])
@pytest.mark.parametrize("path", [TOKEN, REVOKE, "/oauth/token"])
def test_credentials_that_nobody_can_have_are_refused(db: None, path: str, pair: bytes) -> None:
    basic = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    form = {"grant_type": "client_credentials", "token": "x"}
    answer = Client().post(path, form, headers=basic)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_what_a_client_may_do_instead_of_plain_is_said(
    browser: Client, made: RegisteredApp
) -> None:
    answer = browser.get(AUTHORIZE, asked(made, code_challenge=CHALLENGE))
    (said,) = parse_qs(urlsplit(answer["Location"]).query)["error_description"]
    assert said == "code_challenge_method must be S256; got plain"


def test_what_another_protocol_says_at_the_same_door_is_not_looked_at(
    browser: Client, made: RegisteredApp
) -> None:
    code = code_of(decide(browser, made, nonce="n" * 256, claims='{"id_token": null}', display="x"))
    assert exchange_code(made, code).status_code == 200


def test_an_app_is_not_installed_when_its_code_cannot_be_made(
    browser: Client, ada: User, made: RegisteredApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise InvalidRequestError("No code today.")

    monkeypatch.setattr(oauth.Validator, "save_authorization_code", fail)
    assert "No+code+today" in decide(browser, made)["Location"]
    assert not selectors.app_for(ada.as_actor(), made.app.id).is_installed


def test_a_challenge_is_held_to(browser: Client, made: RegisteredApp) -> None:
    verifier = "a-verifier-of-more-than-forty-three-characters-1234567890"
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    challenge = {
        "code_challenge": digest.decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    code = code_of(decide(browser, made, **challenge))
    assert exchange_code(made, code).status_code == 400
    code = code_of(decide(browser, made, **challenge))
    assert exchange_code(made, code, code_verifier=verifier).status_code == 200


def test_a_verifier_without_a_challenge_is_refused(browser: Client, made: RegisteredApp) -> None:
    """Who takes the challenge off a victim's request, to slip in a code of their own, gains nothing (RFC 9700, 4.8.2)."""
    code = code_of(decide(browser, made))
    verifier = "a-verifier-of-more-than-forty-three-characters-1234567890"
    refused = exchange_code(made, code, code_verifier=verifier)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert not AccessToken.objects.exists()


def test_a_code_is_for_the_client_and_the_address_it_was_asked_with(
    browser: Client, ada: User, made: RegisteredApp
) -> None:
    thief = services.register_app(by=ada.as_actor(), name="Thief", redirect_uris=[CALLBACK])
    services.install_app(by=ada.as_actor(), app_id=thief.app.id)
    code = code_of(decide(browser, made))
    assert exchange_code(thief, code).status_code == 400
    elsewhere = exchange(
        made, grant_type="authorization_code", code=code, redirect_uri="https://else.example/"
    )
    assert elsewhere.status_code == 400


def test_a_refresh_token_that_is_used_twice_ends_what_came_of_it(
    browser: Client, made: RegisteredApp
) -> None:
    first = exchange_code(made, code_of(decide(browser, made))).json()
    second = exchange(made, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert second.status_code == 200, second.content
    fresh = second.json()["access_token"]
    auth.actor_of_token(fresh)
    again = exchange(made, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again.status_code == 400
    with pytest.raises(Unauthorized):
        auth.actor_of_token(fresh)


def test_no_token_can_be_read_from_the_database(browser: Client, made: RegisteredApp) -> None:
    exchange_code(made, code_of(decide(browser, made)))
    for model in (AccessToken, RefreshToken):
        assert [row.token for row in model.objects.all()] == [""]


def test_an_app_that_nobody_installed_gets_no_token(made: RegisteredApp) -> None:
    assert bot_token(made).status_code == 400


@pytest.mark.parametrize(
    "grant", ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code"]
)
def test_other_grants_are_refused(installed: RegisteredApp, grant: str) -> None:
    answer = exchange(installed, grant_type=grant, username="ada", password="x")
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()


def test_the_secret_may_come_as_basic_in_a_form_or_in_json(installed: RegisteredApp) -> None:
    pair = f"{installed.app.client_id}:{installed.client_secret}".encode()
    basic = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    grant = {"grant_type": "client_credentials"}
    inside = {"client_id": installed.app.client_id, "client_secret": installed.client_secret}
    answers = [
        Client().post(TOKEN, grant, headers=basic),
        Client().post(TOKEN, {**grant, **inside}),
        Client().post(TOKEN, {**grant, **inside}, content_type="application/json"),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.content
        auth.actor_of_token(answer.json()["access_token"])
        assert answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "body", ["", "[]", "nonsense", '{"grant_type": "client_credentials", "client_id": "\\u0000"}']
)
def test_nonsense_is_refused_and_breaks_nothing(db: None, body: str) -> None:
    for path in (TOKEN, REVOKE):
        answer = Client().post(path, body, content_type="application/json")
        assert answer.status_code in (400, 401)
        assert answer.json()["message"]


def test_nobody_ends_another_clients_token(ada: User, installed: RegisteredApp) -> None:
    token = bot_token(installed).json()["access_token"]
    thief = services.register_app(by=ada.as_actor(), name="Thief")
    services.install_app(by=ada.as_actor(), app_id=thief.app.id)
    wrong = {"client_id": thief.app.client_id, "client_secret": thief.client_secret}
    Client().post(REVOKE, {**wrong, "token": token})
    auth.actor_of_token(token)
    right = {"client_id": installed.app.client_id, "client_secret": installed.client_secret}
    assert Client().post(REVOKE, {**right, "token": token}).status_code == 200
    with pytest.raises(Unauthorized):
        auth.actor_of_token(token)


def test_a_token_opens_no_door_of_ours(installed: RegisteredApp) -> None:
    token = bot_token(installed).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("/api/v1/messages", "/api/v1/agents", "/api/v1/runs", "/api/runs", "/api/me"):
        assert Client().get(path, headers=headers).status_code in (401, 403, 404)

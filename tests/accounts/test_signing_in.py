"""Signing in and out by the page: fixation, throttling, and what a stranger may learn (nothing)."""

from typing import Any

import pytest
from django.conf import settings as live_settings
from django.contrib.auth import hashers
from django.contrib.auth.models import AnonymousUser
from django.test import Client, override_settings

from accounts import selectors
from accounts.models import Session, User
from accounts.services import signing_in
from accounts.sessions import session_hash
from placet.events.models import EventRow
from placet.lib.errors import Unauthorized
from tests.cast import PASSWORD, make_user

COOKIE = live_settings.SESSION_COOKIE_NAME


def enter(
    client: Client, email: str = "ada@example.org", password: str = PASSWORD, **more: Any
) -> Any:
    return client.post("/login/", {"email": email, "password": password, **more})


def is_in(client: Client) -> bool:
    return client.get("/api/auth/me").status_code == 200


@pytest.mark.django_db
def test_a_person_signs_in_whatever_the_case_of_the_address(ada: User, client: Client):
    answer = enter(client, "ADA@Example.org ")
    assert (answer.status_code, answer.url) == (302, "/inbox/")
    assert is_in(client)


@pytest.mark.django_db
def test_the_session_knows_its_person_device_and_address(ada: User, client: Client):
    client.post(
        "/login/",
        {"email": "ada@example.org", "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Firefox/128.0"},
    )
    [session] = selectors.sessions_of(ada.as_actor(), client.cookies[COOKIE].value)
    assert (session.device, session.address, session.is_current) == (
        "Firefox on macOS",
        "127.0.0.1",
        True,
    )


@pytest.mark.django_db
def test_a_planted_session_key_does_not_become_hers(ada: User, client: Client):
    planted = client.session
    planted["colour"] = "red"
    planted.save()
    client.cookies[COOKIE] = str(planted.session_key)
    enter(client)
    assert client.cookies[COOKIE].value != planted.session_key
    assert not is_in(_with_cookie(str(planted.session_key)))
    assert "colour" not in client.session


@pytest.mark.django_db
def test_signing_in_again_rotates_the_key_and_ends_the_old_session(browser: Client, ada: User):
    before = browser.cookies[COOKIE].value
    enter(browser)
    assert browser.cookies[COOKIE].value != before
    assert not is_in(_with_cookie(before))


@pytest.mark.django_db
def test_signing_out_ends_the_session_on_the_server(browser: Client, ada: User):
    key = browser.cookies[COOKIE].value
    assert browser.post("/logout/").headers["Location"] == "/login/"
    assert not is_in(_with_cookie(key))
    event = EventRow.objects.get(type="session:ended")
    assert (event.user_id, event.data["session"]) == (ada.pk, session_hash(key))
    assert selectors.live_sessions({session_hash(key)}) == set()


@pytest.mark.django_db
def test_signing_out_is_no_link(browser: Client):
    assert browser.get("/logout/").status_code == 405
    assert is_in(browser)


@pytest.mark.django_db
def test_a_copy_of_the_session_table_signs_nobody_in(browser: Client):
    for stored in Session.objects.values_list("session_key", flat=True):
        assert not is_in(_with_cookie(stored))


@pytest.mark.django_db
def test_stranger_wrong_password_and_closed_account_get_the_same_answer(ada: User, client: Client):
    closed = make_user("Closed")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    answers = [
        enter(client, email, password)
        for email, password in [
            ("nobody@example.org", PASSWORD),
            ("ada@example.org", "wrong horse"),
            ("closed@example.org", PASSWORD),
            ("ada@example.org", "x" * 5000),
            ("", ""),
        ]
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {str(answer.context["refusal"]) for answer in answers} == {
        "E-mail or password is not right."
    }


@pytest.mark.django_db
def test_a_stranger_costs_as_much_hashing_as_a_person(
    ada: User, client: Client, monkeypatch: pytest.MonkeyPatch
):
    hashed: list[str] = []
    real = hashers.MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return real(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)
    enter(client, "ada@example.org", "wrong horse")
    for_ada = len(hashed)
    enter(client, "nobody@example.org", "wrong horse")
    assert len(hashed) - for_ada == for_ada == 1


@pytest.mark.django_db
def test_who_guesses_from_one_place_is_throttled_and_shuts_nobody_out(ada: User):
    codes = [enter(Client(), password="wrong horse").status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    late = enter(Client())
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) > 0
    assert enter(Client(REMOTE_ADDR="192.0.2.99")).status_code == 302


@pytest.mark.django_db
@override_settings(PLACET_RATE_SIGN_IN_EVERYWHERE="4/hour")
def test_an_account_is_throttled_from_wherever_it_is_tried(ada: User):
    codes = [
        enter(Client(REMOTE_ADDR=f"192.0.2.{n}"), password="wrong horse").status_code
        for n in range(6)
    ]
    assert codes == [401] * 4 + [429] * 2


@pytest.mark.django_db
def test_an_ipv6_network_is_one_place(ada: User):
    codes = [
        enter(Client(REMOTE_ADDR=f"2001:db8::{n}"), password="wrong horse").status_code
        for n in range(11)
    ]
    assert codes == [401] * 10 + [429]


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"password": "another"}, {"is_active": False}])
def test_a_sign_in_that_is_overtaken_by_the_end_of_its_password_leaves_no_session(
    ada: User, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    def meanwhile(**_: Any) -> None:
        User.objects.filter(pk=ada.pk).update(**change)

    monkeypatch.setattr(signing_in, "sign_out", meanwhile)
    assert enter(Client()).status_code == 401
    assert not Session.objects.filter(user=ada).exists()


@pytest.mark.django_db
@override_settings(PLACET_RATE_SIGN_IN_PER_ADDRESS="5/minute")
def test_an_address_is_throttled_whatever_account_it_tries(ada: User, client: Client):
    codes = [enter(client, f"p{n}@example.org").status_code for n in range(6)]
    assert codes == [401] * 5 + [429]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "goal",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "inbox"],
)
def test_next_never_leads_off_the_site(ada: User, client: Client, goal: str):
    assert enter(client, next=goal).url == "/inbox/"


@pytest.mark.django_db
def test_next_leads_back_to_where_one_was_going(ada: User, client: Client):
    page = client.get("/settings/keys/")
    assert page.headers["Location"] == "/login/?next=/settings/keys/"
    assert enter(client, next="/settings/keys/").url == "/settings/keys/"


@pytest.mark.django_db
def test_who_is_in_does_not_see_the_form_again(browser: Client):
    assert browser.get("/login/?next=/chats/").headers["Location"] == "/chats/"


@pytest.mark.django_db
def test_choosing_a_password_explains_what_is_wrong_with_it(browser: Client):
    for current, new, status, says in (
        ("wrong horse", "another horse battery", 401, "not right"),
        (PASSWORD, "s7x!", 400, "too short"),
    ):
        answer = browser.post("/password/", {"currentPassword": current, "newPassword": new})
        assert answer.status_code == status
        assert says in answer.content.decode()


def test_nobody_is_no_actor():
    with pytest.raises(Unauthorized):
        selectors.actor_of(AnonymousUser())


@pytest.mark.django_db
def test_the_form_needs_its_token(ada: User):
    strict = Client(enforce_csrf_checks=True)
    assert enter(strict).status_code == 403
    assert strict.post("/logout/").status_code == 403


@pytest.mark.django_db
def test_cookies_are_for_http_and_for_this_site_only(ada: User, client: Client):
    enter(client)
    morsel = client.cookies[COOKIE]
    assert (morsel["httponly"], morsel["samesite"]) == (True, "Lax")


def test_argon2_is_what_ships():
    from placet import settings

    assert settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    assert hashers.Argon2PasswordHasher().encode("x", "saltsaltsalt").startswith("argon2$argon2id$")


def _with_cookie(key: str) -> Client:
    client = Client()
    client.cookies[COOKIE] = key
    return client

"""Sessions: two limits, seen and ended by their person, and gone with the password that opened them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.conf import settings as live_settings
from django.test import Client

from accounts import selectors
from accounts.models import Session, User
from accounts.services import sessions, signing_in
from accounts.sessions import SessionStore, session_hash
from accounts.tasks import forget_expired_sessions
from placet.events.models import EventRow
from placet.lib.clock import now
from placet.lib.errors import NotFound, Unauthorized
from tests.cast import PASSWORD

COOKIE = live_settings.SESSION_COOKIE_NAME


def signed_in(email: str = "ada@example.org", password: str = PASSWORD) -> Client:
    client = Client()
    assert client.post("/login/", {"email": email, "password": password}).status_code == 302
    return client


def key_of(client: Client) -> str:
    return client.cookies[COOKIE].value


def is_in(client: Client) -> bool:
    return client.get("/api/auth/me").status_code == 200


@pytest.mark.django_db
def test_an_idle_session_ends(ada: User, settings: Any):
    with time_machine.travel(now(), tick=False) as clock:
        client = signed_in()
        clock.shift(settings.SESSION_COOKIE_AGE + 1)
        assert not is_in(client)
        assert selectors.live_sessions({session_hash(key_of(client))}) == set()
        assert selectors.actor_of_session(key_of(client)) is None


@pytest.mark.django_db
def test_a_session_in_use_stays_until_its_absolute_limit(ada: User, settings: Any):
    settings.PLACET_SESSION_ABSOLUTE_SECONDS = 3 * settings.SESSION_COOKIE_AGE
    with time_machine.travel(now(), tick=False) as clock:
        client = signed_in()
        for _ in range(4):
            clock.shift(int(0.7 * settings.SESSION_COOKIE_AGE))
            assert is_in(client)
        clock.shift(int(0.3 * settings.SESSION_COOKIE_AGE))
        assert not is_in(client)


@pytest.mark.django_db
def test_a_shortened_absolute_limit_bites_sessions_that_are_already_open(ada: User, settings: Any):
    client = signed_in()
    settings.PLACET_SESSION_ABSOLUTE_SECONDS = 0
    assert not is_in(client)
    assert not Session.objects.exists()
    assert EventRow.objects.filter(type="session:ended").count() == 1


@pytest.mark.django_db
def test_being_seen_is_written_at_most_every_five_minutes(ada: User):
    with time_machine.travel(now(), tick=False) as clock:
        client = signed_in()
        born = Session.objects.get().seen_at
        clock.shift(200)
        client.get("/api/auth/me")
        assert Session.objects.get().seen_at == born
        clock.shift(200)
        client.get("/api/auth/me")
        assert Session.objects.get().seen_at == born + timedelta(seconds=400)
        assert Session.objects.get().created_at == born


@pytest.mark.django_db
def test_lapsed_sessions_are_swept_out_and_open_ones_stay(ada: User, bob: User, settings: Any):
    with time_machine.travel(now(), tick=False) as clock:
        signed_in()
        clock.shift(settings.SESSION_COOKIE_AGE - 60)
        signed_in("bob@example.org")
        clock.shift(120)
        assert forget_expired_sessions() == 1
    assert [session.user for session in Session.objects.select_related("user")] == [bob]


@pytest.mark.django_db
def test_a_person_ends_one_of_her_sessions(ada: User):
    laptop, phone = signed_in(), signed_in()
    lost = session_hash(key_of(phone))
    sessions.end_session(by=ada.as_actor(), session_id=lost)
    assert (is_in(laptop), is_in(phone)) == (True, False)
    assert EventRow.objects.get(type="session:ended").data["session"] == lost


@pytest.mark.django_db
def test_a_strangers_session_and_no_session_look_the_same(ada: User, bob: User):
    hers = session_hash(key_of(signed_in()))
    for session_id in (hers, "0" * 64):
        with pytest.raises(NotFound):
            sessions.end_session(by=bob.as_actor(), session_id=session_id)
    assert Session.objects.count() == 1


@pytest.mark.django_db
def test_an_owner_of_the_workspace_may_end_anybodys_session(ada: User, olga: User):
    hers = signed_in()
    sessions.end_session(by=olga.as_actor(), session_id=session_hash(key_of(hers)))
    assert not is_in(hers)


@pytest.mark.django_db
def test_ending_all_others_spares_this_one_and_other_people(ada: User, bob: User):
    here, there, bobs = signed_in(), signed_in(), signed_in("bob@example.org")
    ended = sessions.end_other_sessions(by=ada.as_actor(), current_key=key_of(here))
    assert ended == 1
    assert [is_in(client) for client in (here, there, bobs)] == [True, False, True]


@pytest.mark.django_db
def test_a_new_password_ends_every_other_session_and_renews_this_one(ada: User):
    here, there = signed_in(), signed_in()
    before = key_of(here)
    answer = here.post(
        "/password/", {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    )
    assert answer.headers["Location"] == "/settings/profile/"
    assert (is_in(here), is_in(there)) == (True, False)
    assert key_of(here) != before
    signed_in(password="another horse battery")
    event = EventRow.objects.get(type="session:ended")
    assert (event.user_id, "session" in event.data) == (ada.pk, False)


@pytest.mark.django_db
def test_a_closed_account_is_out_at_once(ada: User):
    client = signed_in()
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert not is_in(client)
    assert selectors.actor_of_session(key_of(client)) is None


@pytest.mark.django_db
def test_a_socket_is_let_in_by_its_session_but_not_with_a_temporary_password(ada: User):
    client = signed_in()
    assert selectors.actor_of_session(key_of(client)) == ada.as_actor()
    User.objects.filter(pk=ada.pk).update(must_change_password=True)
    assert selectors.actor_of_session(key_of(client)) is None
    assert selectors.actor_of_session(None) is None


@pytest.mark.django_db
def test_a_ticket_opens_a_socket_for_half_a_minute_and_dies_with_its_session(ada: User):
    with time_machine.travel(now(), tick=False) as clock:
        client = signed_in()
        ticket = client.post("/api/auth/ws-ticket").json()["ticket"]
        assert signing_in.redeem_ticket(ticket=ticket) == (
            ada.as_actor(),
            session_hash(key_of(client)),
        )
        clock.shift(31)
        with pytest.raises(Unauthorized):
            signing_in.redeem_ticket(ticket=ticket)
        fresh = client.post("/api/auth/ws-ticket").json()["ticket"]
        User.objects.filter(pk=ada.pk).update(must_change_password=True)
        with pytest.raises(Unauthorized):
            signing_in.redeem_ticket(ticket=fresh)
        User.objects.filter(pk=ada.pk).update(must_change_password=False)
        client.post("/logout/")
        for dead in (fresh, fresh[:-1], "", "nonsense"):
            with pytest.raises(Unauthorized):
                signing_in.redeem_ticket(ticket=dead)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "Unknown browser"),
    ],
)
def test_a_person_recognises_the_device(ada: User, agent: str, device: str):
    Client().post(
        "/login/",
        {"email": "ada@example.org", "password": PASSWORD},
        headers={"User-Agent": agent},
    )
    assert selectors.sessions_of(ada.as_actor())[0].device == device


@pytest.mark.django_db
def test_the_async_twins_find_the_same_session():
    async def visit() -> tuple[Any, bool, bool]:
        store = SessionStore()
        await store.aset("colour", "red")
        await store.asave()
        again = SessionStore(store.session_key)
        colour = await again.aget("colour")
        before = await again.aexists(str(store.session_key))
        await again.adelete()
        return colour, before, await again.aexists(str(store.session_key))

    assert async_to_sync(visit)() == ("red", True, False)


@pytest.mark.django_db
def test_who_chose_a_first_password_comes_to_the_inbox(ada: User):
    client = signed_in()
    User.objects.filter(pk=ada.pk).update(must_change_password=True)
    data = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    assert client.post("/password/", data).headers["Location"] == "/inbox/"

"""The first minutes: a link, one owner, no default password."""

import threading
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User, Workspace
from accounts.services import setup
from placet.events.models import EventRow
from placet.lib.errors import Invalid, NotFound

ADA = {"email": "ada@example.org", "password": "correct horse battery", "display_name": "Ada"}


def token() -> str:
    link = setup.setup_link()
    assert link
    return link.rstrip("/").rpartition("/")[2]


@pytest.mark.django_db
def test_the_link_makes_the_first_owner_with_a_workspace():
    person = setup.create_owner(token=token(), workspace_name="Analytical Engines", **ADA)
    assert (person.role, person.must_change_password) == ("owner", False)
    assert User.objects.get().check_password(ADA["password"])
    assert Workspace.objects.get().slug == "analytical-engines"
    assert list(EventRow.objects.values_list("type", "actor")) == [
        ("user:created", f"human:{person.id}")
    ]


@pytest.mark.django_db
def test_there_is_no_link_once_anyone_exists(ada: User):
    assert setup.setup_link() is None


@pytest.mark.django_db
def test_the_link_is_dead_after_use():
    used = token()
    setup.create_owner(token=used, **ADA)
    with pytest.raises(setup.AlreadySetUp):
        setup.create_owner(token=used, email="eve@example.org", password=ADA["password"])
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("forged", ["", "owner", "Im93bmVyIg:1xVPhj:AAAA", "a" * 500])
def test_a_link_we_did_not_sign_is_not_found(forged: str):
    with pytest.raises(NotFound):
        setup.create_owner(token=forged, **ADA)


@pytest.mark.django_db
def test_a_link_is_good_for_a_day():
    with time_machine.travel("2026-01-01 12:00Z", tick=False) as clock:
        old = token()
        clock.move_to("2026-01-02 12:00:01Z")
        with pytest.raises(NotFound):
            setup.check_setup_token(old)


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["", "s7x!q", "12345678901", "password123", "x" * 257])
def test_a_weak_password_is_refused_and_nothing_is_left_behind(password: str):
    with pytest.raises(Invalid) as refusal:
        setup.create_owner(token=token(), email="ada@example.org", password=password)
    assert refusal.value.errors[0].path == "password"
    assert not password or password not in refusal.value.errors[0].message
    assert not User.objects.exists()
    assert not Workspace.objects.exists()


@pytest.mark.django_db
def test_nobody_exists_and_nothing_is_made_without_the_two_settings():
    assert setup.ensure_owner_from_settings() is None
    assert not User.objects.exists()


@pytest.mark.django_db
def test_scripts_make_the_owner_from_settings_once(settings: Any):
    settings.PLACET_OWNER_EMAIL = "ada.lovelace@example.org"
    settings.PLACET_OWNER_PASSWORD = "correct horse battery"
    person = setup.ensure_owner_from_settings()
    assert person
    assert (person.display_name, person.role) == ("Ada Lovelace", "owner")
    assert setup.ensure_owner_from_settings() is None


@pytest.mark.django_db
def test_a_weak_password_in_the_settings_refuses_to_start(settings: Any):
    settings.PLACET_OWNER_EMAIL = "ada@example.org"
    settings.PLACET_OWNER_PASSWORD = "admin"
    with pytest.raises(ImproperlyConfigured, match="PLACET_OWNER_PASSWORD"):
        setup.ensure_owner_from_settings()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_losing_the_race_at_start_is_no_error(settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.PLACET_OWNER_EMAIL, settings.PLACET_OWNER_PASSWORD = ADA["email"], ADA["password"]
    Workspace.objects.create(pk=Workspace.ONLY)
    monkeypatch.setattr(setup, "is_set_up", lambda: False)
    assert setup.ensure_owner_from_settings() is None


@pytest.mark.django_db
def test_the_command_prints_the_link_and_then_refuses(capsys: pytest.CaptureFixture[str]):
    call_command("setup_link")
    assert "/setup/" in capsys.readouterr().out
    setup.create_owner(token=token(), **ADA)
    with pytest.raises(CommandError):
        call_command("setup_link")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_people_setting_up_at_once_exactly_one_wins():
    link, barrier, ends = token(), threading.Barrier(6), []

    def set_up(n: int) -> None:
        barrier.wait()
        try:
            setup.create_owner(token=link, email=f"p{n}@example.org", password=ADA["password"])
            ends.append("won")
        except setup.AlreadySetUp:
            ends.append("lost")
        finally:
            connection.close()

    threads = [threading.Thread(target=set_up, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["lost"] * 5 + ["won"]
    assert User.objects.count() == Workspace.objects.count() == 1

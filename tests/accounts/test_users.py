"""People, as their owners manage them, and as each manages her own profile."""

import threading
from typing import Any

import pytest
from django.db import connection

from accounts import selectors
from accounts.models import Role, Session, User
from accounts.services import setup, users
from placet.events.models import EventRow
from placet.lib.actors import SYSTEM, Actor
from placet.lib.errors import Forbidden, Invalid, NotFound
from tests.cast import PASSWORD, Robot, make_user

GRACE: dict[str, Any] = {"email": "grace@example.org", "password": "temporary horse"}


@pytest.mark.django_db
def test_an_owner_adds_a_person_who_must_choose_a_password(olga: User):
    person = users.create_user(by=olga.as_actor(), **GRACE)
    assert (person.display_name, person.role, person.must_change_password) == (
        "Grace",
        "member",
        True,
    )
    event = EventRow.objects.get(type="user:created")
    assert (event.user_id, event.actor) == (person.id, f"human:{olga.pk}")


@pytest.mark.django_db
def test_an_address_is_taken_in_any_case(olga: User, ada: User):
    with pytest.raises(users.EmailTaken):
        users.create_user(by=olga.as_actor(), email="ADA@example.org", password=PASSWORD)
    with pytest.raises(users.EmailTaken):
        users.update_user(by=olga.as_actor(), user_id=olga.pk, changes={"email": "Ada@Example.org"})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"email": "grace"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "g" * 250 + "@example.org"}, "email"),
        ({"email": "grace\0@example.org"}, "email"),
        ({"password": "short"}, "password"),
        ({"role": "emperor"}, "role"),
        ({"display_name": "G" * 101}, "displayName"),
    ],
)
def test_a_person_must_make_sense(olga: User, fields: dict[str, Any], path: str):
    with pytest.raises(Invalid) as refusal:
        users.create_user(by=olga.as_actor(), **{**GRACE, **fields})
    assert [error.path for error in refusal.value.errors] == [path]
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_members_and_keys_manage_nobody(ada: User, bob: User, robot: Robot):
    for by in (ada.as_actor(), robot.actor, Actor(kind="key", user_id=ada.pk, is_owner=True)):
        with pytest.raises(Forbidden):
            users.create_user(by=by, **GRACE)
        with pytest.raises(Forbidden):
            users.update_user(by=by, user_id=ada.pk, changes={"role": "owner"})
        with pytest.raises(Forbidden):
            users.delete_user(by=by, user_id=bob.pk)
    assert User.objects.owners().count() == 0


@pytest.mark.django_db
def test_who_may_read_whom(ada: User, bob: User, olga: User, robot: Robot):
    assert selectors.user_for(ada.as_actor(), ada.pk).email == "ada@example.org"
    assert selectors.user_for(olga.as_actor(), bob.pk).email == "bob@example.org"
    for user_id in (bob.pk, "nonsense", None):
        with pytest.raises(NotFound):
            selectors.user_for(ada.as_actor(), user_id)
    with pytest.raises(Forbidden):
        selectors.users_for(ada.as_actor())
    assert len(selectors.users_for(olga.as_actor())) == 3
    assert [person.display_name for person in selectors.colleagues_of(ada.as_actor())] == [
        "Ada",
        "Bob",
        "Olga",
    ]
    with pytest.raises(Forbidden):
        selectors.colleagues_of(robot.actor)


@pytest.mark.django_db
def test_changes_leave_the_rest_alone(olga: User, ada: User):
    changed = users.update_user(
        by=olga.as_actor(), user_id=ada.pk, changes={"display_name": "  Ada   Lovelace "}
    )
    assert (changed.display_name, changed.email, changed.role) == (
        "Ada Lovelace",
        "ada@example.org",
        "member",
    )
    assert EventRow.objects.get(type="user:updated").user_id == ada.pk


@pytest.mark.django_db
def test_an_owners_own_password_needs_the_current_one_beside_it(olga: User):
    with pytest.raises(Invalid) as refusal:
        users.update_user(by=olga.as_actor(), user_id=olga.pk, changes={"password": "taken over"})
    assert [error.path for error in refusal.value.errors] == ["password"]
    olga.refresh_from_db()
    assert olga.check_password(PASSWORD)


def test_a_reset_password_is_temporary_and_ends_the_sessions(olga: User, ada: User, client: Any):
    client.force_login(ada)
    users.update_user(by=olga.as_actor(), user_id=ada.pk, changes={"password": "temporary horse"})
    ada.refresh_from_db()
    assert (ada.must_change_password, ada.check_password("temporary horse")) == (True, True)
    assert not Session.objects.filter(user=ada).exists()


@pytest.mark.django_db
def test_closing_an_account_ends_its_sessions_and_keys(
    olga: User, ada: User, robot: Robot, client: Any
):
    client.force_login(ada)
    users.update_user(by=olga.as_actor(), user_id=ada.pk, changes={"is_active": False})
    assert not Session.objects.filter(user=ada).exists()
    assert client.get("/api/auth/me").status_code == 401
    assert client.get("/api/v1/agents", headers=robot.headers).status_code == 401


@pytest.mark.django_db
def test_the_last_owner_stays_one(olga: User, ada: User):
    for changes in ({"role": "member"}, {"is_active": False}):
        with pytest.raises(users.LastOwner):
            users.update_user(by=olga.as_actor(), user_id=olga.pk, changes=changes)
    with pytest.raises(users.LastOwner):
        users.delete_user(by=SYSTEM, user_id=olga.pk)
    users.update_user(by=olga.as_actor(), user_id=ada.pk, changes={"role": "owner"})
    users.update_user(by=olga.as_actor(), user_id=olga.pk, changes={"role": "member"})
    assert [owner.email for owner in User.objects.owners()] == ["ada@example.org"]


@pytest.mark.django_db
def test_a_deleted_person_takes_her_agents_along(olga: User, ada: User, robot: Robot, client: Any):
    users.delete_user(by=olga.as_actor(), user_id=ada.pk)
    assert EventRow.objects.get(type="user:deleted").user_id == ada.pk
    assert client.get("/api/v1/agents", headers=robot.headers).status_code == 401
    with pytest.raises(NotFound):
        users.delete_user(by=olga.as_actor(), user_id=ada.pk)


@pytest.mark.django_db
def test_nobody_deletes_herself(olga: User):
    make_user("Second", role=Role.OWNER)
    with pytest.raises(Forbidden):
        users.delete_user(by=olga.as_actor(), user_id=olga.pk)


@pytest.mark.django_db
def test_a_person_changes_her_own_profile_and_no_more(ada: User):
    changed = users.update_profile(
        by=ada.as_actor(),
        changes={"display_name": "Countess", "theme": "dark", "shortcuts": False, "role": "owner"},
    )
    assert (changed.display_name, changed.theme, changed.shortcuts, changed.role) == (
        "Countess",
        "dark",
        False,
        "member",
    )
    for changes in ({"theme": "pink"}, {"display_name": " "}):
        with pytest.raises(Invalid):
            users.update_profile(by=ada.as_actor(), changes=changes)
    with pytest.raises(Forbidden):
        users.update_profile(by=SYSTEM, changes={})


@pytest.mark.django_db
def test_the_manager_of_people_spells_them_for_commands(ada: User):
    assert selectors.user_id_of(" ADA@example.org") == ada.pk
    with pytest.raises(NotFound):
        selectors.user_id_of("nobody@example.org")
    assert selectors.existing_ids([ada.pk]) == {ada.pk}
    assert selectors.sees_everything(ada.pk) is False
    assert selectors.workspace_name() == "Placet"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_at_once_leave_one(client: Any):
    link = setup.setup_link()
    assert link
    setup.create_owner(token=link.rstrip("/").rpartition("/")[2], **GRACE)
    grace = User.objects.get()
    olga = make_user("Olga", role=Role.OWNER)
    barrier = threading.Barrier(2)

    def demote(by: User, whom: User) -> None:
        barrier.wait()
        try:
            users.update_user(by=by.as_actor(), user_id=whom.pk, changes={"role": "member"})
        except users.LastOwner:
            pass
        finally:
            connection.close()

    threads = [
        threading.Thread(target=demote, args=pair) for pair in ((grace, olga), (olga, grace))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.owners().count() == 1

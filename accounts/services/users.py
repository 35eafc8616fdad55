"""Changes to people: by an owner, and by oneself to one's own profile."""

from typing import Any

from django.db import IntegrityError, transaction

from accounts.cleaning import clean_email, clean_name, clean_password, name_from
from accounts.models import Role, Session, Theme, User, Workspace
from accounts.snapshots import UserSnapshot
from placet.events import catalogue
from placet.events.outbox import record
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Conflict, Forbidden, Invalid, NotFound
from placet.lib.ids import id_or_nil


class EmailTaken(Conflict):
    code = "email_taken"


class LastOwner(Conflict):
    code = "last_owner"


@transaction.atomic
def create_user(
    *,
    by: Actor,
    email: str,
    password: str,
    display_name: str = "",
    role: str = Role.MEMBER,
    must_change: bool = True,
) -> UserSnapshot:
    """Add a person with a temporary password, which they must change before anything else. Owners only."""
    _owners_only(by)
    email = clean_email(email)
    row = User(email=email, role=_clean_role(role), must_change_password=must_change)
    row.display_name = clean_name(display_name, fallback=name_from(email))
    row.set_password(clean_password(password, user=row))
    _write(row)
    record(catalogue.UserCreated(user_id=row.pk), by=by)
    return UserSnapshot.of(row)


@transaction.atomic
def update_user(*, by: Actor, user_id: object, changes: dict[str, Any]) -> UserSnapshot:
    """Change some of email, display_name, role, is_active, password. The last owner stays one. Owners only.

    A new password is a temporary one, and somebody else's: a session left open must not be enough to take an account over.
    It, and closing the account, end the person's sessions.
    """
    _owners_only(by)
    row = _row_for_update(user_id)
    if "password" in changes and row.pk == by.user_id:
        raise Invalid.field("password", "your own is changed with the current one beside it")
    cleaned = _clean_changes(row, changes)
    if cleaned.get("role", row.role) != Role.OWNER or not cleaned.get("is_active", True):
        _refuse_last_owner(row)
    for name, value in cleaned.items():
        setattr(row, name, value)
    row.updated_at = now()
    _write(row, update_fields=[*cleaned, "updated_at"])
    if "password" in cleaned or not row.is_active:
        _end_sessions(row, by)
    record(catalogue.UserUpdated(user_id=row.pk), by=by)
    return UserSnapshot.of(row)


@transaction.atomic
def delete_user(*, by: Actor, user_id: object) -> None:
    """Remove a person and their keys; their agents become the remover's. Owners only; never oneself."""
    _owners_only(by)
    row = _row_for_update(user_id)
    if row.pk == by.user_id:
        raise Forbidden("You cannot delete yourself.")
    _refuse_last_owner(row)
    _end_sessions(row, by)
    # Recorded first: beside it the floors above hand over what the person owned, before the row is gone.
    record(catalogue.UserDeleted(user_id=row.pk, heir_id=by.person_id), by=by)
    row.delete()


@transaction.atomic
def update_profile(*, by: Actor, changes: dict[str, Any]) -> UserSnapshot:
    """Change some of one's own display_name, theme, shortcuts; what is not named stays as it is."""
    row = User.objects.filter(pk=id_or_nil(by.user_id)).first() if by.is_human else None
    if row is None:
        raise Forbidden("Only a person has a profile.")
    cleaned: dict[str, Any] = {}
    if "display_name" in changes:
        cleaned["display_name"] = clean_name(changes["display_name"])
    if "theme" in changes:
        cleaned["theme"] = _clean_choice("theme", changes["theme"], Theme.values)
    if "shortcuts" in changes:
        cleaned["shortcuts"] = bool(changes["shortcuts"])
    for name, value in {**cleaned, "updated_at": now()}.items():
        setattr(row, name, value)
    row.save(update_fields=[*cleaned, "updated_at"])
    record(catalogue.UserUpdated(user_id=row.pk), by=by)
    return UserSnapshot.of(row)


def _clean_changes(row: User, changes: dict[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    if "email" in changes:
        cleaned["email"] = clean_email(changes["email"])
    if "display_name" in changes:
        cleaned["display_name"] = clean_name(changes["display_name"])
    if "role" in changes:
        cleaned["role"] = _clean_role(changes["role"])
    if "is_active" in changes:
        cleaned["is_active"] = bool(changes["is_active"])
    if "password" in changes:
        row.set_password(clean_password(changes["password"], user=row))
        cleaned |= {"password": row.password, "must_change_password": True}
    return cleaned


def _clean_role(role: object) -> str:
    return _clean_choice("role", role, Role.values)


def _clean_choice(path: str, value: object, choices: list[str]) -> str:
    if value not in choices:
        raise Invalid.field(path, f'must be one of {", ".join(choices)}; got "{str(value)[:80]}"')
    return str(value)


def _row_for_update(user_id: object) -> User:
    # A row lock, not compare-and-set: "at least one owner is left" is a rule over several rows, and two owners who
    # demote each other at once would each see the other still there. The workspace row stands for all of them.
    list(Workspace.objects.select_for_update())
    row = User.objects.filter(pk=id_or_nil(user_id)).first()
    if row is None:
        raise NotFound("User not found")
    return row


def _refuse_last_owner(row: User) -> None:
    if (
        row.role == Role.OWNER
        and row.is_active
        and not User.objects.owners().exclude(pk=row.pk).exists()
    ):
        raise LastOwner("The last owner must stay one; make somebody else an owner first.")


def _write(row: User, update_fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=update_fields is None, update_fields=update_fields)
    except IntegrityError:
        raise EmailTaken("Somebody already signs in with this e-mail address.") from None


def _end_sessions(row: User, by: Actor) -> None:
    Session.objects.filter(user_id=row.pk).delete()
    record(catalogue.SessionEnded(user_id=row.pk), by=by)


def _owners_only(by: Actor) -> None:
    if not (by.is_human and by.is_owner) and by.kind != "system":
        raise Forbidden("Only an owner manages people.")

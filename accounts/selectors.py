"""Guarded reads of people and their sessions. A stranger's row and no row look the same."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from accounts.models import Session, User, Workspace
from accounts.sessions import session_hash
from accounts.snapshots import SessionSnapshot, UserSnapshot, WorkspaceSnapshot
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden, NotFound, Unauthorized
from placet.lib.ids import id_or_nil

MOST_PEOPLE = 500


def actor_of(user: User | AnonymousUser | Any) -> Actor:
    """The Actor of a signed-in person; Unauthorized when nobody is."""
    if not isinstance(user, User) or not user.is_active:
        raise Unauthorized("Not signed in")
    return user.as_actor()


def actor_of_session(session_key: str | None) -> Actor | None:
    """The Actor behind a session cookie, for sockets: None once it ended, idled out, or owes a new password."""
    rows = Session.objects.live(now()).filter(session_key=session_hash(session_key))
    row = rows.filter(user__must_change_password=False).select_related("user").first()
    return row.user.as_actor() if row and row.user else None


def actor_of_user(user_id: UUID) -> Actor | None:
    """The person of this id, if they may still act."""
    row = User.objects.active().filter(pk=user_id).first()
    return row.as_actor() if row else None


def me(by: Actor) -> UserSnapshot:
    return user_for(by, by.user_id)


def user_for(by: Actor, user_id: object) -> UserSnapshot:
    """Oneself, or for an owner anyone."""
    key = id_or_nil(user_id)
    row = User.objects.filter(pk=key).first() if by.is_owner or key == by.user_id else None
    if row is None:
        raise NotFound("User not found")
    return UserSnapshot.of(row)


def users_for(by: Actor) -> list[UserSnapshot]:
    """Everyone, oldest first; owners only."""
    if not by.is_owner:
        raise Forbidden("Only an owner manages people.")
    return [UserSnapshot.of(row) for row in User.objects.order_by("pk")[:MOST_PEOPLE]]


def colleagues_of(by: Actor) -> list[UserSnapshot]:
    """Who can be asked to review: the active people of the workspace, for a person who is one of them."""
    if not by.is_human:
        raise Forbidden("Only a person sees the people of the workspace.")
    return [
        UserSnapshot.of(row)
        for row in User.objects.active().order_by("display_name", "pk")[:MOST_PEOPLE]
    ]


def people(user_ids: Iterable[UUID]) -> list[UserSnapshot]:
    """These people, as far as they may still act. Not guarded: for doors that have asked who may know of them."""
    rows = User.objects.active().filter(pk__in=list(user_ids)).order_by("pk")
    return [UserSnapshot.of(row) for row in rows[:MOST_PEOPLE]]


def existing_ids(user_ids: Iterable[UUID]) -> set[UUID]:
    return set(User.objects.active().filter(pk__in=list(user_ids)).values_list("pk", flat=True))


def people_of(user_ids: Iterable[UUID]) -> dict[UUID, UserSnapshot]:
    """These people. Not guarded: for doors that have made sure they may be told of."""
    rows = User.objects.filter(pk__in=list(user_ids))
    return {row.pk: UserSnapshot.of(row) for row in rows}


def user_id_of(email: str) -> UUID:
    """For the operator's commands, which name people by e-mail."""
    found = User.objects.filter(email__iexact=email.strip()).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(f'Nobody signs in as "{email}"')
    return found


def sees_everything(user_id: UUID) -> bool:
    return User.objects.owners().filter(pk=user_id).exists()


def sessions_of(by: Actor, current_key: str | None = None) -> list[SessionSnapshot]:
    """One's own live sessions, the most recently seen first."""
    rows = (
        Session.objects.live(now())
        .filter(user_id=id_or_nil(by.user_id))
        .order_by("-seen_at", "pk")[:MOST_PEOPLE]
    )
    current = session_hash(current_key)
    return [SessionSnapshot.of(row, current=current) for row in rows]


def live_sessions(session_hashes: Iterable[str]) -> set[str]:
    """Those of `session_hashes` that would still be let in: the safety net behind a lost sign-out hint."""
    rows = Session.objects.live(now()).filter(pk__in=list(session_hashes))
    return set(rows.values_list("pk", flat=True))


def is_set_up() -> bool:
    return Workspace.objects.exists() or User.objects.exists()


def workspace() -> WorkspaceSnapshot:
    return WorkspaceSnapshot.of(Workspace.objects.first())


def workspace_name() -> str:
    return Workspace.objects.values_list("name", flat=True).first() or "Placet"

"""Ending browser sessions: one's own, or as an owner anybody's."""

from datetime import datetime

from django.db import transaction

from accounts.models import Session
from accounts.sessions import session_hash
from placet.events import catalogue
from placet.events.outbox import record, record_all
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import NotFound
from placet.lib.ids import id_or_nil


@transaction.atomic
def end_session(*, by: Actor, session_id: str) -> None:
    """Sign one session out; its sockets close with it. A stranger's session and no session look the same."""
    row = Session.objects.ended_by(by).filter(pk=session_id).first()
    if row is None or not Session.objects.filter(pk=row.pk).delete()[0]:
        raise NotFound("Session not found")
    record(catalogue.SessionEnded(user_id=row.user_id, session=row.pk), by=by)


@transaction.atomic
def end_other_sessions(*, by: Actor, current_key: str | None) -> int:
    """Sign out everywhere but here; how many sessions that were."""
    others = Session.objects.filter(user_id=id_or_nil(by.user_id)).exclude(
        pk=session_hash(current_key)
    )
    ended = list(others.order_by("pk").values_list("pk", flat=True))
    Session.objects.filter(pk__in=ended).delete()
    record_all([catalogue.SessionEnded(user_id=by.user_id, session=pk) for pk in ended], by=by)
    return len(ended)


def forget_expired_sessions(*, at: datetime | None = None) -> int:
    """Sweep out the rows of sessions that lapsed by themselves; how many. They let nobody in already."""
    return Session.objects.filter(expire_date__lte=at or now()).delete()[0]

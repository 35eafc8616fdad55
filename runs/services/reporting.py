"""An agent says what it does: an activity, and what follows from it in the conversation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from agents import selectors as agents
from inbox.services import posting
from inbox.services.posting import Question
from placet.lib.actors import SYSTEM, Actor
from placet.lib.clock import now
from placet.lib.errors import Conflict, Forbidden
from placet.lib.ids import new_id
from runs.drafts import PASSING, Draft
from runs.models import Activity, Run
from runs.selectors import row_for
from runs.services.changing import (
    append,
    next_status,
    refuse_who_was_shown_out,
    until_first,
    withdraw,
)
from runs.signals import AUTH, question_of
from runs.snapshots import ActivitySnapshot, Reported, RunSnapshot
from runs.states import Happening, Status, is_open

#: People see these as messages of the agent.
SAID = {"elicitation": None, "response": None, "error": "error"}
Json = dict[str, Any]


@until_first
def report(*, by: Actor, run_id: object, draft: Draft, at: datetime | None = None) -> Reported:
    """Add an activity to one of the agent's own runs. The same id with the same content again answers the first.

    Refused are an id that is used for something else, and a question to somebody who has said stop.
    """
    if not by.is_key:
        raise Forbidden("Activities are reported with an agent's key.")
    row, at = row_for(by, run_id), at or now()
    if known := _known(row, draft):
        return _reported(row, known)
    refuse_who_was_shown_out(row)
    # Asked before anything is said: a refusal has no consequences.
    to = next_status(row, Happening(draft.type))
    if row.awaits and _ends_the_question(row, draft):
        withdraw(row)
    activity_id = draft.id or new_id()
    message_id = _say(by, row, draft, activity_id) if draft.type in SAID else None
    fields = {**draft.fields, "id": activity_id, "message_id": message_id}
    changes = {**_changes(row, draft, message_id, at), "error": _error(row, draft, to)}
    written = append(row, Happening(draft.type), by=by, at=at, changes=changes, **fields)
    return _reported(row, written)


def _known(row: Run, draft: Draft) -> Activity | None:
    if draft.id is None:
        return None
    found = Activity.objects.filter(pk=draft.id).first()
    if found is None:
        return None
    same = all(getattr(found, name) == value for name, value in draft.fields.items())
    if found.run_id != row.pk or not same:
        raise Conflict("This id was already used for another activity.")
    return found


def _ends_the_question(row: Run, draft: Draft) -> bool:
    """What has come to an end, or asks anew, asks no longer. A thought only takes back a link: it says that one is connected."""
    if draft.type not in PASSING:
        return True
    asked = Activity.objects.filter(run_id=row.pk, message_id=row.awaits, type="elicitation")
    return asked.values_list("signal", flat=True).first() == AUTH


def _say(by: Actor, row: Run, draft: Draft, activity_id: UUID) -> UUID:
    channel = agents.agent_for(SYSTEM, row.channel_id)
    author = channel if row.agent_id == row.channel_id else agents.agent_for(by, row.agent_id)
    told = {"runId": str(row.pk), "activityId": str(activity_id), "activityType": draft.type}
    message = posting.speak(
        by=by,
        channel=channel,
        author=author,
        text=draft.body,
        status=SAID[draft.type],
        metadata={"run": told},
        review=_question(draft),
    )
    return message.id


def _question(draft: Draft) -> Question | None:
    if draft.type != "elicitation":
        return None
    return question_of(draft.signal, draft.signal_metadata)


def _changes(row: Run, draft: Draft, message_id: UUID | None, at: datetime) -> Json:
    fields: Json = {}
    if row.started_at is None:
        fields["started_at"] = at
    if draft.type == "elicitation":
        fields["awaits"] = message_id
    elif row.awaits and _ends_the_question(row, draft):
        fields["awaits"] = None
    return fields


def _error(row: Run, draft: Draft, to: Status) -> Json | None:
    """Why the run failed, for as long as that is the last that was heard: what is told after the end and opens nothing hides it not."""
    if draft.type == "error":
        return {**(draft.signal_metadata or {}), "message": draft.body}
    return row.error if draft.type in PASSING and not is_open(to) else None


def _reported(row: Run, written: Activity) -> Reported:
    return Reported(activity=ActivitySnapshot.of(written), run=RunSnapshot.of(row))

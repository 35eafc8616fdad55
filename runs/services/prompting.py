"""What people say becomes prompts: a message to an agent, a response to its question."""

from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.selectors import actor_of_user
from agents.snapshots import AgentSnapshot
from inbox.selectors import messages_of
from inbox.services import writing
from inbox.snapshots import MessageSnapshot
from placet.lib.actors import SYSTEM, Actor
from placet.lib.clock import now
from placet.lib.errors import Conflict, Forbidden, Invalid, NotFound
from reviews import selectors as reviews
from reviews import services as answering
from runs.addressing import Address, address, addressed, mentioned, message_behind, said_in
from runs.errors import Overtaken, RunEnded, ShownOut
from runs.models import Activity, Run, Trigger
from runs.replies import prompt_of
from runs.selectors import row_for, speakers_in
from runs.services.changing import (
    TRIES,
    append,
    next_status,
    refuse_who_was_shown_out,
    told_mention,
    too_busy,
    until_first,
)
from runs.services.opening import begin
from runs.snapshots import RunSnapshot
from runs.states import Happening, is_open


@until_first
def prompt(*, by: Actor, run_id: object, text: str, client_id: str | None = None) -> RunSnapshot:
    """A person writes to one run, and so opens it again if it has ended, no other has taken its place, and its agent may go on."""
    if not by.is_human:
        raise Forbidden("Only a person prompts.")
    row = row_for(by, run_id)
    refuse_who_was_shown_out(row)
    if not is_open(row.status) and not row.agent.takes_runs:
        raise RunEnded("Its agent takes no runs any more.", status=str(row.status))
    next_status(row, Happening.PROMPT)
    with addressed(Address(run_id=row.pk)):
        writing.write_message(by=by, agent_id=row.channel_id, text=text, client_id=client_id)
    return RunSnapshot.of(row_for(by, run_id))


def take_message(message_id: UUID) -> None:
    """Beside a person's message: it is a prompt for whom it means. The message has been written; nothing here takes that back."""
    message = messages_of([message_id]).get(message_id)
    if message is None:
        return
    by = _writer(message)
    for agent, trigger in _meant(message):
        if not _answers_its_question(agent, message, by):
            _prompt(agent, trigger, message, by)


def take_response(review_id: UUID) -> None:
    """Beside a response: if that question was a run's, the response is its next prompt. Whoever clears `awaits` writes it, once."""
    for _ in range(TRIES):
        row = Run.objects.select_related("agent").filter(awaits=review_id).first()
        if row is None:
            return
        try:
            return _take(row, review_id)
        except Overtaken:
            continue
    raise too_busy()


def _take(row: Run, review_id: UUID) -> None:
    review = reviews.review_for(SYSTEM, review_id)
    asked = Activity.objects.filter(run_id=row.pk, message_id=review_id, type="elicitation")
    metadata = asked.values_list("signal_metadata", flat=True).first()
    body, said = prompt_of(review, metadata)
    by = Actor(kind="human", user_id=review.responded_by_id, name=review.responded_by_name)
    _append(row, body, by=by, message_id=message_behind(), metadata=said, changes={"awaits": None})


def _prompt(agent: AgentSnapshot, trigger: Trigger, message: MessageSnapshot, by: Actor) -> None:
    for _ in range(TRIES):
        try:
            row = _row_meant(agent, trigger, message, by)
            _append(row, body_of(message), by=by, message_id=message.id)
        except Overtaken:
            continue
        except ShownOut:
            if address():
                raise
            # Just now: then it is only a message.
            return
        if trigger == Trigger.MENTION:
            told_mention(row, message.id, by=by)
        return
    raise too_busy()


def _row_meant(agent: AgentSnapshot, trigger: Trigger, message: MessageSnapshot, by: Actor) -> Run:
    meant = address()
    if meant and meant.run_id:
        return Run.objects.select_related("agent").get(pk=meant.run_id)
    return begin(
        agent=agent,
        channel_id=message.agent.id,
        trigger=trigger,
        creator=by,
        by=by,
        message_id=message.id,
        at=now(),
    )


def _append(
    row: Run,
    body: str,
    *,
    by: Actor,
    message_id: UUID | None,
    metadata: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    append(
        row,
        Happening.PROMPT,
        by=by,
        at=at or now(),
        changes={"error": None, **(changes or {})},
        type="prompt",
        content={"body": body},
        signal_metadata=metadata,
        user_id=by.user_id,
        user_name=by.name,
        message_id=message_id,
    )


def body_of(message: MessageSnapshot) -> str:
    """A message of files alone is prompted by their names."""
    return message.text or ", ".join(file.filename for file in message.files)


def _answers_its_question(agent: AgentSnapshot, message: MessageSnapshot, by: Actor) -> bool:
    """A message to who waits for an answer is the answer: the review is responded, and that writes the prompt."""
    meant = address()
    rows = Run.objects.open().filter(agent_id=agent.id, channel_id=message.agent.id)
    rows = rows.filter(awaits__isnull=False)
    if meant and meant.run_id:
        rows = rows.filter(pk=meant.run_id)
    awaits = rows.values_list("awaits", flat=True).first()
    if awaits is None or not message.text:
        return False
    try:
        with said_in(message.id):
            answering.respond(by=by, review_id=awaits, response={"text": message.text})
    except (Conflict, Forbidden, Invalid, NotFound):
        # Somebody was first, or the time has run out: then it is simply the next thing that was said.
        return False
    return True


def _writer(message: MessageSnapshot) -> Actor:
    known = actor_of_user(message.sender_user_id) if message.sender_user_id else None
    return known or Actor(kind="human", user_id=message.sender_user_id, name=message.sender_name)


def _meant(message: MessageSnapshot) -> list[tuple[AgentSnapshot, Trigger]]:
    """Who is addressed; who is mentioned; who waits; else the agent whose conversation it is, if it takes runs or has one."""
    home = message.agent
    runs = Run.objects.filter(channel_id=home.id).select_related("agent").order_by("-updated_at")
    if (meant := address()) and meant.run_id:
        rows = runs.filter(pk=meant.run_id)
        return [(AgentSnapshot.of(row.agent), Trigger.MESSAGE) for row in rows]
    if meant and meant.delegate:
        return [(meant.delegate, Trigger.DELEGATION)]
    if found := _mentioned(message):
        return found
    open_runs = list(runs.open())
    waiting = [row for row in open_runs if row.awaits]
    if waiting:
        return [(AgentSnapshot.of(waiting[0].agent), Trigger.MESSAGE)]
    at_work = any(row.agent_id == home.id and is_open(row.status) for row in open_runs)
    return [(home, Trigger.MESSAGE)] if home.takes_runs or at_work else []


def _mentioned(message: MessageSnapshot) -> list[tuple[AgentSnapshot, Trigger]]:
    text = message.text or ""
    if "@" not in text:
        return []
    called = mentioned(text, speakers_in(message.agent))
    return [
        (agent, Trigger.MESSAGE if agent.id == message.agent.id else Trigger.MENTION)
        for agent in called
        if agent.takes_runs
    ]

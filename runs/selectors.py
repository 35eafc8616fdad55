"""Guarded reads of runs. A stranger's run, another agent's and none look the same."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from agents import selectors as agents
from agents.snapshots import AgentSnapshot
from inbox.channels import channel_for
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Invalid, NotFound
from placet.lib.ids import id_or_nil, parse_id
from placet.lib.wording import must_be, one_of
from runs.models import Activity, Guest, Run, RunQuerySet
from runs.snapshots import ActivityPage, ActivitySnapshot, RunPage, RunSnapshot
from runs.states import Status

DEFAULT_LIMIT, MOST = 50, 100


def run_for(actor: Actor, run_id: object) -> RunSnapshot:
    return RunSnapshot.of(row_for(actor, run_id))


def runs_page(
    actor: Actor,
    channel: object = None,
    *,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> RunPage:
    """The runs of one agent, wherever it works, newest first; for a person also those of guests in its conversation."""
    agent, limit = channel_for(actor, channel), clamp(limit)
    walks = [Q(agent_id=agent.id)]
    if actor.is_human:
        walks.append(Q(channel_id=agent.id))
    # One after the other, each down its own index: for both at once all the runs there ever were would be sorted.
    rows = {
        row.pk: row
        for walk in walks
        for row in _narrowed(_loaded().filter(walk), status, cursor).order_by("-id")[:limit]
    }
    newest = sorted(rows, reverse=True)[:limit]
    found = [RunSnapshot.of(rows[pk], at=now()) for pk in newest]
    full = len(found) == limit
    return RunPage(runs=tuple(found), next_cursor=str(found[-1].id) if full else None)


def current_run(actor: Actor, agent_id: object, *, channel: object = None) -> RunSnapshot | None:
    """The open run of an agent in a conversation (its own, unless another is named), if there is one."""
    agent = agents.agent_for(actor, agent_id)
    rows = _visible_to(actor).open()
    row = rows.filter(agent_id=agent.id, channel_id=id_or_nil(channel or agent.id)).first()
    return RunSnapshot.of(row) if row else None


def activities_page(
    actor: Actor,
    run_id: object,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> ActivityPage:
    """Oldest first, by their numbers: a page never changes under who walks. `total` is of the whole run.

    Numbers have no gaps, so the page n of a dialect that counts pages begins after the number n times its size.
    """
    run, limit = row_for(actor, run_id), clamp(limit)
    rows = Activity.objects.filter(run_id=run.pk, number__gt=_number(cursor))
    found = [ActivitySnapshot.of(row) for row in rows.order_by("number")[: limit + 1]]
    shown = tuple(found[:limit])
    more = len(found) > limit
    return ActivityPage(
        activities=shown,
        next_cursor=str(shown[-1].number) if more else None,
        total=run.length,
    )


def activity_for(actor: Actor, activity_id: object, *, run_id: object = None) -> ActivitySnapshot:
    """One activity of a run the actor may see; with `run_id`, of that run alone."""
    row = Activity.objects.filter(pk=id_or_nil(activity_id)).first()
    if row is None or (run_id is not None and parse_id(run_id) != row.run_id):
        raise NotFound("Activity not found")
    if not _visible_to(actor).filter(pk=row.run_id).exists():
        raise NotFound("Activity not found")
    return ActivitySnapshot.of(row)


def run_of_message(actor: Actor, message_id: object) -> RunSnapshot | None:
    """The run that a message of the conversation belongs to, be it the prompt, the question or the response."""
    told = Activity.objects.filter(message_id=id_or_nil(message_id)).values("run_id")
    # A message may prompt several agents: of the runs that this one may see, the newest.
    found = _visible_to(actor).filter(pk__in=told).order_by("-id").first()
    return RunSnapshot.of(found) if found else None


def runs_of(run_ids: Iterable[UUID]) -> dict[UUID, RunSnapshot]:
    """These runs, in one query. Not guarded: for services that deliver to the agents they belong to."""
    wanted = list(run_ids)
    rows = _loaded().filter(pk__in=wanted) if wanted else ()
    return {row.pk: RunSnapshot.of(row) for row in rows}


def activities_of(activity_ids: Iterable[UUID]) -> dict[UUID, ActivitySnapshot]:
    """The same for activities."""
    wanted = list(activity_ids)
    rows = Activity.objects.filter(pk__in=wanted) if wanted else ()
    return {row.pk: ActivitySnapshot.of(row) for row in rows}


def conversations_of(actor: Actor, agent_id: object) -> list[AgentSnapshot]:
    """Where an agent may speak: its own conversation first, then those it was let into."""
    agent = agents.agent_for(actor, agent_id)
    rows = Guest.objects.filter(agent_id=agent.id).select_related("channel").order_by("pk")
    return [agent, *(AgentSnapshot.of(row.channel) for row in rows)]


def speakers_in(home: AgentSnapshot) -> list[AgentSnapshot]:
    """Who may speak in a conversation that was seen already: whose it is first, then those who were let in."""
    rows = Guest.objects.filter(channel_id=home.id).select_related("agent").order_by("pk")
    return [home, *(AgentSnapshot.of(row.agent) for row in rows)]


def next_silence() -> datetime | None:
    """When the next run turns stale unless its agent is heard of; None when none can."""
    rows = Run.objects.filter(stale_at__isnull=False).order_by("stale_at")
    return rows.values_list("stale_at", flat=True).first()


def is_let_in(agent_id: UUID, channel_id: UUID, *, held: bool = False) -> bool:
    """Whether an agent may speak in a conversation. `held`, for services: who shows it out waits for the end of the transaction."""
    rows = Guest.objects.filter(agent_id=agent_id, channel_id=channel_id)
    rows = rows.select_for_update() if held else rows
    return agent_id == channel_id or rows.values_list("pk", flat=True).first() is not None


def row_for(actor: Actor, run_id: object) -> Run:
    """The row itself, for this app's services."""
    row = _visible_to(actor).filter(pk=id_or_nil(run_id)).first()
    if row is None:
        raise NotFound("Run not found")
    return row


def clamp(limit: int) -> int:
    return max(1, min(limit, MOST))


def _visible_to(actor: Actor) -> RunQuerySet:
    return _loaded().visible_to(actor, agents.visible_ids(actor))


def _loaded() -> RunQuerySet:
    return Run.objects.select_related("agent")


def _narrowed(rows: RunQuerySet, status: str | None, cursor: str | None) -> RunQuerySet:
    if status:
        if status not in list(Status):
            raise Invalid.field("status", must_be(one_of(Status), status))
        rows = rows.filter(status=status)
    if cursor:
        # A cursor that is no id is below every id: an empty page, as for messages.
        rows = rows.filter(pk__lt=id_or_nil(cursor))
    return rows


def _number(cursor: str | None) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise Invalid.field("cursor", must_be("a nextCursor of this list", cursor))
    return int(cursor)

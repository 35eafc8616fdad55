"""Guarded reads for dialects whose pages go both ways and begin after any row. Each answers rows in the order it walks."""

from uuid import UUID

from django.db.models import Q

from agents import selectors as agents
from inbox.channels import channel_for
from placet.lib.actors import Actor
from placet.lib.errors import NotFound
from runs.models import Activity, Run
from runs.selectors import activity_for, row_for
from runs.snapshots import ActivitySnapshot, RunSnapshot


def walk_runs(
    actor: Actor,
    channel: object = None,
    *,
    start: object = None,
    backwards: bool = False,
    by_update: bool = False,
    limit: int,
) -> list[RunSnapshot]:
    """The runs of one agent beyond the run `start`: newest (or latest changed) first, or towards those."""
    agent = channel_for(actor, channel)
    rows = Run.objects.select_related("agent").filter(agent_id=agent.id)
    if start is not None:
        rows = rows.filter(_beyond(row_for(actor, start), backwards, by_update))
    names = ("updated_at", "pk") if by_update else ("pk",)
    order = [name if backwards else f"-{name}" for name in names]
    return [RunSnapshot.of(row) for row in rows.order_by(*order)[:limit]]


def walk_activities(
    actor: Actor,
    *,
    channel: object = None,
    run_id: object = None,
    start: object = None,
    backwards: bool = False,
    limit: int,
) -> list[ActivitySnapshot]:
    """The activities of one run, or of all runs of an agent one run after the other, beyond the activity `start`: oldest first,
    or towards the oldest."""
    if run_id is not None:
        rows = Activity.objects.filter(run_id=row_for(actor, run_id).pk)
    else:
        rows = Activity.objects.filter(run__agent_id=channel_for(actor, channel).id)
    if start is not None:
        one = activity_for(actor, start, run_id=run_id)
        side = "lt" if backwards else "gt"
        later = Q(**{f"run_id__{side}": one.run_id})
        rows = rows.filter(later | Q(run_id=one.run_id, **{f"number__{side}": one.number}))
    order = ("-run_id", "-number") if backwards else ("run_id", "number")
    return [ActivitySnapshot.of(row) for row in rows.order_by(*order)[:limit]]


def person_met(actor: Actor, user_id: UUID) -> UUID:
    """The id of a person an agent knows: its owner, and whoever wrote to it in a run. Of anybody else it is not told."""
    if user_id == actor.user_id:
        return user_id
    visible = agents.visible_ids(actor)
    mine = Run.objects.visible_to(actor, visible)
    wrote = Activity.objects.filter(run__in=mine, user_id=user_id)
    if not (mine.filter(creator_id=user_id).exists() or wrote.exists()):
        raise NotFound("User not found")
    return user_id


def _beyond(row: Run, backwards: bool, by_update: bool) -> Q:
    side = "gt" if backwards else "lt"
    further = Q(**{f"pk__{side}": row.pk})
    if not by_update:
        return further
    return Q(**{f"updated_at__{side}": row.updated_at}) | Q(updated_at=row.updated_at) & further

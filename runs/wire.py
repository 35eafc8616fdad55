"""Runs and activities as JSON, in the words of `/api/v1`."""

from typing import Any

from placet.lib.clock import iso
from runs.snapshots import ActivityPage, ActivitySnapshot, RunPage, RunSnapshot


def run_json(run: RunSnapshot) -> dict[str, Any]:
    """`channelId` is whose conversation it is, `agentId` who works: two, where an agent was let in."""
    return {
        "id": str(run.id),
        "agentId": str(run.agent.id),
        "channelId": str(run.channel_id),
        "status": run.status,
        "unresponsive": run.unresponsive,
        "trigger": run.trigger,
        "creator": _person(run.creator_id, run.creator_name),
        "messageId": str(run.message_id) if run.message_id else None,
        "reviewId": str(run.awaits) if run.awaits else None,
        "plan": list(run.plan) if run.plan is not None else None,
        "summary": run.summary or None,
        "links": list(run.links),
        "error": run.error,
        "activityCount": run.length,
        "createdAt": iso(run.created_at),
        "updatedAt": iso(run.updated_at),
        "startedAt": iso(run.started_at),
        "endedAt": iso(run.ended_at),
        "stoppedAt": iso(run.stopped_at),
        "stoppedBy": str(run.stopped_by_id) if run.stopped_by_id else None,
        "staleAt": iso(run.stale_at),
    }


def activity_json(activity: ActivitySnapshot) -> dict[str, Any]:
    return {
        "id": str(activity.id),
        "runId": str(activity.run_id),
        "number": activity.number,
        "type": activity.type,
        "content": activity.content,
        "contentMetadata": activity.content_metadata,
        "ephemeral": activity.ephemeral,
        "signal": activity.signal,
        "signalMetadata": activity.signal_metadata,
        "user": _person(activity.user_id, activity.user_name),
        "messageId": str(activity.message_id) if activity.message_id else None,
        "createdAt": iso(activity.created_at),
    }


def run_page_json(page: RunPage) -> dict[str, Any]:
    return {"data": [run_json(run) for run in page.runs], "nextCursor": page.next_cursor}


def activity_page_json(page: ActivityPage) -> dict[str, Any]:
    return {
        "data": [activity_json(activity) for activity in page.activities],
        "nextCursor": page.next_cursor,
    }


def _person(user_id: object, name: str) -> dict[str, str | None] | None:
    if not name:
        return None
    return {"id": str(user_id) if user_id else None, "name": name}

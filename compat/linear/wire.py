"""Runs, activities, agents and people in Linear's words. Pure: snapshots in, values out. What names another row is an id."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

import orjson
from django.conf import settings

from accounts.snapshots import UserSnapshot, WorkspaceSnapshot
from agents.snapshots import AgentSnapshot
from compat.apps.snapshots import AppSnapshot
from inbox.snapshots import MessageSnapshot
from runs.snapshots import ActivitySnapshot, RunSnapshot
from runs.states import Status

Json = dict[str, Any]
STATUSES: Mapping[str, str] = {
    Status.CREATED: "pending",
    Status.IN_PROGRESS: "active",
    Status.AWAITING: "awaitingInput",
    Status.COMPLETED: "complete",
    Status.STOPPING: "stopping",
    # Linear has no word for a run that a person ended: to its agent it is over.
    Status.STOPPED: "complete",
    Status.FAILED: "error",
    Status.STALE: "stale",
}
#: Workflow states, in Linear's five kinds.
KINDS: Mapping[Status, str] = {
    Status.CREATED: "unstarted",
    Status.IN_PROGRESS: "started",
    Status.AWAITING: "started",
    Status.STOPPING: "started",
    Status.STALE: "started",
    Status.COMPLETED: "completed",
    Status.STOPPED: "canceled",
    Status.FAILED: "canceled",
}
COLOURS = {
    "unstarted": "#e2e2e2",
    "started": "#f2c94c",
    "completed": "#5e6ad2",
    "canceled": "#95a2b3",
}
#: One for each of an agent's twelve hues.
AVATARS = [
    "#5e6ad2",
    "#26b5ce",
    "#4cb782",
    "#f2c94c",
    "#f2994a",
    "#eb5757",
    "#bb87fc",
    "#0f7488",
    "#bec2c8",
    "#95a2b3",
    "#e2725b",
    "#5f8a5f",
]


def conversation_url(channel_id: UUID) -> str:
    return f"{settings.PLACET_URL}/chats/{channel_id}/"


def session_fields(run: RunSnapshot) -> Json:
    links = [{"label": link["label"], "url": link["url"]} for link in run.links]
    return {
        "id": str(run.id),
        "slugId": run.id.hex[-12:],
        "status": STATUSES[run.status],
        "type": "commentThread",
        "plan": None if run.plan is None else list(run.plan),
        "context": {"issueId": str(run.channel_id)},
        "externalLink": links[0]["url"] if links else None,
        "externalLinks": links,
        "externalUrls": links,
        "url": f"{settings.PLACET_URL}/runs/{run.id}/",
        "summary": run.summary or None,
        "createdAt": run.created_at,
        "updatedAt": run.updated_at,
        "startedAt": run.started_at,
        "endedAt": run.ended_at,
    }


def activity_fields(activity: ActivitySnapshot) -> Json:
    return {
        "id": str(activity.id),
        "content": content_of(activity),
        "ephemeral": activity.ephemeral,
        "signal": activity.signal,
        "signalMetadata": activity.signal_metadata,
        "createdAt": activity.created_at,
        "updatedAt": activity.created_at,
    }


def content_of(activity: ActivitySnapshot) -> Json:
    name = f"AgentActivity{activity.type.capitalize()}Content"
    head = {"__typename": name, "type": activity.type}
    if activity.type != "action":
        return {**head, "body": activity.body}
    return {
        **head,
        "action": activity.content["action"],
        "parameter": parameter_of(activity.content["parameters"]),
        "result": activity.content["result"],
    }


def parameter_of(parameters: Mapping[str, str]) -> str:
    """Linear has one string where Placet has names and values: the only value, or all of it as JSON."""
    if len(parameters) > 1:
        return orjson.dumps(dict(parameters)).decode()
    return next(iter(parameters.values()), "")


def agent_fields(agent: AgentSnapshot) -> Json:
    host = urlsplit(settings.PLACET_URL).hostname
    return {
        **_user(str(agent.id), agent.name, f"{agent.id}@{host}", agent.initials, agent.hue),
        "url": conversation_url(agent.id),
        "avatarUrl": agent.avatar_url or None,
        "description": agent.description or None,
        "createdAt": agent.created_at,
        "updatedAt": agent.status_since or agent.created_at,
        "lastSeen": agent.last_active_at,
        "statusLabel": agent.status_message or None,
        "app": True,
        "active": True,
        "isAssignable": agent.takes_runs,
        "isMentionable": agent.takes_runs,
        "supportsAgentSessions": agent.takes_runs,
    }


def person_fields(person: UserSnapshot) -> Json:
    initials = "".join(word[0] for word in person.display_name.split()[:2]).upper()
    hue = person.id.int % len(AVATARS)
    return {
        **_user(str(person.id), person.display_name, person.email, initials or "?", hue),
        "url": settings.PLACET_URL,
        "createdAt": person.created_at,
        "updatedAt": person.updated_at,
        "active": person.is_active,
        "admin": person.is_owner,
        "owner": person.is_owner,
    }


def comment_fields(message: MessageSnapshot) -> Json:
    return {
        "id": str(message.id),
        "body": message.text or "",
        "url": f"{conversation_url(message.agent.id)}#{message.id}",
        "issueId": str(message.agent.id),
        "reactionData": [],
        "reactions": [],
        "createdAt": message.created_at,
        "updatedAt": message.updated_at,
    }


def organization_fields(workspace: WorkspaceSnapshot) -> Json:
    return {
        "id": str(workspace.id),
        "name": workspace.name,
        "urlKey": workspace.slug,
        "projectStatuses": [],
    }


def application_fields(app: AppSnapshot, developer: str) -> Json:
    return {
        "id": str(app.id),
        "clientId": app.client_id,
        "name": app.name,
        "description": app.agent.description or None,
        "developer": developer,
        "developerUrl": settings.PLACET_URL,
        "imageUrl": app.agent.avatar_url or None,
    }


def team_fields(conversation: AgentSnapshot) -> Json:
    return {
        "id": str(conversation.id),
        "key": team_key(conversation.name),
        "name": conversation.name,
        "displayName": conversation.name,
    }


def team_key(name: str) -> str:
    letters = [sign for sign in name.upper() if sign.isascii() and sign.isalnum()]
    return "".join(letters[:5]) or "AGENT"


def workflow_states(conversation_id: UUID) -> list[Json]:
    """The states of runs, as a team's workflow."""
    return [
        {
            "id": str(uuid5(conversation_id, status.value)),
            "name": status.value.replace("_", " ").capitalize(),
            "type": kind,
            "position": float(place),
            "color": COLOURS[kind],
        }
        for place, (status, kind) in enumerate(KINDS.items())
    ]


def _user(id: str, name: str, email: str, initials: str, hue: int) -> Json:
    """Whatever has no counterpart says no."""
    no = dict.fromkeys(("admin", "app", "guest", "owner", "isMe", "isAssignable"), False)
    return {
        **no,
        "id": id,
        "name": name,
        "displayName": name,
        "email": email,
        "initials": initials,
        "avatarBackgroundColor": AVATARS[hue],
        "inviteHash": "",
        "createdIssueCount": 0,
        "isMentionable": False,
        "supportsAgentSessions": False,
        "canAccessAnyPublicTeam": False,
    }

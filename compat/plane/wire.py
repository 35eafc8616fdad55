"""Plane's JSON ⇄ our snapshots and arguments. Pure."""

from collections.abc import Mapping
from html import unescape
from typing import Any

from django.utils.html import strip_tags

from accounts.snapshots import UserSnapshot
from agents.snapshots import AgentSnapshot
from compat.apps.snapshots import AppSnapshot
from compat.plane.place import Place
from inbox.markdown import to_html
from inbox.snapshots import MessageSnapshot
from placet.lib.clock import iso
from placet.lib.errors import Invalid
from runs.drafts import PASSING, Draft, draft
from runs.snapshots import ActivitySnapshot, RunSnapshot

Json = dict[str, Any]
SIGNALS = {None: "continue", "auth": "auth_request"}
#: Marked as passing by their type, whatever was asked for; of an error Plane's own pages say that and that it is a comment.
EPHEMERAL = ("thought", "action", "error")
RUN_TYPE = "comment_thread"
ADMIN, MEMBER = 20, 15


def run_json(run: RunSnapshot, place: Place) -> Json:
    return {
        "id": str(run.id),
        "agent_user": str(run.agent.id),
        "comment": _id(run.message_id),
        "source_comment": _id(run.message_id),
        # Required there, whoever has gone since.
        "creator": str(run.creator_id or run.agent.owner_id),
        "stopped_at": iso(run.stopped_at),
        "stopped_by": _id(run.stopped_by_id),
        # Required there, even of a run that nobody has begun to work on.
        "started_at": iso(run.started_at or run.created_at),
        "ended_at": iso(run.ended_at),
        "external_link": run.links[0]["url"] if run.links else None,
        "issue": str(run.channel_id),
        "workspace": str(place.workspace_id),
        "project": str(place.project_id),
        "status": run.status,
        "error_metadata": run.error,
        "type": RUN_TYPE,
        "created_at": iso(run.created_at),
        "updated_at": iso(run.updated_at),
    }


def activity_json(activity: ActivitySnapshot, agent_id: object, place: Place) -> Json:
    return {
        "id": str(activity.id),
        "agent_run": str(activity.run_id),
        "type": activity.type,
        "content": _content_json(activity),
        "content_metadata": activity.content_metadata,
        "ephemeral": activity.type in EPHEMERAL,
        "signal": SIGNALS.get(activity.signal, activity.signal),
        "signal_metadata": activity.signal_metadata,
        "comment": _id(activity.message_id),
        "actor": _id(activity.user_id) if activity.type == "prompt" else str(agent_id),
        "project": str(place.project_id),
        "workspace": str(place.workspace_id),
        "created_at": iso(activity.created_at),
        "updated_at": iso(activity.created_at),
    }


def draft_of(body: Mapping[str, Any]) -> Draft:
    """What an agent reports. That a thought passes is Plane's choice, not the agent's; a result is one of the parameters there."""
    kind, content = body.get("type"), body.get("content")
    if kind == "action" and isinstance(content, Mapping):
        content = _with_own_result(content)
    return draft(
        type=kind,
        content=content,
        ephemeral=kind in PASSING,
        signal=body.get("signal"),
        signal_metadata=body.get("signal_metadata"),
        content_metadata=body.get("content_metadata"),
        tolerate_stop=True,
    )


def agent_json(agent: AgentSnapshot) -> Json:
    return {
        "id": str(agent.id),
        "first_name": agent.name,
        "last_name": "",
        "email": None,
        "avatar": agent.avatar_url,
        "avatar_url": agent.avatar_url or None,
        "display_name": agent.name,
        "is_bot": True,
    }


def member_json(person: UserSnapshot) -> Json:
    return {
        "id": str(person.id),
        "first_name": person.display_name,
        "last_name": "",
        "email": person.email,
        "avatar": "",
        "avatar_url": None,
        "display_name": person.display_name,
        "is_bot": False,
        "role": ADMIN if person.is_owner else MEMBER,
    }


def work_item_json(conversation: AgentSnapshot, agent_id: object, place: Place) -> Json:
    """A conversation is the work item, and the agent at hand works on it."""
    at = iso(conversation.created_at)
    return {
        "id": str(conversation.id),
        "name": conversation.name,
        "description_html": to_html(conversation.description),
        "description_stripped": conversation.description,
        "priority": "none",
        "assignees": [str(agent_id)],
        "labels": [],
        "state": None,
        "parent": None,
        "is_draft": False,
        "created_at": at,
        "updated_at": at,
        "created_by": str(conversation.owner_id),
        "project": str(place.project_id),
        "workspace": str(place.workspace_id),
    }


def project_json(place: Place) -> Json:
    """The one that holds every conversation."""
    return {
        "id": str(place.project_id),
        "name": "Inbox",
        "identifier": "INBOX",
        "workspace": str(place.workspace_id),
    }


def comment_json(message: MessageSnapshot, place: Place) -> Json:
    agent_id = message.author_id or message.agent.id
    actor = message.sender_user_id if message.is_human else agent_id
    text = message.text or ", ".join(file.filename for file in message.files)
    return {
        "id": str(message.id),
        "comment_html": to_html(text),
        "comment_stripped": unescape(strip_tags(to_html(text))).strip(),
        "access": "INTERNAL",
        "is_member": True,
        "attachments": [],
        "actor": _id(actor),
        "created_by": _id(actor),
        "issue": str(message.agent.id),
        "project": str(place.project_id),
        "workspace": str(place.workspace_id),
        "parent": None,
        "created_at": iso(message.created_at),
        "updated_at": iso(message.updated_at),
    }


def installation_json(app: AppSnapshot, place: Place) -> Json:
    return {
        "id": str(app.installation_id),
        "workspace": str(place.workspace_id),
        "workspace_detail": {
            "id": str(place.workspace_id),
            "name": place.name,
            "slug": place.slug,
            "logo_url": None,
        },
        "app_bot": str(app.agent.id),
        "status": "installed",
        "application": str(app.id),
        "installed_by": _id(app.installed_by_id) or str(app.agent.owner_id),
        "created_at": iso(app.installed_at),
        "updated_at": iso(app.updated_at),
    }


def _content_json(activity: ActivitySnapshot) -> Json:
    if activity.type != "action":
        return {"type": activity.type, "body": activity.body}
    result = activity.content.get("result")
    more = {} if result is None else {"result": result}
    return {
        "type": "action",
        "action": activity.content["action"],
        "parameters": {**activity.content["parameters"], **more},
    }


def _with_own_result(content: Mapping[str, Any]) -> Json:
    parameters = content.get("parameters")
    if parameters is None:
        # Not here, but there.
        raise Invalid.field("content.parameters", "is required")
    if not isinstance(parameters, Mapping) or not isinstance(parameters.get("result"), str):
        return dict(content)
    others = {name: value for name, value in parameters.items() if name != "result"}
    return {**content, "parameters": others, "result": parameters["result"]}


def _id(value: object) -> str | None:
    return str(value) if value else None

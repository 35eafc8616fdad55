"""The bodies of Linear's webhooks. Pure: what is told and what it names in, JSON out. The time of the try comes with the signature."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.snapshots import UserSnapshot, WorkspaceSnapshot
from agents.snapshots import AgentSnapshot
from compat.linear import wire
from inbox.snapshots import MessageSnapshot
from placet.lib.clock import iso
from runs.addressing import mentioned
from runs.snapshots import ActivitySnapshot, RunSnapshot

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Around:
    """What all bodies of one batch draw from."""

    workspace: WorkspaceSnapshot
    client_ids: Mapping[UUID, str]
    #: Conversations, by the agents whose they are.
    homes: Mapping[UUID, AgentSnapshot]
    people: Mapping[UUID, UserSnapshot]
    messages: Mapping[UUID, MessageSnapshot]


@dataclass(frozen=True, kw_only=True)
class Told:
    """One event with what it names, as far as it is still there."""

    facts: Mapping[str, Any]
    event_id: str
    agent_id: UUID
    endpoint_id: UUID
    message: MessageSnapshot | None
    run: RunSnapshot | None
    activity: ActivitySnapshot | None
    #: What was said in the agent's own conversation before, oldest first.
    before: Sequence[MessageSnapshot] = ()


def session_created(told: Told, around: Around) -> Json:
    run = told.run
    opener = around.messages.get(run.message_id) if run and run.message_id else None
    home = around.homes.get(run.channel_id) if run else None
    return {
        **_envelope("AgentSessionEvent", "created", told, around),
        "agentSession": _session(told, around),
        "promptContext": prompt_context(home, told.before, opener),
        "previousComments": [_comment(message) for message in told.before],
        "guidance": [],
    }


def session_prompted(told: Told, around: Around) -> Json:
    return {
        **_envelope("AgentSessionEvent", "prompted", told, around),
        "agentSession": _session(told, around),
        "agentActivity": _activity(told, around),
    }


def new_comment(told: Told, around: Around) -> Json:
    """A person wrote in the agent's conversation, and may have called it by name."""
    text = (told.message.text if told.message else "") or ""
    home = around.homes.get(told.agent_id)
    called = home is not None and bool(mentioned(text, [home]))
    action = "issueCommentMention" if called else "issueNewComment"
    return _notification(action, told, around, told.message, told.agent_id)


def mention(told: Told, around: Around) -> Json:
    """In a conversation it was let into."""
    home = told.run.channel_id if told.run else None
    return _notification("issueCommentMention", told, around, told.message, home)


def reaction(told: Told, around: Around) -> Json:
    """A response to a question that the agent asked in a message: Placet's way to react to one."""
    review = told.message.review if told.message else None
    home = told.message.agent.id if told.message else told.agent_id
    actor = review.responded_by_id if review else None
    body = _notification(
        "issueCommentReaction", told, around, told.message, home, actor_id=actor or NOBODY
    )
    body["notification"]["reactionEmoji"] = "speech_balloon"
    return body


def assignment(told: Told, around: Around) -> Json:
    action = "issueAssignedToYou" if told.facts.get("assigned") else "issueUnassignedFromYou"
    run = told.run
    actor = run and (run.creator_id if told.facts.get("assigned") else run.stopped_by_id)
    return _notification(
        action,
        told,
        around,
        None,
        run.channel_id if run else None,
        actor_id=actor or NOBODY,
    )


def access_changed(told: Told, around: Around) -> Json:
    conversation, granted = told.facts["conversationId"], told.facts["granted"]
    return {
        **_envelope("PermissionChange", "teamAccessChanged", told, around),
        "canAccessAllPublicTeams": False,
        "addedTeamIds": [conversation] if granted else [],
        "removedTeamIds": [] if granted else [conversation],
    }


def app_revoked(told: Told, around: Around) -> Json:
    body = _envelope("OAuthApp", "revoked", told, around)
    del body["appUserId"]
    return body


def test(told: Told, around: Around) -> Json:
    """Linear has none: a type that no handler waits for, in an envelope that its verifier takes."""
    envelope = _envelope("WebhookTest", "test", told, around)
    return {**envelope, "message": "This is a test from Placet."}


def prompt_context(
    home: AgentSnapshot | None, before: Sequence[MessageSnapshot], opener: MessageSnapshot | None
) -> str:
    """The conversation as text for a model: what was said before, and what it is about."""
    said = "".join(_said("comment", message) for message in before)
    asked = _said("prompt", opener) if opener else ""
    name = escape(home.name) if home else ""
    id = f' id="{home.id}"' if home else ""
    return f'<conversation name="{name}"{id}>\n{said}{asked}</conversation>'


NOBODY = UUID(int=0)
Body = Callable[[Told, Around], Json]


def _said(tag: str, message: MessageSnapshot) -> str:
    author = escape(message.sender_name or message.agent.name)
    at = iso(message.created_at)
    return f'<{tag} author="{author}" at="{at}">{escape(message.text or "", quote=False)}</{tag}>\n'


def _envelope(type: str, action: str, told: Told, around: Around) -> Json:
    return {
        "type": type,
        "action": action,
        "createdAt": told.facts["recordedAt"],
        "organizationId": str(around.workspace.id),
        "oauthClientId": around.client_ids.get(told.agent_id, str(told.agent_id)),
        "appUserId": str(told.agent_id),
        "webhookId": str(told.endpoint_id),
    }


def _session(told: Told, around: Around) -> Json:
    run = told.run
    if run is None:
        return {"id": told.facts["runId"], "appUserId": str(told.agent_id)}
    fields = wire.session_fields(run)
    names = ("id", "status", "type", "url", "summary")
    moments = ("createdAt", "updatedAt", "startedAt", "endedAt")
    creator = None if run.is_proactive else run.creator_id
    comment = around.messages.get(run.message_id) if run.message_id else None
    return {
        **{name: fields[name] for name in names},
        **{name: iso(fields[name]) for name in moments},
        "appUserId": str(run.agent.id),
        "organizationId": str(around.workspace.id),
        "creatorId": str(creator) if creator else None,
        "creator": _person(creator, run.creator_name, around) if creator else None,
        "issueId": str(run.channel_id),
        "issue": _issue(around.homes.get(run.channel_id)),
        "commentId": str(comment.id) if comment else None,
        "comment": _comment(comment) if comment else None,
        "sourceCommentId": str(comment.id) if comment else None,
        "archivedAt": None,
        "sourceMetadata": None,
    }


def _activity(told: Told, around: Around) -> Json:
    """`body` stands beside `content` as well: the guide speaks of the one, the types of the other."""
    activity = told.activity
    if activity is None:
        return {"id": told.facts["activityId"], "agentSessionId": told.facts["runId"]}
    at = iso(activity.created_at)
    return {
        "id": str(activity.id),
        "agentSessionId": str(activity.run_id),
        "content": {"type": activity.type, "body": activity.body},
        "body": activity.body,
        "signal": activity.signal,
        "signalMetadata": activity.signal_metadata,
        "sourceCommentId": str(activity.message_id) if activity.message_id else None,
        "createdAt": at,
        "updatedAt": at,
        "archivedAt": None,
        "userId": str(activity.user_id or NOBODY),
        "user": _person(activity.user_id, activity.user_name, around),
    }


def _notification(
    action: str,
    told: Told,
    around: Around,
    message: MessageSnapshot | None,
    home: UUID | None,
    *,
    actor_id: UUID | None = None,
) -> Json:
    at = told.facts["recordedAt"]
    actor = actor_id or (message.sender_user_id if message else None)
    known = actor is not None and actor != NOBODY
    notification = {
        "id": told.event_id,
        "type": action,
        "createdAt": at,
        "updatedAt": at,
        "archivedAt": None,
        "userId": str(told.agent_id),
        "actorId": str(actor) if known else None,
        "actor": _person(actor, "", around) if known else None,
        "issueId": str(home) if home else None,
        "issue": _issue(around.homes.get(home)) if home else None,
    }
    if message is not None:
        notification |= {"commentId": str(message.id), "comment": _comment(message)}
    envelope = _envelope("AppUserNotification", action, told, around)
    return {**envelope, "notification": notification}


def _person(user_id: UUID | None, name: str, around: Around) -> Json:
    """Somebody who is gone leaves the name."""
    known = around.people.get(user_id) if user_id else None
    return {
        "id": str(user_id or NOBODY),
        "name": known.display_name if known else name,
        "email": known.email if known else "",
        "url": settings.PLACET_URL,
        "avatarUrl": None,
    }


def _comment(message: MessageSnapshot) -> Json:
    author = message.sender_user_id if message.is_human else message.author_id or message.agent.id
    return {
        "id": str(message.id),
        "body": message.text or "",
        "userId": str(author) if author else None,
        "issueId": str(message.agent.id),
    }


def _issue(home: AgentSnapshot | None) -> Json | None:
    """A conversation: one issue in a team of its own."""
    if home is None:
        return None
    team = {"id": str(home.id), "key": wire.team_key(home.name), "name": home.name}
    return {
        "id": str(home.id),
        "identifier": f"{team['key']}-1",
        "title": home.name,
        "description": home.description or None,
        "url": wire.conversation_url(home.id),
        "teamId": team["id"],
        "team": team,
    }

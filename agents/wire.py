"""An agent and a key as JSON: every key of the wire contract, null where its feature comes later."""

from typing import Any

from agents.snapshots import (
    MASKED,
    AgentSnapshot,
    KeySnapshot,
    StatusChangeSnapshot,
    WebhookSnapshot,
)
from placet.lib.clock import iso


def agent_json(agent: AgentSnapshot, webhook: WebhookSnapshot | None = None) -> dict[str, Any]:
    """`webhook` for those who manage the agent; whoever only sees it reads null there."""
    return {
        "id": str(agent.id),
        "name": agent.name,
        "description": agent.description or None,
        "avatarUrl": agent.avatar_url or None,
        "webhookUrl": webhook and webhook.url,
        "webhookHeaders": webhook and (dict.fromkeys(webhook.headers, MASKED) or None),
        "webhookAuth": _masked_auth(webhook),
        "status": agent.status,
        "statusMessage": agent.status_message or None,
        "statusSince": iso(agent.status_since),
        "lastActiveAt": iso(agent.last_active_at),
        "commands": None,
        "tag": agent.tag or None,
        "takesRuns": agent.takes_runs,
        "runStaleSeconds": agent.run_stale_seconds,
        "managementUrl": None,
        "managementApiKey": None,
        "isSubagent": False,
        "parentAgentId": None,
        "createdAt": iso(agent.created_at),
    }


def _masked_auth(webhook: WebhookSnapshot | None) -> dict[str, str] | None:
    if webhook is None or webhook.auth is None:
        return None
    return {"username": webhook.auth["username"], "password": MASKED}


def key_json(key: KeySnapshot) -> dict[str, Any]:
    return {
        "id": str(key.id),
        "userId": str(key.user_id),
        "agentId": str(key.agent_id) if key.agent_id else None,
        "label": key.label,
        "keyPrefix": key.key_prefix,
        "scopes": list(key.scopes),
        "expiresAt": iso(key.expires_at),
        "lastUsedAt": iso(key.last_used_at),
        "createdAt": iso(key.created_at),
    }


def status_change_json(change: StatusChangeSnapshot) -> dict[str, Any]:
    return {
        "id": str(change.id),
        "agentId": str(change.agent_id),
        "status": change.status,
        "message": change.message or None,
        "createdAt": iso(change.created_at),
    }

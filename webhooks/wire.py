"""Endpoints, deliveries and attempts as JSON."""

from typing import Any

from agents.snapshots import MASKED
from placet.lib.clock import iso
from webhooks.snapshots import AttemptSnapshot, DeliverySnapshot, EndpointSnapshot, MintedEndpoint


def endpoint_json(endpoint: EndpointSnapshot) -> dict[str, Any]:
    return {
        "id": str(endpoint.id),
        "agentId": str(endpoint.agent_id) if endpoint.agent_id else None,
        "name": endpoint.name,
        "url": endpoint.url or None,
        "headers": dict.fromkeys(endpoint.header_names, MASKED),
        "events": list(endpoint.events),
        "agentIds": [str(agent_id) for agent_id in endpoint.agent_ids],
        "enabled": not endpoint.off,
        "disabledReason": endpoint.off_reason or None,
        "disabledAt": iso(endpoint.off_since),
        "failures": endpoint.health.failures,
        "failingSince": iso(endpoint.health.failing_since),
        "pausedUntil": iso(endpoint.health.open_until),
        "createdAt": iso(endpoint.created_at),
    }


def secret_json(minted: MintedEndpoint) -> dict[str, Any]:
    return {
        "webhookSecret": minted.secret,
        "oldSecretValidUntil": iso(minted.endpoint.rotating_until),
    }


def delivery_json(delivery: DeliverySnapshot) -> dict[str, Any]:
    waits = delivery.status == "pending" and not delivery.is_under_way
    return {
        "id": str(delivery.id),
        "eventId": delivery.event_id,
        "event": delivery.event_type,
        "agentId": str(delivery.agent_id) if delivery.agent_id else None,
        "messageId": str(delivery.message_id) if delivery.message_id else None,
        "to": delivery.kind,
        "endpointId": str(delivery.endpoint_id) if delivery.endpoint_id else None,
        "status": delivery.status,
        "attempts": delivery.tries,
        "nextAttemptAt": iso(delivery.due_at) if waits else None,
        "createdAt": iso(delivery.created_at),
        "settledAt": iso(delivery.settled_at),
        "body": delivery.body,
    }


def attempt_json(attempt: AttemptSnapshot) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "at": iso(attempt.at),
        "milliseconds": attempt.milliseconds,
        "statusCode": attempt.code,
        "error": attempt.error or None,
        "response": attempt.answer,
    }

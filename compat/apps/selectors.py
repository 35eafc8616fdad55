"""Guarded reads of apps: who manages an agent sees its app. A stranger's app and none look the same."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from oauth2_provider.models import AccessToken

from agents.selectors import managed_ids
from compat.apps.models import App
from compat.apps.snapshots import AppSnapshot, TokenSnapshot
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import NotFound
from placet.lib.ids import id_or_nil

MOST = 500


def apps_for(by: Actor) -> list[AppSnapshot]:
    """The apps whose agents the actor manages, newest first."""
    rows = loaded().filter(agent_id__in=managed_ids(by)).order_by("-id")[:MOST]
    return [AppSnapshot.of(row) for row in rows]


def app_for(by: Actor, app_id: object) -> AppSnapshot:
    return AppSnapshot.of(row_for(by, app_id))


def app_of_agent(by: Actor, agent_id: object) -> AppSnapshot | None:
    """The app an agent came with, if it did: for who manages the agent, and for the agent itself."""
    wanted = id_or_nil(agent_id)
    row = loaded().filter(agent_id=wanted).first() if wanted in managed_ids(by) else None
    return AppSnapshot.of(row) if row else None


def app_of_client(client_id: object) -> AppSnapshot | None:
    """Whose OAuth client that is: for the page that asks a person for consent, who may not manage it yet."""
    row = loaded().filter(application__client_id=str(client_id)).first()
    return AppSnapshot.of(row) if row else None


def apps_of_agents(agent_ids: Iterable[UUID]) -> dict[UUID, AppSnapshot]:
    """The apps of these agents, in one query. Not guarded: for the dialects of webhooks, which tell the agents themselves."""
    rows = loaded().filter(agent_id__in=list(agent_ids))
    return {row.agent_id: AppSnapshot.of(row) for row in rows}


def not_installed(agent_ids: Iterable[UUID]) -> set[UUID]:
    """Of these agents, those whose app nobody has installed, or somebody has revoked."""
    rows = App.objects.filter(agent_id__in=list(agent_ids), installed_at=None)
    return set(rows.order_by().values_list("agent_id", flat=True))


def tokens_of(by: Actor, app_id: object) -> list[TokenSnapshot]:
    """The access tokens of an app that are still good, newest first; never the tokens themselves."""
    row = row_for(by, app_id)
    rows = AccessToken.objects.filter(application_id=row.application_id, expires__gt=now())
    return [
        TokenSnapshot(
            id=token.pk,
            scopes=tuple(token.scope.split()),
            created_at=token.created,
            expires_at=token.expires,
        )
        for token in rows.order_by("-pk")[:MOST]
    ]


def row_for(by: Actor, app_id: object) -> App:
    """The row itself, for this app's services."""
    row = loaded().filter(pk=id_or_nil(app_id)).first()
    if row is None or row.agent_id not in managed_ids(by):
        raise NotFound("App not found")
    return row


def loaded() -> "QuerySet[App]":
    return App.objects.select_related("agent", "application")

"""An OAuth access token becomes an Actor: always the app's agent, never the person who gave consent."""

import hashlib
from collections.abc import Mapping

from oauth2_provider.models import AccessToken

from agents.auth import actor_of_key, key_in
from compat.apps.scopes import granted
from placet.lib import limits
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden, Unauthorized
from placet.lib.exchange import note
from placet.lib.ids import KEY_PREFIX


def actor_of_headers(headers: Mapping[str, str]) -> Actor:
    """Who asks, once that is counted."""
    actor = recognise(headers)
    limits.take("key", str(actor.key_id))
    return actor


def recognise(headers: Mapping[str, str], *, bare: bool = False) -> Actor:
    """The agent of `Authorization: Bearer …` or `x-api-key: …`; with `bare` also of an Authorization without a scheme.

    A key of Placet's (`hp_…`) that is bound to one agent does as well as an access token.
    """
    value = key_in(headers)
    if bare and not value:
        value = headers.get("authorization", "").strip()
    actor = _of_key(value) if value.startswith(KEY_PREFIX) else actor_of_token(value)
    note(actor=actor.kind)
    return actor


def actor_of_token(token: str) -> Actor:
    """The agent whose access token this is. Looked up every time: a token that is revoked stops at once."""
    rows = AccessToken.objects.filter(
        token_checksum=hashlib.sha256(token.encode()).hexdigest(),
        expires__gt=now(),
        application__app__installed_at__isnull=False,
        application__app__agent__owner__is_active=True,
    )
    row = rows.select_related("application__app__agent").first() if token else None
    if row is None or row.application is None:
        raise Unauthorized("The access token is missing, unknown, expired or revoked.")
    app = row.application.app
    return Actor(
        kind="key",
        user_id=app.agent.owner_id,
        name=app.agent.name,
        key_id=app.pk,
        bound_agent_id=app.agent_id,
        scopes=granted(row.scope.split(), app.scopes),
    )


def require(actor: Actor, scope: str) -> None:
    """Refuse what the token's scopes do not reach. A key of Placet's has only the two broad ones."""
    broad = "read" if scope.endswith(":read") else "write"
    if scope not in actor.scopes and broad not in actor.scopes:
        raise Forbidden(f'This token lacks the scope "{scope}".')


def _of_key(key: str) -> Actor:
    actor = actor_of_key(key)
    if actor.bound_agent_id is None:
        raise Unauthorized("This key speaks for several agents: bind one to the agent it is for.")
    return actor

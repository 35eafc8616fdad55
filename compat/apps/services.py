"""Changes to apps: registered, installed, given new secrets, revoked."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import (
    AccessToken,
    Application,
    Grant,
    RefreshToken,
    clear_expired,
    set_token_value,
)

from agents import services as agents
from compat.apps.models import App
from compat.apps.oauth import mint_token
from compat.apps.scopes import DEFAULT, SCOPES
from compat.apps.selectors import row_for
from compat.apps.snapshots import AppSnapshot, IssuedToken, RegisteredApp
from placet.events import catalogue
from placet.events.models import Recorded
from placet.events.outbox import record
from placet.lib.actors import Actor
from placet.lib.addresses import LINK, is_link
from placet.lib.clock import now
from placet.lib.errors import Conflict, Forbidden, Invalid
from placet.lib.ids import new_id
from placet.lib.wording import must_be, one_of
from runs.services import ending
from webhooks import dialects
from webhooks.selectors import endpoint_of_agent
from webhooks.services import endpoints

#: How long an agent may be silent in a run, as its platform has it.
STALE_SECONDS, STALE_ELSEWHERE = {"plane": 300}, 1800
#: As the platforms do: a day for what the token endpoint gives out.
TOKEN_LIFETIME = timedelta(days=1)


@transaction.atomic
def register_app(
    *,
    by: Actor,
    name: str,
    owner_id: UUID | None = None,
    redirect_uris: Sequence[str] = (),
    scopes: Sequence[str] = DEFAULT,
    webhook_url: str = "",
    told_in: Sequence[str] | None = None,
) -> RegisteredApp:
    """An agent with an OAuth client of its own. It can do nothing and is told nothing until somebody installs it.

    `told_in` names the dialects of its webhook; not to say is all there are, of which a receiver takes what it knows.
    """
    _refuse_keys(by)
    told_in = dialects.names() if told_in is None else told_in
    agent = agents.create_agent(
        by=by, name=name, owner_id=owner_id, run_stale_seconds=_patience(told_in)
    )
    secret, at = _mint_secret(), now()
    row = App(
        application=_client(agent.name, secret, redirect_uris),
        agent_id=agent.id,
        scopes=_clean_scopes(scopes),
        created_at=at,
        updated_at=at,
    )
    row.save(force_insert=True)
    told = endpoints.open_agent_endpoint(by=by, agent_id=agent.id, url=webhook_url, told_in=told_in)
    return RegisteredApp(
        app=AppSnapshot.of(row_for(by, row.pk)), client_secret=secret, webhook_secret=told.secret
    )


@transaction.atomic
def install_app(*, by: Actor, app_id: object, scopes: Sequence[str] | None = None) -> AppSnapshot:
    """Let an app act, within these scopes; who manages its agent may. An installed one keeps its installation."""
    _refuse_keys(by)
    row, at = _held(by, app_id), now()
    fields = {"scopes": _clean_scopes(row.scopes if scopes is None else scopes), "updated_at": at}
    fresh = {"installed_at": at, "installed_by_id": by.user_id, "installation_id": new_id()}
    rows = App.objects.filter(pk=row.pk)
    if rows.filter(installed_at=None).update(**fields, **fresh):
        agents.update_agent(by=by, agent_id=row.agent_id, changes={"takes_runs": True})
        record(catalogue.AppInstalled(agent_id=row.agent_id, app_id=row.pk), by=by)
    else:
        rows.update(**fields)
    return AppSnapshot.of(row_for(by, row.pk))


@transaction.atomic
def agree(
    *, by: Actor, app_id: object, scopes: Sequence[str], code: Callable[[], str]
) -> tuple[AppSnapshot, str]:
    """Install an app and make a code for it, or neither: a consent that leads nowhere was none."""
    app = install_app(by=by, app_id=app_id, scopes=scopes)
    return app, code()


@transaction.atomic
def change_app(
    *,
    by: Actor,
    app_id: object,
    redirect_uris: Sequence[str],
    told_in: Sequence[str] | None = None,
) -> AppSnapshot:
    """Say anew where people may be sent back to, and in which dialects its webhook is told; its agent's patience follows those."""
    _refuse_keys(by)
    row = row_for(by, app_id)
    client = row.application
    client.redirect_uris = " ".join(uri.strip() for uri in redirect_uris)
    _refuse_bad_redirects(client)
    client.save(update_fields=["redirect_uris", "updated"])
    if told_in is not None:
        _speak(row, told_in, by=by)
    return AppSnapshot.of(row_for(by, app_id))


@transaction.atomic
def revoke_app(*, by: Actor, app_id: object) -> AppSnapshot:
    """Take an app's installation away: its tokens end at once, it is told so and nothing more, its runs are stopped.

    Nobody can open one with it. Its history stays.
    """
    _refuse_keys(by)
    row = _held(by, app_id)
    rows = App.objects.filter(pk=row.pk, installed_at__isnull=False)
    if not rows.update(installed_at=None, installed_by=None, updated_at=now()):
        raise Conflict("This app is not installed.")
    _end_tokens(row)
    agents.update_agent(by=by, agent_id=row.agent_id, changes={"takes_runs": False})
    ending.end_runs(by=by, agent_id=row.agent_id)
    record(catalogue.AppRevoked(agent_id=row.agent_id, app_id=row.pk), by=by)
    return AppSnapshot.of(row_for(by, row.pk))


@transaction.atomic
def rotate_client_secret(*, by: Actor, app_id: object) -> str:
    """A new client secret; the old one opens nothing any more. Tokens that were issued stay."""
    _refuse_keys(by)
    row, secret = row_for(by, app_id), _mint_secret()
    row.application.client_secret = secret
    row.application.save(update_fields=["client_secret", "updated"])
    return secret


@transaction.atomic
def issue_token(*, by: Actor, app_id: object, lifetime: timedelta = TOKEN_LIFETIME) -> IssuedToken:
    """A token of an installed app's agent, as its client would be given; for people and scripts that do without OAuth."""
    _refuse_keys(by)
    row, token = _held(by, app_id), mint_token()
    if row.installed_at is None:
        raise Conflict("This app is not installed.")
    expires = now() + lifetime
    issued = AccessToken(application=row.application, scope=" ".join(row.scopes), expires=expires)
    set_token_value(issued, token)
    issued.save(force_insert=True)
    return IssuedToken(token=token, expires_at=expires)


@transaction.atomic
def revoke_tokens(*, by: Actor, app_id: object) -> None:
    """End every token of an app; it stays installed and may ask for new ones."""
    _refuse_keys(by)
    _end_tokens(_held(by, app_id))


def forget_expired_tokens() -> None:
    """Drop codes and tokens that have run out: of bot tokens every client asks for another one each day."""
    clear_expired()


def forget_with_agents(events: Iterable[Recorded]) -> None:
    """Beside the end of an agent: its client and its tokens end with it."""
    gone = [one.agent_id for one in events if one.type == catalogue.AgentDeleted.type]
    if gone:
        Application.objects.filter(app__agent_id__in=gone).delete()


def _held(by: Actor, app_id: object) -> App:
    """The app as it is now, and stays until the transaction ends."""
    App.objects.held().filter(pk=row_for(by, app_id).pk).first()
    return row_for(by, app_id)


def _patience(told_in: Sequence[str]) -> int:
    """How long its agent may be silent in a run: each platform has a time of its own, and the longest one is fair to all."""
    return max(
        (STALE_SECONDS.get(name, STALE_ELSEWHERE) for name in told_in),
        default=STALE_ELSEWHERE,
    )


def _speak(row: App, told_in: Sequence[str], *, by: Actor) -> None:
    before = endpoint_of_agent(by, row.agent_id)
    after = endpoints.speak(by=by, agent_id=row.agent_id, told_in=told_in)
    if before is None or set(before.dialects) != set(after.dialects):
        changes = {"run_stale_seconds": _patience(after.dialects)}
        agents.update_agent(by=by, agent_id=row.agent_id, changes=changes)


def _mint_secret() -> str:
    return str(generate_client_secret())


def _client(name: str, secret: str, redirect_uris: Sequence[str]) -> Application:
    client = Application(
        name=name,
        client_type=Application.CLIENT_CONFIDENTIAL,
        # The toolkit knows one grant for each client; our validator allows all three (compat.apps.oauth).
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
        redirect_uris=" ".join(uri.strip() for uri in redirect_uris),
    )
    _refuse_bad_redirects(client)
    client.save()
    return client


def _refuse_bad_redirects(client: Application) -> None:
    """The consent page names the host: browsers and we must read the same one."""
    if bad := [uri for uri in client.redirect_uris.split() if not is_link(uri)]:
        raise Invalid.field("redirectUris", must_be(LINK, bad[0]))
    try:
        client.clean()
    except ValidationError as fault:
        raise Invalid.field("redirectUris", "; ".join(fault.messages)) from None


def _end_tokens(row: App) -> None:
    for model in (AccessToken, RefreshToken, Grant):
        model.objects.filter(application_id=row.application_id).delete()


def _clean_scopes(scopes: Sequence[str]) -> list[str]:
    if not scopes:
        raise Invalid.field("scopes", "needs at least one")
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise Invalid.field("scopes", must_be(one_of(sorted(SCOPES)), unknown[0]))
    return sorted(set(scopes))


def _refuse_keys(by: Actor) -> None:
    if by.is_key:
        raise Forbidden("Apps are managed by people.")

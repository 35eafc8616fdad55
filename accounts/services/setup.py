"""The first minutes: a link printed at the first start, and the owner it makes. There is no default password."""

from django.conf import settings
from django.core import signing
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.text import slugify

from accounts.cleaning import clean_email, clean_name, clean_password, name_from
from accounts.models import Role, User, Workspace
from accounts.selectors import is_set_up
from accounts.snapshots import UserSnapshot
from placet.events import catalogue
from placet.events.outbox import record
from placet.lib.errors import Conflict, NotFound, PlacetError

SALT = "placet.setup"
LINK_LIVES_SECONDS = 24 * 3600


class AlreadySetUp(Conflict):
    code = "already_set_up"


def setup_link(base: str = "") -> str | None:
    """The link that makes the first owner, at `base` or PLACET_URL; None once anyone exists."""
    if is_set_up():
        return None
    token = signing.dumps("owner", salt=SALT)
    return (base or settings.PLACET_URL) + reverse("welcome:setup", args=[token])


def check_setup_token(token: str) -> None:
    """NotFound for a link we did not sign, that is older than a day, or that has done its work."""
    try:
        signing.loads(token, salt=SALT, max_age=LINK_LIVES_SECONDS)
    except signing.BadSignature:
        raise NotFound("This set-up link is not valid any more.") from None
    if is_set_up():
        raise AlreadySetUp("This Placet is already set up.")


@transaction.atomic
def create_owner(
    *, token: str, email: str, password: str, display_name: str = "", workspace_name: str = "Placet"
) -> UserSnapshot:
    """Make the first person, an owner. Of two people setting up at once exactly one wins; the other gets AlreadySetUp."""
    check_setup_token(token)
    return _first_owner(email, password, display_name, workspace_name)


@transaction.atomic
def ensure_owner_from_settings() -> UserSnapshot | None:
    """For scripts: make the owner named in PLACET_OWNER_EMAIL when nobody exists; None when there was nothing to do."""
    email, password = settings.PLACET_OWNER_EMAIL, settings.PLACET_OWNER_PASSWORD
    if not email or is_set_up():
        return None
    try:
        return _first_owner(email, password, "", "Placet")
    except AlreadySetUp:
        return None
    except PlacetError as refusal:
        raise ImproperlyConfigured(
            f"PLACET_OWNER_EMAIL and PLACET_OWNER_PASSWORD: {refusal.in_words()}"
        ) from None


def _first_owner(email: str, password: str, display_name: str, workspace_name: str) -> UserSnapshot:
    email = clean_email(email)
    row = User(email=email, role=Role.OWNER)
    row.display_name = clean_name(display_name, fallback=name_from(email))
    row.set_password(clean_password(password, user=row))
    _claim_workspace(clean_name(workspace_name, path="workspaceName", fallback="Placet"))
    row.save(force_insert=True)
    record(catalogue.UserCreated(user_id=row.pk), by=row.as_actor())
    return UserSnapshot.of(row)


def _claim_workspace(name: str) -> None:
    """The fixed primary key decides the race: the second insert fails, whatever either of them had read before."""
    try:
        with transaction.atomic():
            Workspace.objects.create(
                pk=Workspace.ONLY, name=name, slug=slugify(name)[:50] or "placet"
            )
    except IntegrityError:
        raise AlreadySetUp("This Placet is already set up.") from None

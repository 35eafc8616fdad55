"""Signing in and out, and the password that does it. These few services hold the request: the session hangs on it."""

from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db import transaction
from django.http import HttpRequest

from accounts.cleaning import LONGEST_EMAIL, LONGEST_PASSWORD, clean_password
from accounts.models import Session, User
from accounts.selectors import actor_of
from accounts.sessions import SEEN_AT, SIGNED_IN_AT, session_hash
from accounts.snapshots import UserSnapshot
from placet.events import catalogue
from placet.events.outbox import record
from placet.lib import limits
from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Invalid, Unauthorized
from placet.lib.ids import id_or_nil

TICKET_SALT = "placet.socket-ticket"
TICKET_LIVES_SECONDS = 30


class WrongCredentials(Unauthorized):
    """The same words for a stranger, a wrong password and a closed account."""

    code = "wrong_credentials"


class WrongPassword(Unauthorized):
    code = "wrong_password"


def sign_in(*, request: HttpRequest, email: str, password: str) -> UserSnapshot:
    """Start a fresh session for whoever these belong to; at most so many tries for an account and for an address."""
    place, account = limits.place_of(request), _account(email)
    limits.take("sign_in_per_address", place)
    # By address first: a stranger who guesses from one place must not shut the person out everywhere.
    limits.take("sign_in_per_account", f"{account} {place}")
    limits.take("sign_in_everywhere", account)
    user = _authenticate(request, email, password)
    # Whatever session came with the request dies: nobody can have planted a key that is now signed in.
    sign_out(request=request)
    with transaction.atomic():
        _hold(user, password=user.password)
        _enter(request, user)
    return UserSnapshot.of(user)


@transaction.atomic
def sign_out(*, request: HttpRequest) -> None:
    """End the request's session on the server, and the sockets that hang on it. Without a session nothing happens."""
    # Read from the session, before the flush: on the JSON door that signs in, request.user is nobody at all.
    key, user = request.session.session_key, auth.get_user(request)
    request.session.flush()
    request.user = AnonymousUser()
    if key and isinstance(user, User):
        record(
            catalogue.SessionEnded(user_id=user.pk, session=session_hash(key)), by=user.as_actor()
        )


def change_password(
    *, request: HttpRequest, current_password: str, new_password: str
) -> UserSnapshot:
    """Set one's own password. Every other session of the person ends; this one gets a new key."""
    by = actor_of(request.user)
    user = User.objects.get(pk=id_or_nil(by.user_id))
    limits.take("sign_in_per_account", f"change {user.pk}")
    if len(current_password) > LONGEST_PASSWORD or not user.check_password(current_password):
        raise WrongPassword("The current password is not right.")
    cleaned = clean_password(new_password, user=user, path="newPassword")
    if cleaned == current_password:
        raise Invalid.field("newPassword", "must differ from the current one")
    before, user.must_change_password = user.password, False
    user.set_password(cleaned)
    with transaction.atomic():
        _hold(user, password=before)
        user.save(update_fields=["password", "must_change_password"])
        Session.objects.filter(user_id=user.pk).delete()
        record(catalogue.SessionEnded(user_id=user.pk), by=by)
        _enter(request, user)
    return UserSnapshot.of(user)


def issue_ticket(*, request: HttpRequest) -> str:
    """Half a minute to open a socket as this session, for clients that cannot send its cookie."""
    actor_of(request.user)
    return signing.dumps(session_hash(request.session.session_key), salt=TICKET_SALT)


def redeem_ticket(*, ticket: str) -> tuple[Actor, str]:
    """The person and the session hash behind a ticket; Unauthorized once it is stale or its session has ended."""
    try:
        digest = signing.loads(ticket, salt=TICKET_SALT, max_age=TICKET_LIVES_SECONDS)
    except signing.BadSignature:
        raise Unauthorized("Invalid ticket") from None
    rows = Session.objects.live(now()).filter(pk=digest, user__must_change_password=False)
    row = rows.select_related("user").first()
    if row is None or row.user is None:
        raise Unauthorized("Invalid ticket")
    return row.user.as_actor(), digest


def _account(email: str) -> str:
    """In upper case, as PostgreSQL compares: it takes a dotless i for an I, and each such spelling would count anew."""
    return email.strip().upper()[:LONGEST_EMAIL]


def _authenticate(request: HttpRequest, email: str, password: str) -> User:
    # ModelBackend hashes once even when nobody has this e-mail, so the time taken tells nothing.
    user = None
    if len(password) <= LONGEST_PASSWORD and "\0" not in email:
        user = auth.authenticate(request, username=email.strip(), password=password)
    if not isinstance(user, User):
        raise WrongCredentials("E-mail or password is not right.")
    return user


def _hold(user: User, *, password: str) -> None:
    """Hashing takes its time, and is done before a transaction. Who changed the password or closed the account meanwhile wins."""
    rows = User.objects.select_for_update().filter(pk=user.pk, password=password, is_active=True)
    if rows.first() is None:
        raise WrongCredentials("E-mail or password is not right.")


def _enter(request: HttpRequest, user: User) -> None:
    auth.login(request, user)
    _describe_session(request)
    # Now, and not after the response: a change of password that comes next must find the session to end it.
    request.session.save()


def _describe_session(request: HttpRequest) -> None:
    at = now().timestamp()
    request.session[SIGNED_IN_AT] = at
    request.session[SEEN_AT] = at
    request.session["user_agent"] = request.headers.get("User-Agent", "")[:300]
    request.session["address"] = limits.address_of(request)

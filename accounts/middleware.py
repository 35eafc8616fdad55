"""What every signed-in request must pass: the session's two limits, and a password that is one's own."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import User
from accounts.services import signing_in
from accounts.sessions import SEEN_AT
from placet.lib.clock import now
from placet.lib.errors import Forbidden
from placet.lib.exchange import note
from placet.lib.rest import error_response

TOUCHED_AT_MOST_EVERY = 300
View = Callable[[HttpRequest], HttpResponse]


class MustChangePassword(Forbidden):
    code = "must_change_password"


def session_limits(get_response: View) -> View:
    """End a session past its absolute limit, and push the idle limit of one in use ahead."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            _enforce_limits(request)
        return get_response(request)

    return middleware


def must_change_password(get_response: View) -> View:
    """Whoever signed in with a temporary password can do one thing: choose their own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not _owes_password(request):
            return get_response(request)
        if request.path.startswith("/api/"):
            return error_response(
                MustChangePassword("Change your temporary password first."), request
            )
        return redirect("accounts:password-change")

    return middleware


def _enforce_limits(request: HttpRequest) -> None:
    session = request.session
    if session.get_expiry_age() <= 0:
        signing_in.sign_out(request=request)
        return
    at = now().timestamp()
    # Not on every request: a write for each would queue behind the one writer SQLite has.
    if at - session.get(SEEN_AT, 0) > min(TOUCHED_AT_MOST_EVERY, settings.SESSION_COOKIE_AGE // 4):
        session[SEEN_AT] = at


def _owes_password(request: HttpRequest) -> bool:
    user = request.user
    if not isinstance(user, User):
        return False
    note(actor=user.as_actor().kind)
    return user.must_change_password and request.path not in _ways_out()


def _ways_out() -> set[str]:
    names = ("accounts:password-change", "accounts:sign-out")
    return {reverse(name) for name in names} | {
        f"/api/auth/{verb}" for verb in ("me", "change-password", "logout")
    }

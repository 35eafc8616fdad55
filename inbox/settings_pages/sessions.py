"""Where am I signed in, and signing out there."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from accounts import selectors
from accounts.auth import human
from accounts.services import sessions
from inbox.settings_pages.parts import settings_page, show


@settings_page
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    found = selectors.sessions_of(human(request), request.session.session_key)
    current_first = sorted(found, key=lambda session: not session.is_current)
    return show(request, "settings/sessions.html", {"sessions": current_first})


@settings_page
@require_POST
def end(request: HttpRequest, session_id: str) -> HttpResponse:
    sessions.end_session(by=human(request), session_id=session_id)
    messages.success(request, "That session is signed out.")
    return redirect("settings:sessions")


@settings_page
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    ended = sessions.end_other_sessions(by=human(request), current_key=request.session.session_key)
    messages.success(request, f"{ended} other session{'' if ended == 1 else 's'} signed out.")
    return redirect("settings:sessions")

"""The browser's JSON door to sign-in, people and preferences."""

from typing import Any

from django.middleware.csrf import get_token
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import selectors, wire
from accounts.auth import SessionAuthentication, SignedIn, refuse_cross_site
from accounts.services import signing_in, users
from accounts.shapes import (
    PasswordChange,
    PreferenceChanges,
    SignInIn,
    UserChanges,
    UserIn,
    changes_in,
)
from placet.lib.actors import Actor
from placet.lib.rest import AlwaysJson, actor_of
from placet.lib.shapes import parse


class JsonOnly(AlwaysJson):
    """A form on another site can send anything but this content type."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return DefaultContentNegotiation.select_parser(self, request, parsers)


@extend_schema(exclude=True)
class BrowserView(APIView):
    """JSON for a person in a session. `self.by` is who is acting."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [SignedIn]
    content_negotiation_class = JsonOnly

    @property
    def by(self) -> Actor:
        return actor_of(self.request)


@extend_schema(exclude=True)
@method_decorator(sensitive_post_parameters(), "dispatch")
class Login(APIView):
    authentication_classes = []
    permission_classes = []
    content_negotiation_class = JsonOnly

    def post(self, request: Request) -> Response:
        refuse_cross_site(request._request)
        body = parse(SignInIn, request.data)
        user = signing_in.sign_in(
            request=request._request, email=body["email"], password=body["password"]
        )
        return Response({"user": wire.signed_in_user(user)})


class Refresh(BrowserView):
    def post(self, request: Request) -> Response:
        # Saving the session moves its expiry ahead and sends its cookie again; the absolute limit stays where it was.
        request.session.modified = True
        return Response({"user": wire.signed_in_user(selectors.me(self.by))})


class Me(BrowserView):
    def get(self, request: Request) -> Response:
        get_token(request._request)
        return Response({"user": wire.signed_in_user(selectors.me(self.by))})


class Logout(BrowserView):
    permission_classes = []

    def post(self, request: Request) -> Response:
        signing_in.sign_out(request=request._request)
        return Response({"message": "Logged out"})


class ChangePassword(BrowserView):
    def post(self, request: Request) -> Response:
        body = parse(PasswordChange, request.data)
        signing_in.change_password(
            request=request._request,
            current_password=body["currentPassword"],
            new_password=body["newPassword"],
        )
        return Response({"message": "Password changed"})


class SocketTicket(BrowserView):
    def post(self, request: Request) -> Response:
        return Response({"ticket": signing_in.issue_ticket(request=request._request)})


class Users(BrowserView):
    def get(self, request: Request) -> Response:
        return Response([wire.listed_user(user) for user in selectors.users_for(self.by)])

    def post(self, request: Request) -> Response:
        user = users.create_user(by=self.by, **changes_in(parse(UserIn, request.data)))
        return Response(wire.listed_user(user), status=201)


class User(BrowserView):
    def patch(self, request: Request, user_id: str) -> Response:
        changes = changes_in(parse(UserChanges, request.data))
        return Response(
            wire.listed_user(users.update_user(by=self.by, user_id=user_id, changes=changes))
        )

    def delete(self, request: Request, user_id: str) -> Response:
        users.delete_user(by=self.by, user_id=user_id)
        return Response({"deleted": True})


class Preferences(BrowserView):
    def get(self, request: Request) -> Response:
        return Response(wire.preferences(selectors.me(self.by)))

    def patch(self, request: Request) -> Response:
        changes = changes_in(parse(PreferenceChanges, request.data))
        return Response(wire.preferences(users.update_profile(by=self.by, changes=changes)))

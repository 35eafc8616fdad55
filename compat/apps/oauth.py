"""django-oauth-toolkit, as the SDKs of two platforms need it: three grants for one client, bodies in JSON, bot tokens."""

import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.db import transaction
from django.http import QueryDict
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.models import Grant, RefreshToken
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauthlib.oauth2.rfc6749 import errors

from compat.apps.models import App
from compat.apps.scopes import DEFAULT, SCOPES
from placet.lib.ids import parse_id

PREFIX = "hpo_"
Answer = tuple[Any, dict[str, str], str, int]
#: A digest of 256 bits in base64url.
S256 = re.compile(r"[A-Za-z0-9_-]{43}")
#: Of a token for the client's own credentials, in seconds, where a platform gives it longer than a day.
BOT_LIFETIMES = {"/oauth/token": 30 * 24 * 3600}
GRANTS = ("authorization_code", "refresh_token", "client_credentials")


def mint_token(request: object = None, refresh_token: bool = False) -> str:
    """An access or refresh token: 192 random bits. The prefix is for whoever looks for secrets in what was published."""
    return PREFIX + secrets.token_hex(24)


class Scopes(BaseScopes):
    """The words of both platforms, in the place of a setting."""

    def get_all_scopes(self) -> dict[str, str]:
        return SCOPES

    def get_available_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        """Any word we know may be asked for; what a token reaches is decided when it is used (compat.apps.auth)."""
        return list(SCOPES)

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return list(DEFAULT)


class Validator(OAuth2Validator):
    """What may be granted to whom. A client that belongs to no app, or to one nobody installed, gets no token."""

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        return grant_type in GRANTS and _is_installed(request)

    def validate_response_type(
        self,
        client_id: str,
        response_type: str,
        client: Any,
        request: Any,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        return response_type == "code" and App.objects.filter(application=client).exists()

    def save_authorization_code(self, client_id: str, code: Any, request: Any, *more: Any) -> None:
        """Without what nobody here reads and the toolkit stumbles over: OpenID's parameters, and a resource to be named."""
        request.nonce, request.claims, request.resource = None, None, []
        super().save_authorization_code(client_id, code, request, *more)

    def _check_and_set_request_resource(self, request: Any) -> None:
        """There is one: this Placet."""
        request.resource = []

    def _load_application(self, client_id: str, request: Any) -> Any:
        """PostgreSQL cannot look for a NUL, and Basic may hold one."""
        if client_id and "\0" in client_id:
            return None
        return super()._load_application(client_id, request)

    def save_bearer_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        """Checked once more with the app held: meanwhile it may have been revoked, and what is good for one time be used."""
        token["expires_in"] = _lifetime(request, token["expires_in"])
        with transaction.atomic():
            is_good = _is_installed_still(request) and _is_unused(request)
            if is_good:
                super().save_bearer_token(token, request, *args, **kwargs)
                _use_up_code(request)
        if not is_good:
            raise errors.InvalidGrantError(request=request)

    def invalidate_authorization_code(self, *args: Any, **kwargs: Any) -> None:
        """Done already, in the transaction of its token."""

    def revoke_token(self, token: str, hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            App.objects.held().filter(application=request.client).first()
            super().revoke_token(token, hint, request, *args, **kwargs)

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        """A client that sends a verifier has sent a challenge: where there is none, somebody took it off on the way."""
        challenge: str | None = super().get_code_challenge(code, request)
        if challenge is None and getattr(request, "code_verifier", None):
            raise errors.InvalidGrantError(request=request)
        return challenge


class Core(OAuthLibCore):
    """Also reads JSON, which one of the SDKs sends."""

    def validate_authorization_request(self, request: Any) -> tuple[list[str], dict[str, Any]]:
        """The toolkit finds a challenge it does not take only when it makes the code: then somebody has agreed to nothing."""
        scopes, credentials = super().validate_authorization_request(request)
        if fault := _fault_of_challenge(credentials):
            raise OAuthToolkitError(
                errors.InvalidRequestError(fault, request=credentials["request"])
            )
        return scopes, credentials

    def create_token_response(self, request: Any) -> Answer:
        """Of the grants that the toolkit knows only ours: some of the others stumble where nothing is set up for them."""
        if dict(self.extract_body(request)).get("grant_type") not in GRANTS:
            return _refused(errors.UnsupportedGrantTypeError())
        try:
            answer: Answer = super().create_token_response(request)
        except (Grant.DoesNotExist, RefreshToken.DoesNotExist):
            # The toolkit reads them several times; meanwhile somebody was quicker, or swept.
            return _refused(errors.InvalidGrantError())
        return answer

    def _get_escaped_full_path(self, request: Any) -> str:
        """As Django reads it, written anew: the toolkit has no answer to a query that is not well encoded."""
        query = QueryDict(request.META.get("QUERY_STRING", ""))
        return f"{request.path}?{query.urlencode()}"

    def extract_body(self, request: Any) -> list[tuple[str, str]]:
        if request.content_type != "application/json":
            body: list[tuple[str, str]] = super().extract_body(request)
            return body
        try:
            sent = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            return []
        pairs = sent.items() if isinstance(sent, dict) else ()
        said = [(str(name), str(value)) for name, value in pairs if value is not None]
        # Forms with one are refused before they get here; PostgreSQL cannot even look for it.
        return [] if any("\0" in part for pair in said for part in pair) else said


def _fault_of_challenge(asked: Mapping[str, Any]) -> str | None:
    challenge = asked.get("code_challenge")
    if challenge is None:
        return None
    if asked["code_challenge_method"] != "S256":
        return "code_challenge_method must be S256; got plain"
    return None if S256.fullmatch(challenge) else "code_challenge must be what S256 makes"


def _lifetime(request: Any, usual: int) -> int:
    door = urlsplit(request.uri).path
    return BOT_LIFETIMES.get(door, usual) if request.grant_type == "client_credentials" else usual


def _refused(refusal: errors.OAuth2Error) -> Answer:
    return None, {}, refusal.json, refusal.status_code


def _is_installed(request: Any) -> bool:
    """An installation may be named; then it must be the one there is."""
    row = App.objects.filter(application=request.client, installed_at__isnull=False).first()
    named = getattr(request, "app_installation_id", None)
    if row is not None and named and parse_id(named) != row.installation_id:
        raise errors.InvalidGrantError("Unknown app_installation_id.", request=request)
    request.installed_as = row.installation_id if row else None
    return row is not None


def _is_installed_still(request: Any) -> bool:
    rows = App.objects.held().filter(application=request.client, installed_at__isnull=False)
    row = rows.first()
    return row is not None and row.installation_id == request.installed_as


def _is_unused(request: Any) -> bool:
    """A refresh token with which somebody was quicker ends what came of it, as one that is used later does."""
    if request.grant_type != "refresh_token":
        return True
    row = RefreshToken.objects.filter(pk=request.refresh_token_instance.pk).first()
    if row and row.revoked:
        RefreshToken.revoke_family(row.token_family)
    return row is not None and row.revoked is None


def _use_up_code(request: Any) -> None:
    if request.grant_type == "authorization_code":
        gone, _ = Grant.objects.filter(code=request.code, application=request.client).delete()
        if not gone:
            raise errors.InvalidGrantError(request=request)

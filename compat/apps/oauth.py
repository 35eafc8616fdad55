"""django-oauth-toolkit, as the SDKs of two platforms need it: three grants for one client, bodies in JSON, bot tokens."""

import secrets
from typing import Any

import orjson
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauthlib.oauth2.rfc6749 import errors

from compat.apps.models import App
from compat.apps.scopes import DEFAULT, SCOPES
from placet.lib.ids import parse_id

PREFIX = "hpo_"
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

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        """A client that sends a verifier has sent a challenge: where there is none, somebody took it off on the way."""
        challenge: str | None = super().get_code_challenge(code, request)
        if challenge is None and getattr(request, "code_verifier", None):
            raise errors.InvalidGrantError(request=request)
        return challenge


class Core(OAuthLibCore):
    """Also reads JSON, which one of the SDKs sends."""

    def create_token_response(self, request: Any) -> tuple[Any, dict[str, str], str, int]:
        """Of the grants that the toolkit knows only ours: some of the others stumble where nothing is set up for them."""
        if dict(self.extract_body(request)).get("grant_type") not in GRANTS:
            refused = errors.UnsupportedGrantTypeError()
            return None, {}, refused.json, refused.status_code
        answer: tuple[Any, dict[str, str], str, int] = super().create_token_response(request)
        return answer

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


def _is_installed(request: Any) -> bool:
    """An installation may be named; then it must be the one there is."""
    row = App.objects.filter(application=request.client, installed_at__isnull=False).first()
    named = getattr(request, "app_installation_id", None)
    if row is not None and named and parse_id(named) != row.installation_id:
        raise errors.InvalidGrantError("Unknown app_installation_id.", request=request)
    return row is not None

"""How often somebody may ask for tokens or end them: secrets are checked with a slow hash, and a client's id is no secret."""

import base64
import hashlib
from urllib.parse import unquote_plus

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import get_oauthlib_core

from placet.lib import limits


def count(request: HttpRequest) -> None:
    """Refuse with TooManyRequests before anything is looked at, by the address and by the client that it names.

    Never by the client alone: its id is no secret, and strangers could keep it from its tokens.
    """
    place = limits.place_of(request)
    limits.take("tokens_per_address", place)
    for client_id in _named(request):
        limits.take(
            "tokens_per_client", f"{hashlib.sha256(client_id.encode()).hexdigest()} {place}"
        )


def _named(request: HttpRequest) -> set[str]:
    """In the body, and in Basic: where one does not fit the toolkit tries the other."""
    sent = dict(get_oauthlib_core().extract_body(request)).get("client_id", "")
    return {sent, _in_basic(request.headers.get("Authorization", ""))} - {""}


def _in_basic(header: str) -> str:
    scheme, _, said = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        pair = base64.b64decode(said).decode()
    except ValueError:
        return ""
    return unquote_plus(pair.partition(":")[0])

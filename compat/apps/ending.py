"""Whoever holds a token may end it: it is its own credential."""

import hashlib

from django.db import transaction
from django.db.models import Q
from oauth2_provider.models import AccessToken, RefreshToken

from compat.apps.models import App


@transaction.atomic
def end_token(token: str) -> bool:
    """End a token of either kind, and what belongs to it: the other one of its pair. False when it is not live."""
    checksum = hashlib.sha256(token.encode()).hexdigest()
    _hold_apps_with(checksum)
    pairs = RefreshToken.objects.filter(
        Q(token_checksum=checksum, revoked=None) | Q(access_token__token_checksum=checksum)
    )
    mine = Q(token_checksum=checksum) | Q(refresh_token__in=pairs)
    access = set(AccessToken.objects.filter(mine).values_list("pk", flat=True))
    refresh = set(pairs.values_list("pk", flat=True))
    RefreshToken.objects.filter(pk__in=refresh).delete()
    AccessToken.objects.filter(pk__in=access).delete()
    return bool(access or refresh)


def _hold_apps_with(checksum: str) -> None:
    """So that nobody makes a new pair of this one meanwhile."""
    clients = {
        client
        for model in (AccessToken, RefreshToken)
        for client in model.objects.filter(token_checksum=checksum).values_list(
            "application_id", flat=True
        )
    }
    list(App.objects.held().filter(application_id__in=clients))

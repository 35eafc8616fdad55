"""A link to one file, for whoever has it, for an hour. Nothing is stored: the signature says which file, and until when."""

from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.db.models import F

from files.models import StoredFile
from files.selectors import row_for
from files.snapshots import FileSnapshot
from placet.lib.actors import Actor
from placet.lib.errors import Forbidden, NotFound
from placet.lib.ids import id_or_nil

LASTS = timedelta(hours=1)
SALT = "placet.files.share"


def share_token(*, by: Actor, file_id: object) -> str:
    """What opens the file for an hour, unless its links are revoked before."""
    if not by.is_human:
        raise Forbidden("Only a person shares a file.")
    row = row_for(by, file_id)
    return signing.dumps([row.pk.hex, row.share_round], salt=SALT)


def shared_file(*, token: str) -> FileSnapshot:
    """The file behind a token; one that is forged, too old or revoked opens nothing, and says no more than that."""
    try:
        file_id, number = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        raise NotFound("This link is not valid, or not any more") from None
    rows = StoredFile.objects.select_related("preview")
    row = rows.filter(pk=id_or_nil(file_id), share_round=number).first()
    if row is None:
        raise NotFound("This link is not valid, or not any more")
    return FileSnapshot.of(row)


@transaction.atomic
def revoke_links(*, by: Actor, file_id: object) -> None:
    """End every link to the file that there is; the next one is a new one."""
    row = row_for(by, file_id)
    StoredFile.objects.filter(pk=row.pk).update(share_round=F("share_round") + 1)

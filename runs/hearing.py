"""Beside the changes of the inbox: what people write and respond goes on in runs, in the same transaction."""

from collections.abc import Sequence
from uuid import UUID

from placet.events import catalogue
from placet.events.models import Recorded
from runs.models import Run
from runs.services import prompting

#: After these nobody can answer the question any more.
_OVER = {
    catalogue.ReviewExpired.type,
    catalogue.ReviewCancelled.type,
    catalogue.MessageDeleted.type,
}


def hear(recorded: Sequence[Recorded]) -> None:
    for one in recorded:
        if one.type == catalogue.MessageCreated.type and one.data["senderType"] == "user":
            prompting.take_message(UUID(one.data["messageId"]))
        elif one.type == catalogue.ReviewResponded.type:
            prompting.take_response(UUID(one.data["messageId"]))
    if over := [one.data["messageId"] for one in recorded if one.type in _OVER]:
        # No revision: who is about to change the run has taken the question back itself.
        Run.objects.filter(awaits__in=over).update(awaits=None)

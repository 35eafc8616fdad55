"""Beside the changes of the inbox: what people write and respond goes on in runs, in the same transaction."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

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


def _hold_still(agent_id: UUID) -> None:
    """Before an agent's rows go, and after its open questions (reviews.services holds those). A lock, for there is nothing to compare: what is reported after the activities were deleted and
    before their runs are would be in the way."""
    mine = Q(agent_id=agent_id) | Q(channel_id=agent_id)
    list(Run.objects.filter(mine).select_for_update().order_by("pk").values_list("pk", flat=True))


def hear(recorded: Sequence[Recorded]) -> None:
    for one in recorded:
        if one.type == catalogue.MessageCreated.type and one.data["senderType"] == "user":
            prompting.take_message(UUID(one.data["messageId"]))
        elif one.type == catalogue.ReviewResponded.type:
            prompting.take_response(UUID(one.data["messageId"]))
        elif one.type == catalogue.AgentDeleted.type and one.agent_id:
            _hold_still(UUID(one.agent_id))
    if over := [one.data["messageId"] for one in recorded if one.type in _OVER]:
        # No revision: who is about to change the run has taken the question back itself.
        Run.objects.filter(awaits__in=over).update(awaits=None)

"""What /metrics says of messages, and of the browsers that show them."""

from prometheus_client import Gauge

from inbox import live
from inbox.models import SenderType
from placet.events import catalogue
from placet.events.models import Recorded
from placet.lib.metrics import PROCESS
from placet.totals import tally

Gauge(
    "placet_sockets_open", "Browser windows connected to this process.", registry=PROCESS
).set_function(live.open_sockets)


def _posted(recorded: Recorded) -> str | None:
    is_message = recorded.type == catalogue.MessageCreated.type
    return str(recorded.data["senderType"]) if is_message else None


tally.keep(
    tally.Counter(
        name="placet_messages_posted",
        said="Messages, by who wrote them: an agent, or a person (user).",
        label="sender",
        of=_posted,
        values=SenderType.values,
    )
)

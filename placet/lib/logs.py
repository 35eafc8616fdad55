"""How a log line looks, and what it must not say."""

import logging
from typing import Any

from placet.lib.exchange import current

NO_ROUTE = "(no route)"
# Of these the JSON lines say nothing: the request itself would be written with its query, a task with its arguments.
UNSAID = ("request", "data", "color_message")


class OfRequest(logging.Filter):
    """Names the request a line belongs to, and says its route where Django would say its path: that may hold a ticket."""

    def filter(self, record: logging.LogRecord) -> bool:
        if (exchange := current()) is not None:
            record.request_id = exchange.id
        request: Any = getattr(record, "request", None)
        if hasattr(request, "path") and isinstance(record.args, tuple):
            # Django escapes what it logs.
            path = request.path.encode("unicode_escape").decode()
            record.args = tuple(route_of(request) if arg == path else arg for arg in record.args)
        return True


class Plain(logging.Formatter):
    """For people: the name of the request at the end, where there is one."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        said = super().formatMessage(record)
        request_id = getattr(record, "request_id", "")
        return f"{said} [{request_id}]" if request_id else said


def route_of(request: Any) -> str:
    """Its entry of the URL table, where the ids and tickets of the path are names of parameters."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else NO_ROUTE

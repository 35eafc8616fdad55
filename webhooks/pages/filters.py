"""Which deliveries the person chose to see, as the address of the page says it."""

from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, QueryDict

from placet.lib.actors import Actor
from webhooks.listing import lines_page
from webhooks.selectors import PAGE
from webhooks.snapshots import LinePage

TABS = (("", "All"), ("failed", "Failed"), ("pending", "Pending"), ("delivered", "Delivered"))
NARROWING = ("agent", "endpoint", "event", "message")
MOST = 200


@dataclass(frozen=True, kw_only=True)
class Filters:
    status: str = ""
    agent: str = ""
    endpoint: str = ""
    event: str = ""
    message: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        status = query.get("status", "")
        return cls(
            status=status if status in dict(TABS) else "",
            **{name: query.get(name, "") for name in NARROWING},
        )

    @classmethod
    def behind(cls, request: HttpRequest) -> Self:
        """The page a form stood on keeps its filters."""
        return cls.of(QueryDict(urlsplit(request.headers.get("Referer", "")).query))

    @property
    def narrowing(self) -> dict[str, str]:
        """All but the tab."""
        return {name: value for name in NARROWING if (value := getattr(self, name))}

    @property
    def query(self) -> str:
        """As they go behind a link: "?status=failed&agent=…", or nothing."""
        return _query(self.status, self.narrowing)

    @property
    def tabs(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name or "all",
                "label": label,
                "query": _query(name, self.narrowing),
                "here": name == self.status,
            }
            for name, label in TABS
        ]

    @property
    def chosen(self) -> dict[str, object]:
        """As the selectors and services ask for it, the tab left out."""
        return {
            "agent_id": self.agent,
            "endpoint_id": self.endpoint,
            "event": self.event,
            "message_id": self.message,
        }

    def page(self, by: Actor, *, cursor: str | None = None, limit: int = PAGE) -> LinePage:
        most = min(max(limit, 1), MOST)
        return lines_page(by, cursor=cursor, limit=most, status=self.status, **self.chosen)


def _query(status: str, narrowing: dict[str, str]) -> str:
    chosen = ({"status": status} if status else {}) | narrowing
    return f"?{urlencode(chosen)}" if chosen else ""

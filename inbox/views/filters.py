"""What the person chose to see, as the address of the page says it."""

from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from inbox import triage
from inbox.snapshots import MessagePage
from placet.lib.actors import Actor

TABS = (("pending", "Waiting"), ("completed", "Done"), ("expired", "Expired"), ("all", "All"))
LIMIT, MOST = 50, 200


@dataclass(frozen=True, kw_only=True)
class Filters:
    status: str = "pending"
    agent: str = ""
    type: str = ""
    q: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        status = query.get("status", "pending")
        return cls(
            status=status if status in dict(TABS) else "pending",
            agent=query.get("agent", ""),
            type=query.get("type", ""),
            q=query.get("q", "").strip()[:200],
        )

    @property
    def narrowing(self) -> dict[str, str]:
        """All but the tab."""
        return {name: value for name in ("agent", "type", "q") if (value := getattr(self, name))}

    @property
    def query(self) -> str:
        """The filters as they go behind a link: "?status=all&agent=…", or nothing."""
        tab = {"status": self.status} if self.status != "pending" else {}
        return f"?{urlencode(chosen)}" if (chosen := tab | self.narrowing) else ""

    @property
    def tabs(self) -> list[dict[str, Any]]:
        links = (
            (name, label, urlencode({"status": name} | self.narrowing)) for name, label in TABS
        )
        return [
            {"name": name, "label": label, "query": f"?{query}", "here": name == self.status}
            for name, label, query in links
        ]

    def page(self, actor: Actor, *, cursor: str | None = None, limit: int = LIMIT) -> MessagePage:
        return triage.inbox_page(
            actor,
            status=self.status,
            agent_id=self.agent or None,
            type=self.type or None,
            search=self.q,
            cursor=cursor,
            limit=min(max(limit, 1), MOST),
        )

    def following(self, actor: Actor, after: object) -> UUID | None:
        """The next open question under these filters, whatever the tab."""
        return triage.next_open(
            actor, after=after, agent_id=self.agent or None, type=self.type or None, search=self.q
        )

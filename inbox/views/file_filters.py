"""Which files the person chose to see, and how, as the address of the page says it."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from files.groups import GROUPS
from files.selectors import files_page
from files.snapshots import FilePage
from placet.lib.actors import Actor
from placet.lib.ids import id_or_nil

#: At once, and at most when what is shown is fetched anew.
LIMIT, MOST = 60, 100
GROUP_SLUGS = {group.slug for group in GROUPS}


@dataclass(frozen=True, kw_only=True)
class FileFilters:
    type: str = ""
    agent: str = ""
    q: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        wanted = query.get("type", "")
        return cls(
            type=wanted if wanted in GROUP_SLUGS else "",
            agent=query.get("agent", ""),
            q=query.get("q", "").strip()[:200],
        )

    @property
    def query(self) -> str:
        """The filters as they go behind a link: "?type=image&q=…", or nothing."""
        chosen = {name: value for name, value in vars(self).items() if value}
        return f"?{urlencode(chosen)}" if chosen else ""

    def page(self, actor: Actor, *, cursor: str | None = None, limit: int = LIMIT) -> FilePage:
        return files_page(
            actor,
            group=self.type,
            agent_id=id_or_nil(self.agent) if self.agent else None,
            search=self.q,
            cursor=cursor,
            limit=min(max(limit, 1), MOST),
        )

"""What people look at in the seeded workspace, and how one would have asked for it without thinking."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from accounts.models import User
from agents.selectors import visible_ids
from bench import seed
from inbox import rail, selectors, stats, triage
from inbox.models import Message
from inbox.status import board
from inbox.status.window import WEEK
from placet.lib.clock import now

Scene = Callable[[], Any]
PAGE = 50
SEARCHED = {
    "zephyrite": "12 in a million",
    "quokkas": "400 in a million",
    "canary": "0.5 %",
    "deploy": "40 %",
}


class Scenes:
    def __init__(self) -> None:
        self.owner = User.objects.get(email=seed.EMAIL).as_actor()
        self.member = User.objects.get(email=seed.MEMBER).as_actor()
        self.loud = (visible_ids(self.member) or [])[0]
        self.loud_count = Message.objects.filter(agent_id=self.loud).count()
        self._loaded = Message.objects.select_related("agent", "review")

    def pages(self) -> Iterator[tuple[str, Scene, Scene]]:
        open_ones = self._loaded.filter(review__status="pending", review__expires_at__gt=now())
        urgent = open_ones.order_by("review__expires_at", "review_id")
        settled = self._loaded.filter(review__status="completed").order_by("-review__settled_at")
        everything = self._loaded.filter(review__isnull=False).order_by("-review_id")
        depth = seed.ROWS // 20
        for name, status, naive in (("waiting", "pending", urgent), ("done", "completed", settled), ("all", "all", everything)):  # fmt: skip
            ours = partial(triage.inbox_page, self.owner, status=status)
            yield f"inbox, {name}", ours, partial(_offset, naive, depth)
        theirs = urgent.filter(review__agent_id__in=visible_ids(self.member) or [])
        ours = partial(triage.inbox_page, self.member)
        yield "inbox, waiting, half the agents", ours, partial(_offset, theirs, depth // 4)
        ours = partial(selectors.channel_page, self.owner, self.loud)
        yield "channel", ours, self.channel_offset(depth)

    def channel(self, depth: int | None) -> Scene:
        cursor = str(self._ids()[self._within(depth)]) if depth else None
        return partial(selectors.channel_page, self.owner, self.loud, cursor=cursor)

    def channel_offset(self, depth: int) -> Scene:
        rows = self._loaded.filter(agent_id=self.loud).order_by("-id")
        return partial(_offset, rows, self._within(depth))

    def searches(self) -> Iterator[tuple[str, Scene, Scene]]:
        channel = self._loaded.filter(agent_id=self.loud).order_by("-id")
        waiting = self._loaded.filter(review__status="pending").order_by("review__expires_at")
        for term, share in SEARCHED.items():
            ours = partial(selectors.channel_page, self.owner, self.loud, search=term)
            yield f"search a channel, {share}", ours, partial(_scan, channel, term)
            ours = partial(triage.inbox_page, self.owner, search=term)
            yield f"search what waits, {share}", ours, partial(_scan, waiting, term)

    def others(self) -> Iterator[tuple[str, Scene]]:
        after = triage.inbox_page(self.owner).messages[10].id
        ids = [line.agent.id for line in rail.channel_lines(self.owner)]
        yield "next open question", partial(triage.next_open, self.owner, after=after)
        yield "how many wait", partial(triage.waiting_count, self.owner)
        yield f"chat list, {len(ids)} agents", partial(rail.channel_lines, self.owner)
        yield f"status page, {len(ids)} agents", partial(board.board, self.owner, WEEK)
        yield "all messages counted by agent", partial(stats.message_counts, ids)

    def _ids(self) -> Any:
        rows = Message.objects.filter(agent_id=self.loud).order_by("-id")
        return rows.values_list("pk", flat=True)

    def _within(self, depth: int) -> int:
        return min(depth, self.loud_count * 9 // 10)


def _offset(rows: Any, depth: int) -> list[Any]:
    return list(rows[depth : depth + PAGE])


def _scan(rows: Any, term: str) -> list[Any]:
    return list(rows.filter(text__icontains=term)[:PAGE])

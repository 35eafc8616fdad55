"""What every page of a signed-in person shows around its own content. Lazy: a template that does not ask costs nothing."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.safestring import SafeString

from inbox import annexes, rail, triage
from inbox.snapshots import ChannelLine
from placet.events.selectors import latest_id
from placet.lib.actors import Actor


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"shell": shell_of(request)}


def shell_of(request: HttpRequest) -> "Shell":
    """The one of this request: a view that needs the channels too does not read them again."""
    found = getattr(request, "placet_shell", None)
    if found is None:
        found = request.placet_shell = Shell(request)  # type: ignore[attr-defined]
    return found


class Shell:
    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def actor(self) -> Actor | None:
        user = getattr(self._request, "user", None)
        return user.as_actor() if user is not None and user.is_authenticated else None

    @cached_property
    def channels(self) -> list[ChannelLine]:
        return rail.channel_lines(self.actor) if self.actor else []

    @cached_property
    def beside(self) -> dict[UUID, SafeString]:
        """What stands beside the names of these channels' agents."""
        return annexes.marks_beside([line.agent for line in self.channels])

    @cached_property
    def waiting(self) -> int:
        return triage.waiting_count(self.actor) if self.actor else 0

    @cached_property
    def failing(self) -> int:
        """Agents that say something is wrong: the one word the rail has for Status."""
        return sum(line.agent.status == "error" for line in self.channels)

    @cached_property
    def has_heard(self) -> bool:
        """Whether any agent has ever said anything."""
        return any(line.last_at for line in self.channels)

    @cached_property
    def manages(self) -> bool:
        """Whether the person has agents to look after, and not only to review for."""
        own = self.actor and self.actor.user_id
        return bool(self.actor and self.actor.is_owner) or any(
            line.agent.owner_id == own for line in self.channels
        )

    @cached_property
    def unread(self) -> int:
        return sum(line.unread for line in self.channels)

    @cached_property
    def cursor(self) -> int:
        """Taken before the page read its rows, where the page's door did so: what happens meanwhile is replayed."""
        return getattr(self._request, "placet_cursor", None) or latest_id()

"""Who waits for the feed to go on, and what wakes them."""

import asyncio
from contextlib import suppress
from uuid import UUID

from agents import parking
from agents.selectors import owners_of
from placet.events.catalogue import PUBLIC
from placet.events.models import Recorded
from placet.events.selectors import newest_of, settled_id
from placet.lib import loops
from placet.lib.actors import Actor
from placet.lib.ids import NIL, id_or_nil, parse_id
from placet.lib.mailbox import Mailbox
from placet.pool import on_pool

FIRST_NAP_SECONDS, LONGEST_NAP_SECONDS = 0.001, 0.05
# A sweep after a long pause would read all of it, only to find that nearly everybody is to be woken.
MOST_SWEPT = 10_000
# An agent may belong to somebody else now, or to nobody.
_CHANGING = {"agent:updated", "agent:deleted"}


def hear(recorded: Recorded) -> None:
    """A bus subscriber, called on any thread."""
    for feed in parking.registers(Feed):
        if feed.places:
            feed.mailbox.put(recorded)


def park(by: Actor, channel: object) -> parking.Place:
    """A place to wait in for what happens to the one agent that is meant, or to all of the person's."""
    name = parse_id(channel) if channel else by.bound_agent_id or by.person_id
    return parking.park(Feed, name or NIL, by.key_id or NIL)


def hold(place: parking.Place, event_id: int) -> None:
    """Wake who waits here as soon as that event may be told: its own news came too early, and no other will come."""
    parking.register_here(Feed).hold(place.name, event_id)


class Feed(parking.Register):
    """Filed under agents and, for who waits for all of a person's, under people."""

    def __init__(self, lot: parking.Lot) -> None:
        super().__init__(lot)
        self.mailbox: Mailbox[Recorded] = Mailbox(lot.loop, self._arrived)
        self._called: dict[UUID, int] = {}
        self._swept: int | None = None
        # Whose an agent is, as far as anybody has asked; and who is to be asked about.
        self._owners: dict[UUID, UUID] = {}
        self._strangers: dict[UUID, int] = {}
        self._changes = 0
        self._introducing = loops.Errand(lot.loop, self._introduce)
        # What waits for somebody's commit, and whether there was one.
        self._held: set[tuple[int, UUID]] = set()
        self._committed = asyncio.Event()
        self._letting_through = loops.Errand(lot.loop, self._let_through)

    def hold(self, name: UUID, event_id: int) -> None:
        self._held.add((event_id, name))
        self._letting_through.begin()

    def _arrived(self, events: list[Recorded]) -> None:
        self._committed.set()
        for one in events:
            if one.type in _CHANGING:
                self._owners.pop(id_or_nil(one.agent_id), None)
                self._changes += 1
        heard = [one for one in events if one.type in PUBLIC or one.type in _CHANGING]
        self._call({id_or_nil(one.agent_id): one.id for one in heard})

    def _call(self, newest: dict[UUID, int]) -> None:
        self.lot.wake(newest)
        known = newest.keys() & self._owners.keys()
        self.lot.wake({self._owners[one] for one in known})
        self._called |= {one: newest[one] for one in known}
        if strangers := newest.keys() - known:
            new = {one: newest[one] for one in strangers}
            self._strangers = {**self._strangers, **new}
            self._introducing.begin()

    async def _introduce(self) -> None:
        while strangers := self._strangers:
            changes, owners = self._changes, await on_pool(owners_of, list(strangers))
            # An agent that changed hands meanwhile may have been found with those it left.
            if changes == self._changes:
                self._strangers = dict(self._strangers.items() - strangers.items())
                self._owners |= owners
                self._called |= strangers
            self.lot.wake(owners.values())

    async def _let_through(self) -> None:
        nap = FIRST_NAP_SECONDS
        while self._held:
            # Whose commit it was that was waited for, nobody knows; who gave up says nothing at all.
            with suppress(TimeoutError):
                async with asyncio.timeout(nap):
                    await self._committed.wait()
            self._committed.clear()
            settled = await on_pool(settled_id)
            through = {one for one in self._held if one[0] <= settled}
            self._held -= through
            self.lot.wake({name for _, name in through})
            nap = min(2 * nap, LONGEST_NAP_SECONDS)

    def missed(self, names: list[UUID]) -> set[UUID]:
        settled = settled_id()
        swept, self._swept = self._swept, settled
        called, self._called = self._called, {}
        if swept is None or settled - swept > MOST_SWEPT:
            return set(names)
        newest = newest_of(PUBLIC, after=swept, until=settled)
        unheard = {agent for agent, number in newest.items() if number > called.get(agent, 0)}
        return unheard.union(owners_of(unheard).values())

"""A parked feed: woken by what happens to its agents, never before it may be told, and never lost."""

import asyncio
import threading
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.test import override_settings

from agents import keys, parking
from agents import services as agents
from inbox.feed import wait
from placet.events import bus, catalogue
from placet.events.outbox import record
from placet.lib.actors import SYSTEM, Actor
from tests import cast
from tests.endings import ended, until
from tests.parked import SOON, ParkedCase


class FeedCase(ParkedCase):
    def listen(self, *, key: str = "", **query: Any) -> "asyncio.Task[Any]":
        """Wait for news; the task ends with its status and JSON."""
        pairs = {"wait": 20_000, **query}
        return asyncio.create_task(
            self.answer_of(self.scope_of("/api/v1/events", key=key, **pairs))
        )

    async def say(self, text: str, robot: cast.Robot | None = None) -> None:
        await sync_to_async(cast.say)(robot or self.robot, text)

    async def robot_of(self, owner: Any, name: str) -> cast.Robot:
        made: cast.Robot = await sync_to_async(cast.make_robot)(owner, name)
        return made

    async def key_of(self, owner: Any) -> str:
        issued = await sync_to_async(keys.issue_key)(by=owner.as_actor())
        return str(issued.key)

    async def actor(self) -> Actor:
        found: Actor = await sync_to_async(lambda: self.robot.actor)()
        return found


async def texts(waiting: "asyncio.Task[Any]") -> list[str]:
    status, said = await asyncio.wait_for(waiting, SOON)
    assert status == 200, said
    return [event["message"]["text"] for event in said["data"]]


class BothShapes(FeedCase):
    async def test_news_wakes_who_waits_for_it(self) -> None:
        waiting = self.listen()
        await self.until_parked()
        assert not waiting.done()
        await self.say("News")
        assert await texts(waiting) == ["News"]
        assert parking.parked() == 0

    async def test_what_has_happened_since_the_cursor_is_answered_at_once(self) -> None:
        assert await texts(self.listen(after=0)) == [self.message.text]

    async def test_when_nothing_happens_the_page_is_empty_and_says_where_to_go_on(self) -> None:
        _, first = await self.listen(wait=0)
        status, said = await self.listen(wait=200, after=first["nextCursor"])
        assert (status, said) == (200, first)
        assert said["data"] == []

    @override_settings(PLACET_WAIT_MAX_MS=100)
    async def test_the_wait_is_capped(self) -> None:
        assert await texts(self.listen(wait=10**15)) == []

    async def test_other_peoples_news_wakes_nobody(self) -> None:
        bob = await sync_to_async(cast.make_user)("Bob")
        theirs = await self.robot_of(bob, "Invoice reader")
        waiting = self.listen()
        await self.until_parked()
        with patch.object(parking.Place, "wake") as woken:
            await self.say("Not for Ada", theirs)
            await asyncio.sleep(0.3)
            assert not woken.called
        await self.say("For Ada")
        assert await texts(waiting) == ["For Ada"]

    async def test_of_a_person_with_several_agents_any_will_do_also_one_made_meanwhile(
        self,
    ) -> None:
        key = await self.key_of(self.ada)
        waiting = self.listen(key=key)
        await self.until_parked()
        second = await self.robot_of(self.ada, "Second")
        await self.say("From the new one", second)
        assert await texts(waiting) == ["From the new one"]

    async def test_a_channel_narrows_the_wait(self) -> None:
        second = await self.robot_of(self.ada, "Second")
        waiting = self.listen(key=await self.key_of(self.ada), channel=second.agent.id)
        await self.until_parked()
        await self.say("From the first")
        await self.say("From the second", second)
        assert await texts(waiting) == ["From the second"]

    async def test_what_is_not_of_the_types_leaves_it_parked(self) -> None:
        waiting = self.listen(types="review:responded")
        await self.until_parked()
        await self.say("Not it")
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await self.respond(self.message)
        status, said = await asyncio.wait_for(waiting, SOON)
        assert (status, [event["type"] for event in said["data"]]) == (200, ["review:responded"])

    async def test_what_cannot_be_told_yet_is_told_as_soon_as_it_can(self) -> None:
        """Somebody took a smaller number and commits later: who is woken too early finds nothing, and nobody wakes them again."""
        waiting = self.listen()
        await self.until_parked()
        async with Slow():
            quick = asyncio.create_task(self.say("quick"))
            await asyncio.sleep(0.3)
            assert not waiting.done()
        await quick
        assert (await texts(waiting))[:1] == ["quick"]

    async def test_who_comes_while_it_cannot_be_told_yet_hears_of_it_all_the_same(self) -> None:
        _, first = await self.listen(wait=0)
        async with Slow():
            quick = asyncio.create_task(self.say("quick"))
            await asyncio.sleep(0.3)
            waiting = self.listen(after=first["nextCursor"])
            await asyncio.sleep(0.3)
            assert not waiting.done()
        await quick
        assert (await texts(waiting))[:1] == ["quick"]

    async def test_a_revoked_key_is_401_within_a_second(self) -> None:
        await self._key_ends(keys.revoke_key)

    async def test_a_rotated_key_is_401_within_a_second(self) -> None:
        await self._key_ends(keys.rotate_key)

    async def _key_ends(self, end: Any) -> None:
        waiting = self.listen()
        await self.until_parked()
        key_id = (await self.actor()).key_id
        await sync_to_async(end)(by=self.ada.as_actor(), key_id=key_id)
        status, said = await asyncio.wait_for(waiting, 1)
        assert (status, said["statusCode"]) == (401, 401)

    async def test_deletion_of_the_agent_ends_the_wait_within_a_second(self) -> None:
        key = await self.key_of(self.ada)
        waiting = self.listen(key=key, channel=self.robot.agent.id)
        await self.until_parked()
        by = self.ada.as_actor()
        await sync_to_async(agents.delete_agent)(by=by, agent_id=self.robot.agent.id)
        assert (await asyncio.wait_for(waiting, 1))[0] == 403

    @override_settings(PLACET_WAITERS_MAX_PER_KEY=2)
    async def test_reviews_and_feeds_share_a_keys_places(self) -> None:
        scope = self.scope_of(f"/api/v1/reviews/{self.message.id}/wait", timeout=20_000)
        waiting = [asyncio.create_task(self.answer_of(scope)), self.listen()]
        await self.until_parked(2)
        status, said = await self.listen()
        assert (status, said["code"]) == (429, "too_many_requests")
        assert int(self.last_headers[b"Retry-After"]) > 0
        assert (await self.listen(wait=0))[0] == 200
        await self.respond(self.message)
        assert {code for code, _ in await asyncio.gather(*waiting)} == {200}

    async def test_a_client_that_leaves_frees_its_place(self) -> None:
        waiting = self.listen()
        await self.until_parked()
        client = self.client_of_last_wait
        await client.send_input({"type": "http.disconnect"})
        await ended(client)
        assert parking.parked() == 0
        waiting.cancel()

    async def test_a_server_that_leaves_sends_everybody_home_with_an_empty_page(self) -> None:
        waiting = self.listen()
        await self.until_parked()
        parking.send_all_home()
        assert await texts(waiting) == []

    async def test_lost_hints_are_made_good_by_the_sweep(self) -> None:
        """The first sweep wakes everybody, the later ones those whom something happened to."""
        with patch.object(parking, "SWEEP_SECONDS", 0.2), patch.object(bus, "deliver"):
            waiting = self.listen(types="review:responded")
            await self.until_parked()
            await asyncio.sleep(0.5)
            await self.respond(self.message)
            status, said = await asyncio.wait_for(waiting, SOON)
            assert (status, len(said["data"])) == (200, 1)

    async def test_a_lost_hint_for_all_of_a_persons_agents_is_made_good_too(self) -> None:
        key = await self.key_of(self.ada)
        with patch.object(parking, "SWEEP_SECONDS", 0.2), patch.object(bus, "deliver"):
            waiting = self.listen(key=key)
            await self.until_parked()
            await asyncio.sleep(0.5)
            await self.say("Unheard")
            assert await texts(waiting) == ["Unheard"]

    async def test_a_sweep_wakes_nobody_for_what_they_were_woken_for(self) -> None:
        with patch.object(parking, "SWEEP_SECONDS", 0.2):
            waiting = self.listen(types="agent:status")
            await self.until_parked()
            await asyncio.sleep(0.5)
            await self.say("Heard, and not wanted")
            # Woken once, and once more in doubt.
            await asyncio.sleep(1.3)
            with patch.object(parking.Place, "wake") as woken:
                await asyncio.sleep(0.5)
                assert not woken.called
            waiting.cancel()

    async def test_whose_an_agent_is_is_asked_again_when_asking_failed(self) -> None:
        waiting = self.listen(key=await self.key_of(self.ada))
        await self.until_parked()
        with (
            patch.object(wait, "owners_of", side_effect=ZeroDivisionError),
            self.assertLogs("placet.lib.loops", "ERROR") as logged,
        ):
            await self.say("News")
            await until(lambda: logged.records)
            assert not waiting.done()
        assert await texts(waiting) == ["News"]


class Slow:
    """A transaction in another thread that has told something of nobody's, and commits at the end of the block."""

    def __init__(self) -> None:
        self._told, self._may_commit = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        with transaction.atomic():
            record(catalogue.AgentStatus(agent_id=uuid4(), status="busy"), by=SYSTEM)
            self._told.set()
            self._may_commit.wait(20)
        connection.close()

    async def __aenter__(self) -> None:
        self._thread.start()
        await asyncio.to_thread(self._told.wait, 20)

    async def __aexit__(self, *_: object) -> None:
        self._may_commit.set()
        await asyncio.to_thread(self._thread.join)


class TestFeedPooled(BothShapes):
    __test__ = True

    async def test_two_hundred_feeds_take_no_thread_and_a_herd_is_served(self) -> None:
        _, first = await self.listen(wait=1)
        await asyncio.gather(*(self.listen(wait=1) for _ in range(8)))
        before = threading.active_count()
        waiting = [self.listen(after=first["nextCursor"], wait=60_000) for _ in range(200)]
        await self.until_parked(200)
        assert threading.active_count() <= before
        await self.say("For all")
        answers = await asyncio.wait_for(asyncio.gather(*waiting), 60)
        assert {len(said["data"]) for _, said in answers} == {1}


@override_settings(PLACET_HANDLER="stock")
class TestFeedStock(BothShapes):
    __test__ = True

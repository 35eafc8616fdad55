"""A parked wait: woken by what happens to its review or its key, and never lost."""

import asyncio
import threading
import time
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.db import connection, transaction
from django.test import SimpleTestCase, override_settings

from accounts.services import users
from agents import keys, parking
from agents import services as agents
from agents.auth import forget_keys
from inbox.services import keeping
from inbox.snapshots import MessageSnapshot
from placet.events import bus
from placet.events.models import Recorded
from placet.lib.actors import SYSTEM
from placet.lib.clock import now
from reviews import services, wait
from tests import cast
from tests.endings import ended
from tests.parked import SOON, ParkedCase


class WaitCase(ParkedCase):
    def wait_for(
        self,
        message: MessageSnapshot | str,
        *,
        key: str = "",
        method: str = "GET",
        **query: Any,
    ) -> "asyncio.Task[Any]":
        """Start a wait as an agent would; the task ends with its status and JSON."""
        return asyncio.create_task(
            self.answer_of(self.scope_for(message, key=key, method=method, **query))
        )

    def scope_for(
        self, message: MessageSnapshot | str, *, key: str = "", method: str = "GET", **query: Any
    ) -> dict[str, Any]:
        review_id = message if isinstance(message, str) else str(message.id)
        pairs = {"channel": self.robot.agent.id, "timeout": 20_000, **query}
        path = f"/api/v1/reviews/{review_id}/wait"
        return self.scope_of(path, key=key, method=method, **pairs)


class BothShapes(WaitCase):
    async def test_a_number_the_database_spells_out_is_waited_for_and_read(self) -> None:
        fields = [{"name": "n", "type": "number"}]
        asked = await sync_to_async(cast.ask)(self.robot, "form", payload={"fields": fields})
        await sync_to_async(cast.answer)(self.ada, asked, {"n": "1.8e19"})
        status, said = await self.wait_for(asked)
        assert (status, said["message"]["review"]["response"]) == (200, {"n": 1.8e19})

    async def test_a_wait_is_asked_with_get_and_refuses_the_rest_as_every_door_does(self) -> None:
        status, said = await self.wait_for(self.message, method="POST")
        assert (status, said["statusCode"], said["code"]) == (405, 405, "method_not_allowed")
        assert said["message"] == 'Method "POST" not allowed.'

    async def test_a_response_wakes_the_one_who_waits(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        assert not waiting.done()
        await self.respond(self.message)
        status, said = await asyncio.wait_for(waiting, SOON)
        assert (status, said["status"]) == (200, "completed")
        assert said["message"]["id"] == str(self.message.id)
        assert said["message"]["review"]["response"]["selectedOption"] == "approve"
        assert parking.parked() == 0

    async def test_secret_values_reach_the_agent_that_asked(self) -> None:
        form = await sync_to_async(cast.ask)(self.robot, "form")
        await self.respond(form)
        _, said = await asyncio.wait_for(self.wait_for(form), SOON)
        assert said["message"]["review"]["response"]["token"] == cast.RESPONSES["form"]["token"]

    async def test_one_already_responded_is_answered_at_once(self) -> None:
        await self.respond(self.message)
        assert (await asyncio.wait_for(self.wait_for(self.message), SOON))[1][
            "status"
        ] == "completed"

    async def test_the_timeout_has_no_message(self) -> None:
        assert await self.wait_for(self.message, timeout=200) == (200, {"status": "timeout"})

    @override_settings(PLACET_WAIT_DEFAULT_MS=100)
    async def test_what_is_no_positive_number_means_the_default(self) -> None:
        for timeout in ("NaN", "-5", "0", "soon", ""):
            assert (await self.wait_for(self.message, timeout=timeout))[1] == {"status": "timeout"}

    @override_settings(PLACET_WAIT_MAX_MS=100)
    async def test_the_timeout_is_capped(self) -> None:
        asked = self.wait_for(self.message, timeout="inf")
        assert (await asyncio.wait_for(asked, SOON))[1] == {"status": "timeout"}

    async def test_expiry_ends_the_wait_at_its_deadline_sweep_or_no_sweep(self) -> None:
        brief = await sync_to_async(cast.ask)(self.robot, expires_at=now() + timedelta(seconds=0.7))
        status, said = await asyncio.wait_for(self.wait_for(brief), SOON)
        assert (status, said["status"]) == (200, "expired")

    async def test_a_response_committed_just_after_the_deadline_is_the_answer(self) -> None:
        deadline = now() + timedelta(seconds=0.7)
        brief = await sync_to_async(cast.ask)(self.robot, expires_at=deadline)
        slow = threading.Thread(target=self.respond_and_dawdle, args=(brief, deadline))
        waiting = self.wait_for(brief)
        await self.until_parked()
        slow.start()
        status, said = await asyncio.wait_for(waiting, SOON)
        slow.join()
        assert (status, said["status"]) == (200, "completed")

    def respond_and_dawdle(self, message: MessageSnapshot, deadline: datetime) -> None:
        with transaction.atomic():
            cast.answer(self.ada, message)
            time.sleep((deadline - now()).total_seconds() + 0.3)
        connection.close()

    async def test_the_sweep_wakes_too(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        later = now() + timedelta(days=3)
        await sync_to_async(services.expire_due_reviews)(at=later)
        assert (await asyncio.wait_for(waiting, SOON))[1]["status"] == "expired"

    async def test_cancellation_ends_the_wait(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        cancel = sync_to_async(services.cancel_review)
        await cancel(by=await sync_to_async(lambda: self.robot.actor)(), review_id=self.message.id)
        assert (await asyncio.wait_for(waiting, SOON))[1]["status"] == "cancelled"

    async def test_deletion_of_the_agent_ends_the_wait_within_a_second(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        by = self.ada.as_actor()
        await sync_to_async(agents.delete_agent)(by=by, agent_id=self.robot.agent.id)
        assert (await asyncio.wait_for(waiting, 1.0))[0] in {401, 404}

    async def test_closing_the_account_behind_the_key_ends_the_wait_within_a_second(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        change = sync_to_async(users.update_user)
        await change(by=SYSTEM, user_id=self.ada.pk, changes={"is_active": False})
        assert (await asyncio.wait_for(waiting, 1.0))[0] == 401

    async def test_deletion_of_the_message_is_404(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        await sync_to_async(keeping.delete_message)(
            by=self.ada.as_actor(), message_id=self.message.id
        )
        assert (await asyncio.wait_for(waiting, SOON))[0] == 404

    async def test_a_revoked_key_is_401_within_a_second(self) -> None:
        await self._key_ends(keys.revoke_key)

    async def test_a_rotated_key_is_401_within_a_second(self) -> None:
        await self._key_ends(keys.rotate_key)

    async def _key_ends(self, end: Any) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        actor = await sync_to_async(lambda: self.robot.actor)()
        await sync_to_async(end)(by=self.ada.as_actor(), key_id=actor.key_id)
        status, said = await asyncio.wait_for(waiting, 1)
        assert (status, said["statusCode"]) == (401, 401)

    async def test_no_key_no_wait(self) -> None:
        assert (await self.wait_for(self.message, key="hp_" + "0" * 48))[0] == 401

    async def test_what_is_not_there_is_404_and_a_foreign_channel_403(self) -> None:
        assert (await self.wait_for(str(uuid4())))[0] == 404
        assert (await self.wait_for("nonsense"))[0] == 404
        assert (await self.wait_for(self.message, channel=uuid4()))[0] == 403

    @override_settings(PLACET_WAITERS_MAX_PER_KEY=2)
    async def test_one_key_parks_so_many_and_no_more(self) -> None:
        waiting = [self.wait_for(self.message) for _ in range(2)]
        await self.until_parked(2)
        status, said = await self.wait_for(self.message)
        assert (status, said["code"]) == (429, "too_many_requests")
        assert int(self.last_headers[b"Retry-After"]) > 0
        await self.respond(self.message)
        assert {code for code, _ in await asyncio.gather(*waiting)} == {200}

    @override_settings(PLACET_WAITERS_MAX=1)
    async def test_the_process_parks_so_many_and_no_more(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        assert (await self.wait_for(self.message))[0] == 429
        await self.respond(self.message)
        await waiting

    async def test_a_body_nobody_asked_for_is_read_only_so_far(self) -> None:
        client = ApplicationCommunicator(self.application, self.scope_for(self.message, key="x"))
        with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=64 * 1024):
            for _ in range(70):
                part = {"type": "http.request", "body": b"x" * 1000, "more_body": True}
                await client.send_input(part)
            assert (await client.receive_output(5))["status"] == 413
        client.future.cancel()

    async def test_a_client_that_leaves_frees_its_place(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        client = self.client_of_last_wait
        await client.send_input({"type": "http.disconnect"})
        await ended(client)
        assert parking.parked() == 0
        waiting.cancel()

    async def test_a_lost_hint_is_made_good_by_the_sweep(self) -> None:
        with patch.object(parking, "SWEEP_SECONDS", 0.2), patch.object(bus, "deliver"):
            waiting = self.wait_for(self.message)
            await self.until_parked()
            await self.respond(self.message)
            assert (await asyncio.wait_for(waiting, SOON))[1]["status"] == "completed"

    async def test_the_sweep_does_not_end_with_the_first_waiter(self) -> None:
        second = await sync_to_async(cast.ask)(self.robot)
        with patch.object(parking, "SWEEP_SECONDS", 0.2), patch.object(bus, "deliver"):
            first = self.wait_for(self.message, timeout=600)
            await self.until_parked()
            waiting = self.wait_for(second)
            await self.until_parked(2)
            with self.assertNoLogs("agents.parking", "ERROR"):
                assert (await first)[1] == {"status": "timeout"}
                await self.respond(second)
                assert (await asyncio.wait_for(waiting, SOON))[1]["status"] == "completed"

    async def test_a_lost_revocation_is_made_good_by_the_sweep(self) -> None:
        with patch.object(parking, "SWEEP_SECONDS", 0.2), patch.object(bus, "deliver"):
            waiting = self.wait_for(self.message)
            await self.until_parked()
            actor = await sync_to_async(lambda: self.robot.actor)()
            await sync_to_async(keys.revoke_key)(by=self.ada.as_actor(), key_id=actor.key_id)
            assert (await asyncio.wait_for(waiting, SOON))[0] == 401

    async def test_a_hint_about_nothing_leaves_the_wait_parked(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        wait.hear(_event("review:responded", messageId=str(self.message.id)))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await self.respond(self.message)
        await asyncio.wait_for(waiting, SOON)

    async def test_a_server_that_leaves_sends_everybody_home(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        parking.send_all_home()
        assert await asyncio.wait_for(waiting, SOON) == (200, {"status": "timeout"})


class TestWaitPooled(BothShapes):
    __test__ = True

    async def test_two_hundred_waits_take_no_thread_and_a_herd_is_served(self) -> None:
        await self.wait_for(self.message, timeout=1)
        await asyncio.gather(*(self.wait_for(self.message, timeout=1) for _ in range(8)))
        before = threading.active_count()
        waiting = [self.wait_for(self.message) for _ in range(200)]
        await self.until_parked(200)
        assert threading.active_count() <= before
        await self.respond(self.message)
        answers = await asyncio.wait_for(asyncio.gather(*waiting), 10)
        assert {said["status"] for _, said in answers} == {"completed"}

    async def test_only_the_key_that_changed_is_looked_up_again(self) -> None:
        waiting = self.wait_for(self.message)
        await self.until_parked()
        forget_keys(_event("key:revoked", keyId=str(uuid4())))
        parking.hear(_event("key:revoked", keyId=str(uuid4())))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await self.respond(self.message)
        await waiting


@override_settings(PLACET_HANDLER="stock")
class TestWaitStock(BothShapes):
    __test__ = True


class SweeperTests(SimpleTestCase):
    async def test_a_sweep_that_is_due_just_as_the_last_waiter_leaves_ends_all_the_same(
        self,
    ) -> None:
        for turns in range(8):
            with patch.object(parking, "_missed", return_value=set()):
                with wait.park(uuid4(), uuid4()):
                    await asyncio.sleep(0)
                    parking.hear(_event("user:updated"))
                    for _ in range(turns):
                        await asyncio.sleep(0)
                left = asyncio.all_tasks() - {asyncio.current_task()}
                assert not left or (await asyncio.wait(left, timeout=2))[1] == set(), turns


def _event(type: str, **data: Any) -> Recorded:
    moment = "2026-01-01T00:00:00.000Z"
    return Recorded(id=1, type=type, data=data, agent_id=None, user_id=None, recorded_at=moment)

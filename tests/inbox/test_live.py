"""The browser's socket: who is let in, what each hears, and how it heals."""

import asyncio
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client, SimpleTestCase, TransactionTestCase, override_settings

from accounts.models import Role, User
from accounts.sessions import session_hash
from agents import services as agents
from inbox import live, sockets
from placet.events import bus, catalogue
from placet.events.outbox import record
from placet.events.selectors import latest_id
from placet.lib.actors import SYSTEM
from placet.routing import Application
from tests import cast
from tests.endings import ended, until

ORIGIN = (b"origin", b"http://testserver")
HOST = (b"host", b"testserver")


class LiveCase(TransactionTestCase):
    __test__ = False

    def setUp(self) -> None:
        self.ada = cast.make_user("Ada")
        self.bob = cast.make_user("Bob")
        self.olga = cast.make_user("Olga", role=Role.OWNER)
        self.robot = cast.make_robot(self.ada)
        self.cookies = {user.pk: self.sign_in(user) for user in (self.ada, self.bob, self.olga)}
        self.application = Application()
        self.opened: list[WebsocketCommunicator] = []

    def sign_in(self, user: User) -> str:
        client = Client()
        client.force_login(user)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def browser(
        self, user: User | None, *, origin: tuple[bytes, bytes] | None = ORIGIN
    ) -> WebsocketCommunicator:
        cookie = f"{settings.SESSION_COOKIE_NAME}={self.cookies[user.pk]}" if user else "x=y"
        headers = [HOST, (b"cookie", cookie.encode()), *([origin] if origin else [])]
        return WebsocketCommunicator(self.application, "/ws/inbox/", headers=headers)

    def with_ticket(self, ticket: str) -> WebsocketCommunicator:
        path = f"/ws/inbox/?ticket={quote(ticket)}"
        return WebsocketCommunicator(self.application, path, headers=[HOST, ORIGIN])

    async def open(self, user: User) -> WebsocketCommunicator:
        socket = self.browser(user)
        assert (await socket.connect(5))[0]
        self.opened.append(socket)
        return socket

    async def hang_up(self) -> None:
        for socket in self.opened:
            await socket.disconnect()

    async def refused(self, socket: WebsocketCommunicator) -> int:
        connected, code = await socket.connect(5)
        assert not connected
        return int(code or 0)

    async def say(self) -> Any:
        return await sync_to_async(cast.say)(self.robot)

    async def closed_with(self, socket: WebsocketCommunicator) -> int:
        while (message := await socket.receive_output(3))["type"] != "websocket.close":
            pass
        return int(message["code"])


class BothShapes(LiveCase):
    async def test_an_event_reaches_an_open_browser(self) -> None:
        socket = await self.open(self.ada)
        message = await self.say()
        frame = await socket.receive_json_from(3)
        assert frame["type"] == "message:created"
        assert frame["messageId"] == str(message.id)
        assert frame["agentId"] == str(self.robot.agent.id)
        assert frame["id"] == await sync_to_async(latest_id)()
        assert frame["eventId"].endswith(f"_{frame['id']}")
        assert frame["at"].endswith("Z")
        assert await socket.receive_nothing()
        await self.hang_up()

    async def test_a_stranger_hears_nothing_and_an_owner_everything(self) -> None:
        stranger, owner = await self.open(self.bob), await self.open(self.olga)
        await self.say()
        assert (await owner.receive_json_from(3))["type"] == "message:created"
        assert await stranger.receive_nothing()
        await self.hang_up()

    async def test_a_new_reviewer_hears_the_agent_and_a_former_one_no_more(self) -> None:
        socket = await self.open(self.bob)
        change = sync_to_async(agents.set_reviewers)
        mine: dict[str, Any] = {"by": self.ada.as_actor(), "agent_id": self.robot.agent.id}
        await change(**mine, user_ids=[self.bob.pk])
        assert (await socket.receive_json_from(3))["type"] == "agent:updated"
        await self.say()
        assert (await socket.receive_json_from(3))["type"] == "message:created"
        await change(**mine, user_ids=[])
        assert (await socket.receive_json_from(3))["type"] == "agent:updated"
        await self.say()
        assert await socket.receive_nothing()
        await self.hang_up()

    async def test_a_new_agent_of_mine_is_heard_at_once(self) -> None:
        socket = await self.open(self.bob)
        robot = await sync_to_async(cast.make_robot)(self.bob, "Bob's own")
        await sync_to_async(cast.say)(robot)
        heard = [(await socket.receive_json_from(3))["type"] for _ in range(2)]
        assert heard == ["agent:created", "message:created"]
        assert await socket.receive_nothing()
        await self.hang_up()

    async def test_one_persons_news_reach_that_person_only(self) -> None:
        ada, owner = await self.open(self.ada), await self.open(self.olga)
        await sync_to_async(tell)(catalogue.UserUpdated(user_id=self.ada.pk))
        assert (await ada.receive_json_from(3))["type"] == "user:updated"
        assert await owner.receive_nothing()
        await self.hang_up()

    async def test_keys_are_no_news_for_browsers(self) -> None:
        socket = await self.open(self.ada)
        await sync_to_async(cast.make_robot)(self.ada, "Another")
        assert (await socket.receive_json_from(3))["type"] == "agent:created"
        assert await socket.receive_nothing()
        await self.hang_up()

    async def test_nobody_is_refused(self) -> None:
        assert await self.refused(self.browser(None)) == 4401

    async def test_a_forged_cookie_is_refused(self) -> None:
        self.cookies[self.ada.pk] = session_hash("guess")
        assert await self.refused(self.browser(self.ada)) == 4401

    async def test_a_ticket_opens_a_socket_that_closes_with_its_session(self) -> None:
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[self.ada.pk]
        ticket = (await sync_to_async(client.post)("/api/auth/ws-ticket")).json()["ticket"]
        socket = self.with_ticket(ticket)
        assert (await socket.connect(5))[0]
        await self.say()
        assert (await socket.receive_json_from(3))["type"] == "message:created"
        await sync_to_async(client.post)("/logout/")
        assert await self.closed_with(socket) == live.SIGNED_OUT
        for dead in (ticket, ticket[:-1], "nonsense"):
            assert await self.refused(self.with_ticket(dead)) == live.SIGNED_OUT

    async def test_a_page_of_another_site_is_refused(self) -> None:
        for origin in (
            b"http://testserver:80.evil.example",
            b"http://evil.example",
            b"https://testserver",
            b"http://testserver:81",
            b"null",
        ):
            await self.refused(self.browser(self.ada, origin=(b"origin", origin)))

    async def test_a_missing_origin_is_refused(self) -> None:
        await self.refused(self.browser(self.ada, origin=None))

    @override_settings(CSRF_TRUSTED_ORIGINS=["https://placet.example.org"])
    async def test_a_trusted_origin_is_let_in(self) -> None:
        socket = self.browser(self.ada, origin=(b"origin", b"https://placet.example.org"))
        assert (await socket.connect(5))[0]
        await socket.disconnect()

    async def test_a_host_nobody_allowed_is_refused_though_it_is_the_same(self) -> None:
        socket = self.browser(self.ada, origin=(b"origin", b"http://rebound.example"))
        socket.scope["headers"][0] = (b"host", b"rebound.example")
        await self.refused(socket)

    async def test_signing_out_closes_that_session_only(self) -> None:
        other = await sync_to_async(self.sign_in)(self.ada)
        first = await self.open(self.ada)
        mine = session_hash(self.cookies[self.ada.pk])
        self.cookies[self.ada.pk] = other
        second = await self.open(self.ada)
        await sync_to_async(tell)(catalogue.SessionEnded(user_id=self.ada.pk, session=mine))
        assert await self.closed_with(first) == 4401
        assert await second.receive_nothing()
        await second.disconnect()

    async def test_ending_every_session_closes_every_socket(self) -> None:
        first, second = await self.open(self.ada), await self.open(self.ada)
        await sync_to_async(tell)(catalogue.SessionEnded(user_id=self.ada.pk))
        assert {await self.closed_with(first), await self.closed_with(second)} == {4401}

    async def test_a_session_that_ended_unheard_is_found_by_the_check(self) -> None:
        with patch.object(live, "RECHECK_SECONDS", 0.2), patch.object(bus, "deliver"):
            socket = await self.open(self.ada)
            await sync_to_async(end_sessions)(self.ada)
            assert await self.closed_with(socket) == 4401

    async def test_what_was_missed_is_replayed_after_a_reconnect(self) -> None:
        await self.say()
        cursor = await sync_to_async(latest_id)()
        missed = await self.say()
        await sync_to_async(cast.make_robot)(self.bob, "Not Ada's")
        socket = await self.open(self.ada)
        await socket.send_json_to({"type": "hello", "cursor": cursor})
        frames = [await socket.receive_json_from(3)]
        while frames[-1]["type"] != "ready":
            frames.append(await socket.receive_json_from(3))
        assert str(missed.id) in {frame.get("messageId") for frame in frames}
        assert {frame["agentId"] for frame in frames[:-1] if "agentId" in frame} <= {
            str(self.robot.agent.id),
            None,
        }
        assert frames[-1] == {
            "type": "ready",
            "cursor": await sync_to_async(latest_id)(),
            "reload": False,
        }
        await self.hang_up()

    async def test_who_missed_too_much_is_told_to_read_the_page_anew(self) -> None:
        with patch.object(live, "MOST_REPLAYED", 2):
            for _ in range(4):
                await self.say()
            socket = await self.open(self.ada)
            await socket.send_json_to({"type": "hello", "cursor": 0})
            while (frame := await socket.receive_json_from(3))["type"] != "ready":
                pass
            assert frame["reload"]
            await self.hang_up()

    async def test_a_page_that_was_just_read_need_not_be_read_anew_however_busy_the_server(
        self,
    ) -> None:
        with patch.object(live, "MOST_REPLAYED", 2):
            for _ in range(4):
                await self.say()
            socket = await self.open(self.ada)
            cursor = await sync_to_async(latest_id)()
            await socket.send_json_to({"type": "hello", "cursor": cursor})
            frames = [await socket.receive_json_from(3)]
            while frames[-1]["type"] != "ready":
                frames.append(await socket.receive_json_from(3))
            assert not frames[-1]["reload"]
            await self.hang_up()

    async def test_ping_is_answered(self) -> None:
        socket = await self.open(self.ada)
        await socket.send_json_to({"type": "ping"})
        assert await socket.receive_json_from(3) == {"type": "pong"}
        await self.hang_up()

    async def test_nonsense_closes_the_socket(self) -> None:
        said = (
            "{",
            "[]",
            "3",
            '{"cursor": 1}',
            '{"type": "hello"}',
            '{"type": "hello", "cursor": "x"}',
        )
        for text in said:
            socket = await self.open(self.ada)
            await socket.send_to(text_data=text)
            assert await self.closed_with(socket) == 4400, text
        socket = await self.open(self.ada)
        for _ in range(2):
            await socket.send_json_to({"type": "hello", "cursor": 2**40})
        assert await self.closed_with(socket) == 4400
        socket = await self.open(self.ada)
        await socket.send_to(bytes_data=b"\x00")
        assert await self.closed_with(socket) == 4400

    async def test_after_the_close_nothing_is_said(self) -> None:
        socket = await self.open(self.ada)
        await socket.send_to(text_data="{")
        assert await self.closed_with(socket) == 4400
        await self.say()
        await socket.send_json_to({"type": "ping"})
        assert await socket.receive_nothing(0.3)

    async def test_who_never_stops_talking_is_sent_away(self) -> None:
        socket = await self.open(self.ada)
        for _ in range(200):
            await socket.send_json_to({"type": "ping"})
        assert await self.closed_with(socket) == 4429

    async def test_leaving_visits_no_thread(self) -> None:
        visit = "channels.generic.websocket.aclose_old_connections"
        socket = await self.open(self.ada)
        with patch(visit, side_effect=ZeroDivisionError):
            await socket.send_input({"type": "websocket.disconnect", "code": 1000})
            await ended(socket)
        assert live.open_sockets() == 0

    async def test_too_much_closes_the_socket(self) -> None:
        socket = await self.open(self.ada)
        await socket.send_to(text_data='{"type": "ping", "x": "' + "x" * 2000 + '"}')
        assert await self.closed_with(socket) == 1009

    @override_settings(PLACET_SOCKETS_MAX_PER_USER=1)
    async def test_one_person_has_so_many_sockets_and_no_more(self) -> None:
        await self.open(self.ada)
        assert await self.refused(self.browser(self.ada)) == 4429
        await self.open(self.bob)
        await self.hang_up()
        await self.open(self.ada)
        await self.opened[-1].disconnect()

    async def test_a_browser_too_slow_to_read_is_sent_away(self) -> None:
        scope = self.browser(self.ada).scope
        stuck, sent = asyncio.Event(), []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            async def slow_send(message: Any) -> None:
                sent.append(message)
                if message["type"] == "websocket.send":
                    await stuck.wait()
                await send(message)

            await self.application(scope, receive, slow_send)

        client = ApplicationCommunicator(app, scope)
        await client.send_input({"type": "websocket.connect"})
        assert (await client.receive_output(5))["type"] == "websocket.accept"
        with patch.object(sockets, "MOST_QUEUED", 3):
            for _ in range(6):
                await self.say()
            await ended(client)
        assert len([message for message in sent if message["type"] == "websocket.send"]) == 1
        assert live.open_sockets() == 0

    async def test_a_server_that_leaves_closes_the_sockets(self) -> None:
        socket = await self.open(self.ada)
        live.send_all_away()
        assert await self.closed_with(socket) == 1012


class TestLivePooled(BothShapes):
    __test__ = True


@override_settings(PLACET_HANDLER="stock")
class TestLiveStock(BothShapes):
    __test__ = True


class RecheckTests(SimpleTestCase):
    async def test_of_two_checks_at_once_the_later_question_counts(self) -> None:
        answers: list[asyncio.Future[Any]] = []

        async def slowly(*_: Any) -> Any:
            answers.append(asyncio.get_running_loop().create_future())
            return await answers[-1]

        hub = live.SocketHub(asyncio.get_running_loop())
        socket = sockets.Socket("ada", "session", dismissed=lambda: None)
        with patch.object(live, "on_pool", slowly):
            checks = [asyncio.create_task(hub.recheck([socket])) for _ in range(2)]
            await until(lambda: len(answers) == 2)
            answers[1].set_result(({"session"}, {"ada": frozenset({"new"})}))
            await checks[1]
            answers[0].set_result(({"session"}, {"ada": frozenset({"old"})}))
            await checks[0]
        assert socket.sees == frozenset({"new"})


class AllowanceTests(SimpleTestCase):
    def test_a_burst_and_then_so_many_a_second(self) -> None:
        allowance = sockets.Allowance(rate=10, burst=5)
        assert [allowance.take(100.0) for _ in range(6)] == [True] * 5 + [False]
        assert [allowance.take(100.25) for _ in range(3)] == [True, True, False]
        assert [allowance.take(1000.0) for _ in range(6)] == [True] * 5 + [False]


def tell(event: catalogue.Event) -> None:
    from django.db import transaction

    with transaction.atomic():
        record(event, by=SYSTEM)


def end_sessions(user: User) -> None:
    from accounts.models import Session

    Session.objects.filter(user=user).delete()

"""Requests that park, made as an agent makes them, in the loop of the test."""

import asyncio
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.test import TransactionTestCase

from accounts.models import User
from agents import parking
from inbox.snapshots import MessageSnapshot
from placet.routing import Application
from tests import cast
from tests.endings import ended, until

# Before the slow sweep could have found it.
SOON = parking.SWEEP_SECONDS - 1


class ParkedCase(TransactionTestCase):
    """Ada's robot has asked one question."""

    __test__ = False

    def setUp(self) -> None:
        self.ada: User = cast.make_user("Ada")
        self.robot = cast.make_robot(self.ada)
        self.message = cast.ask(self.robot)
        self.application = Application()

    def scope_of(
        self, path: str, *, key: str = "", method: str = "GET", **query: Any
    ) -> dict[str, Any]:
        return {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": "&".join(f"{k}={v}" for k, v in query.items()).encode(),
            "headers": [(b"host", b"testserver"), (b"x-api-key", (key or self.robot.key).encode())],
            "client": ("127.0.0.1", 1),
        }

    async def answer_of(self, scope: dict[str, Any]) -> tuple[int, Any]:
        """Its status and JSON; a task of it is a wait."""
        client = ApplicationCommunicator(self.application, scope)
        self.client_of_last_wait = client
        await client.send_input({"type": "http.request"})
        start = await client.receive_output(30)
        body = await client.receive_output(5)
        await ended(client)
        self.last_headers = dict(start["headers"])
        return start["status"], orjson.loads(body["body"])

    async def until_parked(self, count: int = 1) -> None:
        await until(lambda: parking.parked() == count, 20)
        # Parked means filed; the look that follows is over once the pool has nothing left to do.
        await asyncio.sleep(0.1)

    async def respond(self, message: MessageSnapshot) -> None:
        await sync_to_async(cast.answer)(self.ada, message)

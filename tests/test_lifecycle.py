"""How a serving process begins, whatever server it runs under."""

from typing import Any
from unittest.mock import patch

import pytest
from asgiref.testing import ApplicationCommunicator
from django.test import SimpleTestCase, override_settings

from placet import lifecycle
from placet.events import bus
from placet.lib.alone import AlreadyServing
from placet.routing import Application


@override_settings(PLACET_LISTEN=True)
class LifecycleTests(SimpleTestCase):
    def setUp(self) -> None:
        self.listen = self.patched(patch.object(bus, "listen"))
        self.patched(patch.object(lifecycle, "_leave_on_signal"))
        self.patched(patch.object(lifecycle, "_started", False))
        self.patched(patch.object(lifecycle, "serve_alone", side_effect=AlreadyServing))

    def patched(self, change: Any) -> Any:
        self.addCleanup(change.stop)
        return change.start()

    async def test_a_second_process_is_refused_without_a_lifespan_too(self) -> None:
        for kind in ("http", "websocket"):
            client = ApplicationCommunicator(Application(), {"type": kind, "path": "/"})
            await client.send_input({"type": "http.request"})
            with pytest.raises(AlreadyServing):
                await client.receive_output(5)
        assert not self.listen.called

    async def test_a_server_with_a_lifespan_is_told_what_to_do(self) -> None:
        client = ApplicationCommunicator(Application(), {"type": "lifespan"})
        await client.send_input({"type": "lifespan.startup"})
        said = await client.receive_output(5)
        assert said["type"] == "lifespan.startup.failed"
        assert "REDIS_URL" in said["message"]
        assert not self.listen.called

    async def test_a_process_listens_from_its_start(self) -> None:
        with patch.object(lifecycle, "serve_alone"):
            client = ApplicationCommunicator(Application(), {"type": "lifespan"})
            await client.send_input({"type": "lifespan.startup"})
            assert (await client.receive_output(5))["type"] == "lifespan.startup.complete"
        assert self.listen.call_count == 1

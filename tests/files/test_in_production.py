"""The whole way, with the real processes: handed over, previewed by the worker, heard of by the browser."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import needs
from tests.files import pieces
from tests.files.conftest import bytes_on
from tests.needs import Database, Redis
from tests.processes import AgentClient, Human, Process, Server, clean_environment, until

pytestmark = pytest.mark.processes


def upload(robot: AgentClient, content: bytes, name: str) -> Any:
    answer = robot.request("POST", "/api/v1/files/upload", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    return answer.json()


def preview_of(human: Human, file: Any) -> Any:
    path = f"/api/files/{file['id']}/preview"
    return until(
        lambda: (told := human.get(path).json())["state"] != "pending" and told, seconds=60
    )


def test_one_process_previews_what_it_is_handed_and_tells_the_browser(tmp_path: Path) -> None:
    with Server(data_dir=tmp_path) as server:
        robot, human = server.robot(), server.human()
        with human.listen() as socket:
            file = upload(robot, pieces.picture("JPEG", (1200, 900)), "photo.jpg")
            told = preview_of(human, file)
            assert (told["kind"], told["state"]) == ("image", "ready")
            heard: list[str] = []
            while "file:previewed" not in heard:
                heard.append(json.loads(socket.recv(timeout=30))["type"])
        assert human.get(told["pictures"][0]["url"]).content[:3] == b"\xff\xd8\xff"
        document = preview_of(human, upload(robot, pieces.word("Signed."), "a.docx"))
        assert document["html"] == "<p>Signed.</p>"
        human.delete(f"/api/files/{file['id']}")
        robot.delete(f"/api/v1/messages/{document_message(robot)}")
        until(lambda: bytes_on(tmp_path / "files") == [])


def document_message(robot: AgentClient) -> str:
    return str(robot.get("/api/v1/messages", has_attachments="true").json()["data"][0]["id"])


@needs.postgres
@needs.redis_server
def test_a_worker_elsewhere_previews_what_a_web_process_was_handed(tmp_path: Path) -> None:
    name = f"placet_previews_{os.getpid()}"
    with Redis(tmp_path) as redis, Database(name) as database:
        env = {
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
            "PLACET_FILES_DIR": str(tmp_path / "shared"),
        }
        with Server(env, data_dir=tmp_path / "web") as server:
            worker = Process(
                [sys.executable, "-m", "celery", "--app", "placet", "worker", "--loglevel", "INFO"],
                env=clean_environment({**env, "PLACET_DATA_DIR": str(tmp_path / "worker")}),
                log=tmp_path / "worker.log",
            )
            worker.launch()
            try:
                worker.wait_for_log("ready.")
                file = upload(server.robot(), pieces.picture(), "a.png")
                assert preview_of(server.human(), file)["state"] == "ready"
            finally:
                worker.stop()

"""Long bodies, against real servers: whole or nothing, from whoever may send them, and never through the memory."""

import hashlib
import http.client
import json
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.files.conftest import bytes_on
from tests.processes import AgentClient, Human, Server, until

pytestmark = pytest.mark.processes

MEGABYTE = 1024 * 1024
BOUNDARY = "b0undary"
MOST = 24 * MEGABYTE


@pytest.fixture(scope="module", params=["pooled", "stock"])
def server(request: Any) -> Iterator[Server]:
    env = {"PLACET_HANDLER": request.param, "PLACET_FILE_MAX_BYTES": str(MOST)}
    with Server(env) as server:
        yield server


@pytest.fixture(scope="module")
def robot(server: Server) -> AgentClient:
    return server.robot()


def piece(name: str, *, filename: str = "") -> bytes:
    named = f'; filename="{filename}"\r\nContent-Type: text/html' if filename else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode()


END = f"\r\n--{BOUNDARY}--\r\n".encode()


class Slow:
    """A request whose body is sent by hand."""

    def __init__(
        self, server: Server, path: str, length: int | None, headers: dict[str, str]
    ) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.connection.putrequest("POST", path)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        long = ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", length)
        for name, value in [("Content-Type", kind), long, *headers.items()]:
            self.connection.putheader(name, str(value))
        self.connection.endheaders()

    def send(self, data: bytes) -> None:
        self.connection.send(data)

    def answer(self) -> tuple[int, Any]:
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def fileno(self) -> int:
        assert self.connection.sock is not None
        return self.connection.sock.fileno()

    def cut(self) -> None:
        sock = self.connection.sock
        assert sock is not None
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()


def key_of(robot: AgentClient) -> dict[str, str]:
    return {"Authorization": f"Bearer {robot.key}"}


@pytest.mark.parametrize("first", ["file", "channelId"])
def test_a_long_file_arrives_whole_whichever_field_comes_first(
    server: Server, robot: AgentClient, first: str
) -> None:
    content = bytes(range(256)) * (4 * 4096 * 5)
    file = piece("file", filename="long.bin") + content
    channel = piece("channelId") + robot.agent_id.encode()
    parts = [file, channel] if first == "file" else [channel, file]
    body = b"\r\n".join(parts) + END
    slow = Slow(server, "/api/v1/files/upload", len(body), key_of(robot))
    for start in range(0, len(body), MEGABYTE):
        slow.send(body[start : start + MEGABYTE])
    status, told = slow.answer()
    assert (status, told["size"]) == (201, len(content))
    assert robot.get(f"/api/v1/files/{told['id']}").json()["sha256"] == sha(content)
    got = robot.get(f"/api/v1/files/{told['id']}/download")
    assert sha(got.content) == sha(content)
    part = robot.request(
        "GET", f"/api/v1/files/{told['id']}/download", headers={"Range": "bytes=20000000-20000009"}
    )
    assert (part.status_code, part.content) == (206, content[20_000_000:20_000_010])


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_form_in_chunks_is_a_form_like_any_other(server: Server, robot: AgentClient) -> None:
    parts = [piece("file", filename="chunks.bin"), b"x" * MEGABYTE * 3, END]
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    told = robot.request("POST", "/api/v1/files/store", data=iter(parts), headers=kind)
    if server.env["PLACET_HANDLER"] == "stock":
        # Django takes a form that does not say its length for an empty one.
        assert told.status_code == 400
    else:
        assert (told.status_code, told.json()["size"]) == (201, 3 * MEGABYTE)


@pytest.mark.parametrize("door", ["store", "upload"])
def test_a_connection_cut_in_the_middle_leaves_nothing_behind(
    server: Server, robot: AgentClient, door: str
) -> None:
    before = left_behind(server, robot)
    slow = Slow(server, f"/api/v1/files/{door}", 20 * MEGABYTE, key_of(robot))
    slow.send(piece("file", filename="cut.bin") + b"x" * 10 * MEGABYTE)
    slow.cut()
    # The next one is answered by the same few threads: what the first left would be there by then.
    assert robot.get("/api/v1/files").status_code == 200
    until(lambda: left_behind(server, robot) == before)


def left_behind(server: Server, robot: AgentClient) -> Any:
    rows = len(robot.get("/api/v1/files").json())
    messages = len(robot.get("/api/v1/messages").json()["data"])
    # The worker may be at a preview of what an earlier test has left.
    bytes_here = [
        path for path in bytes_on(server.data_dir / "files") if "previews" not in path.parts
    ]
    return rows, messages, bytes_here


def test_a_form_that_ends_too_early_leaves_nothing_behind(
    server: Server, robot: AgentClient
) -> None:
    before = left_behind(server, robot)
    body = piece("file", filename="half.bin") + b"x" * 3 * MEGABYTE
    slow = Slow(server, "/api/v1/files/store", len(body), key_of(robot))
    slow.send(body)
    status, _ = slow.answer()
    after = left_behind(server, robot)
    # A form without its last boundary is read as if it were there; it must then be kept as a whole.
    assert (status == 201) == (after != before)


def test_a_file_over_the_limit_is_refused_before_it_is_sent(
    server: Server, robot: AgentClient
) -> None:
    slow = Slow(server, "/api/v1/files/store", MOST * 2, key_of(robot))
    status, told = slow.answer()
    assert (status, told["code"]) == (413, "too_big")
    assert told["message"] == (f"The body must be at most {MOST + MEGABYTE} bytes; got {MOST * 2}.")


def test_a_body_that_does_not_say_its_length_is_stopped_at_the_limit(
    server: Server, robot: AgentClient
) -> None:
    before = left_behind(server, robot)
    slow = Slow(server, "/api/v1/files/store", None, key_of(robot))
    block = piece("file", filename="endless.bin") + b"x" * MEGABYTE
    for _ in range(MOST // MEGABYTE + 3):
        slow.send(b"%x\r\n" % len(block) + block + b"\r\n")
        block = b"x" * MEGABYTE
    status, told = slow.answer()
    assert (status, told["code"]) == (413, "too_big")
    assert left_behind(server, robot) == before


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/files/upload", {}),
        ("/api/v1/files/store", {"x-api-key": "hp_" + "0" * 48}),
        ("/api/files/upload", {}),
        ("/api/files/store", {"Cookie": "placet_session=forged"}),
        ("/chats/01900000-0000-7000-8000-000000000000/write/", {}),
    ],
)
def test_who_may_not_upload_is_told_before_sending_anything_long(
    server: Server, path: str, headers: dict[str, str]
) -> None:
    status, told = Slow(server, path, 20 * MEGABYTE, headers).answer()
    assert (status, told["statusCode"]) == (401, 401)


def test_a_long_body_elsewhere_is_still_too_long(server: Server, robot: AgentClient) -> None:
    status, told = Slow(server, "/api/v1/messages", 2 * MEGABYTE, key_of(robot)).answer()
    assert (status, told["code"]) == (413, "too_big")


def test_one_key_does_not_hold_more_than_its_share_of_uploads(
    server: Server, robot: AgentClient
) -> None:
    some = [Slow(server, "/api/v1/files/store", 5 * MEGABYTE, key_of(robot)) for _ in range(9)]
    # Any of them may be the one too many: the server looks up their keys side by side.
    (refused,) = select.select(some, [], [], 10)[0]
    status, told = refused.answer()
    assert (status, told["code"]) == (429, "too_many_requests")
    small = robot.request("POST", "/api/v1/files/store", files={"file": b"small"})
    assert small.status_code == 201
    for one in some:
        if one is not refused:
            one.cut()


def test_a_person_uploads_a_long_file_with_their_session(
    server: Server, robot: AgentClient
) -> None:
    human = server.human()
    content = b"y" * 5 * MEGABYTE
    form = {"channelId": robot.agent_id, "text": "Look"}
    told = human.request("POST", "/api/files/upload", data=form, files={"file": content})
    assert told.status_code == 201, told.text
    assert human.get(f"/api/files/{told.json()['id']}/download").content == content


def test_an_archive_of_all_of_it_is_streamed(server: Server, robot: AgentClient) -> None:
    human: Human = server.human()
    robot.request("POST", "/api/v1/files/store", files={"file": b"packed"})
    ids = [file["id"] for file in robot.get("/api/v1/files").json()]
    answer = human.post("/api/files/bulk-download", {"ids": ids})
    assert answer.content[:2] == b"PK"
    assert "Content-Length" not in answer.headers


def resident(pid: int, *, most: bool = False) -> int:
    """Kibibytes in memory now, or the most there ever were."""
    status = Path(f"/proc/{pid}/status").read_text()
    name = "VmHWM" if most else "VmRSS"
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1])


def forget_the_most(pid: int) -> None:
    """Starting takes more than serving: count from here."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def test_neither_an_upload_nor_a_download_goes_through_the_memory() -> None:
    size = 100 * MEGABYTE
    with Server() as server:
        robot = server.robot()
        small = robot.request("POST", "/api/v1/files/store", files={"file": b"x" * 3 * MEGABYTE})
        robot.get(f"/api/v1/files/{small.json()['id']}/download")
        assert server.popen is not None
        idle = resident(server.popen.pid)
        forget_the_most(server.popen.pid)
        head, channel = piece("file", filename="100.bin"), piece("channelId")
        tail = b"\r\n" + channel + robot.agent_id.encode() + END
        slow = Slow(server, "/api/v1/files/store", len(head) + size + len(tail), key_of(robot))
        slow.send(head)
        for _ in range(100):
            slow.send(b"z" * MEGABYTE)
        slow.send(tail)
        status, told = slow.answer()
        assert (status, told["size"]) == (201, size)
        path = f"/api/v1/files/{told['id']}/download"
        with robot.request("GET", path, stream=True) as got:
            assert sum(len(block) for block in got.iter_content(MEGABYTE)) == size
        assert resident(server.popen.pid, most=True) - idle < 32 * 1024

"""Nothing leaves for a private network, however its address is spelled or whoever leads there."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from placet.lib import outbound
from placet.lib.outbound import KEPT_BYTES, Answer, Outbound, Refused, Unreachable, check_url

LINES = (Path(__file__).parent / "hostile_urls.txt").read_text().splitlines()
HOSTILE = [line for line in LINES if line and not line.startswith("#")]
PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names resolve to: no test asks a real server."""
    table = {"example.org": PUBLIC, "localhost": ["127.0.0.1", "::1"]}
    for line in HOSTILE:
        name, arrow, addresses = line.partition(" -> ")
        if arrow:
            table[name] = addresses.split(", ")

    def look_up(host: str, port: int) -> list[Any]:
        try:
            return [ip_address(one) for one in table[host.lower().rstrip(".")]]
        except KeyError:
            raise socket.gaierror(f"no {host}") from None

    monkeypatch.setattr(outbound, "_look_up", look_up)
    return table


def url_of(line: str) -> str:
    name, arrow, _ = line.partition(" -> ")
    return f"https://{name}/hook" if arrow else line


def sent(url: str, **more: Any) -> Answer:
    async def send() -> Answer:
        async with Outbound() as out:
            return await out.send("POST", url, headers={}, body=b"{}", **more)

    return asyncio.run(send())


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("line", HOSTILE)
def test_a_hostile_url_is_refused_when_it_is_saved(line: str) -> None:
    with pytest.raises(Refused):
        check_url(url_of(line))


@pytest.mark.parametrize("line", HOSTILE)
def test_a_hostile_url_is_refused_when_something_is_sent(line: str) -> None:
    with pytest.raises(Refused):
        sent(url_of(line))


@pytest.mark.parametrize(
    "url", ["https://example.org/", "https://example.org:8443/a?b=c#d", "https://8.8.8.8/", "https://[2606:4700::1111]/",
            "https://[64:ff9b::808:808]/"],
)  # fmt: skip
def test_a_public_one_may_be_saved(url: str) -> None:
    assert check_url(url) == url


def test_a_name_that_is_not_there_yet_may_be_saved_but_not_reached() -> None:
    assert check_url("https://later.example/")
    with pytest.raises(Unreachable):
        sent("https://later.example/")


def test_a_name_whose_servers_keep_silent_holds_up_no_other_name_and_nobody_who_leaves(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PLACET_OUTBOUND_ALLOW = ["hooks.internal"]
    silence, asked = Event(), list[str]()

    def look_up(host: str, port: int) -> list[Any]:
        asked.append(host)
        if host != "hooks.internal":
            silence.wait()
        return [ip_address("127.0.0.1")]

    async def send(port: int) -> Answer:
        async with Outbound() as out:
            post = partial(out.send, "POST", headers={}, body=b"{}")
            silent = [post(f"https://silent-{n % 40}.example/{n}") for n in range(80)]
            waiting = [asyncio.create_task(one) for one in silent]
            await asyncio.sleep(0.1)
            answer = await post(f"http://hooks.internal:{port}/hook")
            for one in waiting:
                one.cancel()
            await asyncio.wait(waiting)
        return answer

    monkeypatch.setattr(outbound, "_look_up", look_up)
    with receiver() as port:
        assert asyncio.run(send(port)).status == 200
    assert len(asked) == 41
    silence.set()


class Receiver(BaseHTTPRequestHandler):
    seen: list[tuple[str, bytes]] = []

    def do_POST(self) -> None:
        self.seen.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        status = 302 if self.path == "/elsewhere" else 200
        self.send_response(status)
        self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        self.end_headers()
        self.wfile.write(b"y" * 100_000)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def receiver() -> Iterator[int]:
    Receiver.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.0/8"])
def test_what_the_operator_allows_is_reached_and_its_answer_cut(settings: Any, entry: str) -> None:
    settings.PLACET_OUTBOUND_ALLOW = [entry]
    with receiver() as port:
        answer = sent(f"http://127.0.0.1:{port}/hook")
    assert (answer.status, len(answer.body)) == (200, KEPT_BYTES)
    assert Receiver.seen == [("/hook", b"{}")]


@pytest.mark.parametrize(
    "said",
    [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b""],
    ids=["another protocol", "a bad header", "nothing"],
)
def test_an_answer_that_is_no_http_does_not_tell_the_address(settings: Any, said: bytes) -> None:
    settings.PLACET_OUTBOUND_ALLOW = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=answered_once, args=(server, said), daemon=True).start()
        with pytest.raises(Unreachable) as failure:
            sent(f"http://127.0.0.1:{server.getsockname()[1]}/hook/t0ken-in-the-path?key=t0ken")
    assert str(failure.value)
    assert "t0ken" not in str(failure.value)


def answered_once(server: socket.socket, said: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(said)


def test_no_redirect_is_followed(settings: Any) -> None:
    settings.PLACET_OUTBOUND_ALLOW = ["hooks.internal"]
    with receiver() as port, pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbound, "_look_up", lambda host, port: [ip_address("127.0.0.1")])
        assert sent(f"http://hooks.internal:{port}/elsewhere").status == 302
    assert [path for path, _ in Receiver.seen] == ["/elsewhere"]


def test_a_name_that_changes_its_answer_between_check_and_dial_gains_nothing(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([PUBLIC, ["127.0.0.1"], ["127.0.0.1"]])
    dialled: list[str] = []

    def look_up(host: str, port: int) -> list[Any]:
        return [ip_address(one) for one in next(answers)]

    async def connect(loop: Any, sock: socket.socket, address: Any) -> None:
        dialled.append(address[0])
        raise OSError("not from a test")

    monkeypatch.setattr(outbound, "_look_up", look_up)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connect)
    assert check_url("https://rebinding.example/")
    with pytest.raises(Refused):
        sent("https://rebinding.example/")
    assert dialled == []
    answers = iter([PUBLIC, ["127.0.0.1"]])
    with pytest.raises(Unreachable):
        sent("https://rebinding.example/")
    assert set(dialled) <= set(PUBLIC)
    assert dialled


def test_the_proxy_variables_are_not_read(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PLACET_OUTBOUND_ALLOW = ["127.0.0.1"]
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    with receiver() as port:
        assert sent(f"http://127.0.0.1:{port}/hook").status == 200

"""Real processes for tests that need them: a server, a worker, and clients that talk plain HTTP to them.

Nothing here touches the ORM, so Playwright and threads may use it freely.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import urlsplit

import requests
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 15.0
PASSWORD = "correct horse battery"
SECRET = "only-for-tests-only-for-tests-only-for-tests"
DOCUMENTED = re.findall(r"^#?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
# Every name, though empty: a developer's own .env must not reach into a test.
BLANK = dict.fromkeys(DOCUMENTED, "") | {
    "PLACET_SECRET_KEY": SECRET,
    # One address and one account play everybody.
    "PLACET_RATE_SIGN_IN_PER_ACCOUNT": "1000/minute",
    "PLACET_RATE_SIGN_IN_PER_ADDRESS": "1000/minute",
    "PLACET_RATE_TOKENS_PER_ADDRESS": "1000/minute",
    "PYTHONUNBUFFERED": "1",
}


class Person(NamedTuple):
    email: str
    password: str


OWNER = Person("olga@example.org", PASSWORD)


class Died(RuntimeError):
    """The process ended before it was ready; its log is in the message."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(look: Callable[[], T], *, seconds: float = 10.0, every: float = 0.05) -> T:
    """The first true value of `look`; AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"Still {found!r} after {seconds} s."
        time.sleep(every)
    return found


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without any setting of Placet, plus `extra`."""
    ours = ("PLACET_", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, **BLANK, **(extra or {})}


def manage(*arguments: str, env: Mapping[str, str]) -> str:
    """Run a management command; its stdout, or RuntimeError with what it complained about."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=START_SECONDS * 2,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


class Process:
    """A command in a process group of its own, so that ending it ends everything it started."""

    def __init__(self, arguments: list[str], *, env: Mapping[str, str], log: Path) -> None:
        self.arguments, self.env, self.log_path = arguments, dict(env), log
        self.popen: subprocess.Popen[bytes] | None = None
        #: Files of ours that it inherits.
        self.pass_fds: tuple[int, ...] = ()

    def launch(self) -> None:
        with self.log_path.open("ab") as log:
            self.popen = subprocess.Popen(
                self.arguments,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.pass_fds,
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def returncode(self) -> int | None:
        return self.popen.poll() if self.popen else None

    @property
    def running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def wait_for_log(self, text: str, *, seconds: float = START_SECONDS) -> None:
        until(lambda: self._alive() and text in self.log, seconds=seconds)

    def stop(self) -> None:
        """Ask it to leave, and insist when it does not."""
        self._signal(signal.SIGTERM)
        if self.popen is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """SIGKILL, for the whole group: what a power cut looks like from inside."""
        self._signal(signal.SIGKILL)
        if self.popen is not None:
            self.popen.wait(STOP_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        if self.popen is not None:
            # The leader may be gone while children live on: the group keeps its number as long as one of them does.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, number)

    def _alive(self) -> bool:
        if not self.running:
            raise Died(
                f"{' '.join(self.arguments)} ended with {self.returncode}:\n{self.log[-4000:]}"
            )
        return True


class Server(Process):
    """`manage.py serve` (or another `command`), with an owner, on a free port and in a throw-away data directory.

    with Server() as server:
        robot = server.robot("Deploy pilot")
        human = server.human()
    """

    def __init__(
        self,
        env: Mapping[str, str] | None = None,
        data_dir: Path | str | None = None,
        port: int | None = None,
        command: list[str] | None = None,
        owner: Person | None = OWNER,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.owner = owner
        self._throw_away = None
        if data_dir is None:
            self._throw_away = tempfile.TemporaryDirectory(prefix="placet-server-")
            data_dir = self._throw_away.name
        self.data_dir = Path(data_dir)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        whole = {"PLACET_DATA_DIR": str(self.data_dir), "PLACET_URL": self.url}
        if owner:
            whole |= {"PLACET_OWNER_EMAIL": owner.email, "PLACET_OWNER_PASSWORD": owner.password}
        super().__init__(
            command or [sys.executable, "manage.py", "serve", "--port", str(self.port)],
            env=clean_environment({**whole, **(env or {})}),
            log=self.data_dir / f"server-{self.port}.log",
        )

    def start(self) -> Self:
        """Launch, and return when it is ready to answer. Also after `kill`: same data, same port."""
        self.launch()
        until(lambda: self._alive() and self.is_ready(), seconds=START_SECONDS)
        return self

    def is_ready(self) -> bool:
        try:
            return plain_session().get(f"{self.url}/ready", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    def manage(self, *arguments: str) -> str:
        return manage(*arguments, env=self.env)

    def robot(self, name: str = "Deploy pilot", owner: str | None = None) -> "AgentClient":
        """A new agent with a key of its own."""
        email = owner or (self.owner or OWNER).email
        made = json.loads(self.manage("create_agent", name, "--owner", email).splitlines()[-1])
        return AgentClient(self.url, made["key"], made["agent"]["id"])

    def human(self, person: Person | None = None) -> "Human":
        return Human(self.url, *(person or self.owner or OWNER))

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.stop()
        if self._throw_away is not None:
            self._throw_away.cleanup()


def plain_session() -> requests.Session:
    session = requests.Session()
    # A proxy of the machine must not see what is meant for loopback.
    session.trust_env = False
    return session


class Client:
    """HTTP to one server; paths begin with a slash."""

    def __init__(self, url: str) -> None:
        self.url, self.session = url, plain_session()

    def request(self, method: str, path: str, **more: Any) -> requests.Response:
        more.setdefault("timeout", 30)
        return self.session.request(method, f"{self.url}{path}", **more)

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.request("GET", path, params=params)

    def post(self, path: str, json: Any = None, **more: Any) -> requests.Response:
        return self.request("POST", path, json=json, **more)

    def patch(self, path: str, json: Any = None) -> requests.Response:
        return self.request("PATCH", path, json=json)

    def delete(self, path: str, **params: Any) -> requests.Response:
        return self.request("DELETE", path, params=params)


Parked = Future[tuple[requests.Response, float]]


class AgentClient(Client):
    """An agent with its key. `at(url)` is the same agent at another process."""

    def __init__(self, url: str, key: str, agent_id: str) -> None:
        super().__init__(url)
        self.key, self.agent_id = key, agent_id
        self.session.headers["Authorization"] = f"Bearer {key}"

    def at(self, url: str) -> "AgentClient":
        return AgentClient(url, self.key, self.agent_id)

    def say(self, text: str = "Hello", **more: Any) -> Any:
        return _json(self.post("/api/v1/messages", {"text": text, **more}))

    def store(self, content: bytes, name: str) -> str:
        """A file to be named in `attachmentIds`; its id."""
        form = {"file": (name, content, "application/octet-stream")}
        return str(_json(self.request("POST", "/api/v1/files/store", files=form))["id"])

    def send(self, *files: tuple[bytes, str], text: str = "See these", **more: Any) -> Any:
        """A message with files."""
        ids = [self.store(content, name) for content, name in files]
        return self.say(text, attachmentIds=ids, **more)

    def ask(
        self,
        type: str = "approval",
        payload: Any = None,
        *,
        text: str = "Deploy v2.1 to production?",
        **review: Any,
    ) -> Any:
        return self.say(text, review={"type": type, "payload": payload or {}, **review})

    def wait(self, review_id: str, timeout_ms: int = 20_000) -> Any:
        """Until the review is settled, or for so long."""
        return _json(self.wait_raw(review_id, timeout_ms))

    def wait_raw(self, review_id: str, timeout_ms: int = 20_000) -> requests.Response:
        path = f"/api/v1/reviews/{review_id}/wait"
        return self.request(
            "GET", path, params={"timeout": timeout_ms}, timeout=timeout_ms / 1000 + 30
        )

    def feed(self, **query: Any) -> Any:
        """A page of what happened to the agent."""
        return _json(self.feed_raw(**query))

    def feed_raw(self, **query: Any) -> requests.Response:
        patience = query.get("wait", 0) / 1000 + 30
        return self.request("GET", "/api/v1/events", params=query, timeout=patience)

    def park(self, review_id: str, timeout_ms: int = 20_000) -> Parked:
        """Wait in a thread: a future of the answer and the monotonic moment it came. Parked when this returns."""
        return self._parked(lambda own: own.wait_raw(review_id, timeout_ms))

    def listen(self, **query: Any) -> Parked:
        """The same for what happens next."""
        return self._parked(lambda own: own.feed_raw(**{"wait": 20_000, **query}))

    def _parked(self, ask: Callable[["AgentClient"], requests.Response]) -> Parked:
        pool = ThreadPoolExecutor(1)

        def wait() -> tuple[requests.Response, float]:
            # A session of its own: requests' sessions are not for sharing among threads.
            return ask(self.at(self.url)), time.monotonic()

        future = pool.submit(wait)
        pool.shutdown(wait=False)
        time.sleep(0.5)
        return future


class Human(Client):
    """A person signed in over HTTP. `at(url)` is the same session at another process."""

    def __init__(self, url: str, email: str, password: str) -> None:
        super().__init__(url)
        self.email, self.password = email, password
        _json(self.post("/api/auth/login", {"email": email, "password": password}))

    def at(self, url: str) -> "Human":
        other = object.__new__(Human)
        Client.__init__(other, url)
        other.email, other.password = self.email, self.password
        other.session.cookies.update(self.session.cookies)
        return other

    def request(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"X-CSRFToken": self.session.cookies.get("csrftoken") or ""}
        return super().request(method, path, headers={**headers, **more.pop("headers", {})}, **more)

    def respond(self, message_id: str, response: Any, **more: Any) -> requests.Response:
        return self.post(f"/api/messages/{message_id}/respond", {"response": response, **more})

    @property
    def cookies(self) -> str:
        """As a Cookie header, for websockets."""
        return "; ".join(f"{name}={value}" for name, value in self.session.cookies.items())

    def listen(self, path: str = "/ws/inbox/") -> ClientConnection:
        """An open websocket to this server, as the browser would open it; a context manager with `recv(timeout)`."""
        headers = {"Cookie": self.cookies}
        address = f"ws://{urlsplit(self.url).netloc}{path}"
        return connect(address, origin=Origin(self.url), additional_headers=headers, proxy=None)


def _json(response: requests.Response) -> Any:
    assert response.ok, (
        f"{response.request.method} {response.url}: {response.status_code} {response.text[:2000]}"
    )
    return response.json()

"""What a browser test stands on: people with agents of their own, made over HTTP, and a browser that is watched."""

import itertools
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    WebSocket,
)

from tests.processes import PASSWORD, AgentClient, Human, Person, Server

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LANDSCAPE = {"width": 844, "height": 390}
TEMPORARY = "temporary horse battery"
_numbers = itertools.count(1)

#: A page tells of what its policy forbade, whatever the browser itself writes into its console.
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP ${event.effectiveDirective} blocked ${event.blockedURI} in ${event.sourceFile}:${event.lineNumber} ${event.sample}`))
"""


class Watch:
    """What any page of one context complained about, whom it called and where it went. A good test ends with nothing here."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.home, self.complaints, self._expected = home, [], []  # type: str, list[str], list[str]
        self.requests: list[str] = []
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._line)
        context.on("weberror", lambda event: self.note(f"uncaught {event.error}"))
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        context.on("page", self._page)

    def expect(self, *patterns: str) -> None:
        """What this test brings about on purpose: a regular expression for each."""
        self._expected += patterns

    def note(self, text: str) -> None:
        self.complaints.append(text)

    @property
    def surprises(self) -> list[str]:
        return [
            text
            for text in self.complaints
            if not any(re.search(pattern, text) for pattern in self._expected)
        ]

    def _line(self, line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            self.note(f"{line.text} ({line.location['url']})")

    def _page(self, page: Page) -> None:
        page.on("websocket", self._socket)
        page.on("crash", lambda _: self.note("the page crashed"))
        page.on("framenavigated", lambda frame: self._asked(frame.url, "went to"))

    def _dialog(self, dialog: Dialog) -> None:
        self.note(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        self._asked(request.url, "asked")

    def _socket(self, socket: WebSocket) -> None:
        self._asked(socket.url, "connected to")

    def _asked(self, url: str, how: str) -> None:
        self.requests.append(url)
        parts = urlsplit(url)
        if parts.path.startswith("/xss-canary"):
            self.note(f"touched the canary: {url}")
        local = parts.scheme in ("about", "blob", "data", "chrome-error")
        if not local and parts.netloc != urlsplit(self.home).netloc:
            self.note(f"{how} another host: {url}")


@dataclass
class Someone:
    """A person with a signed-in session and one agent."""

    name: str
    human: Human
    robots: list[AgentClient] = field(default_factory=list)

    @property
    def email(self) -> str:
        return self.human.email

    @property
    def robot(self) -> AgentClient:
        return self.robots[0]

    def add_robot(self, name: str, **more: Any) -> AgentClient:
        """Another agent of this person, with a key of its own."""
        agent = self._post("/api/agents", {"name": name, **more})
        key = self._post("/api/api-keys", {"agentId": agent["id"], "label": name[:64]})
        client = AgentClient(self.human.url, key["key"], agent["id"])
        self.robots.append(client)
        return client

    def forget_robots(self) -> None:
        for robot in self.robots:
            self.human.delete(f"/api/agents/{robot.agent_id}")
        self.robots.clear()

    def _post(self, path: str, body: Any) -> Any:
        answer = self.human.post(path, body)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()


class House:
    """A running server and its owner, who lets people in."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.owner = server.human()

    @property
    def url(self) -> str:
        return self.server.url

    def invite(self, name: str = "Ada", *, role: str = "member", robot: str = "") -> Someone:
        """A new person who sees nothing but what is theirs: tests share a server, never a list."""
        email = f"person{next(_numbers)}@example.org"
        body = {"email": email, "displayName": name, "password": TEMPORARY, "role": role}
        made = self.owner.post("/api/users", body)
        assert made.ok, made.text
        human = Human(self.url, email, TEMPORARY)
        change = {"currentPassword": TEMPORARY, "newPassword": PASSWORD}
        assert human.post("/api/auth/change-password", change).ok
        someone = Someone(name, Human(self.url, email, PASSWORD))
        if robot:
            someone.add_robot(robot)
        return someone

    def admit(self, home: AgentClient, *guests: AgentClient) -> None:
        """Let agents into another one's conversation."""
        self._doors("admit", home, *guests)

    def dismiss(self, home: AgentClient, *guests: AgentClient) -> None:
        self._doors("dismiss", home, *guests)

    def _doors(self, verb: str, home: AgentClient, *guests: AgentClient) -> None:
        ids = [guest.agent_id for guest in guests]
        code = DOORS.format(verb=verb, guests=ids, home=home.agent_id)
        self.server.manage("shell", "-c", code)


DOORS = """
from accounts.models import User
from runs.services import admitting
by = User.objects.filter(role="owner").first().as_actor()
for guest in {guests}:
    admitting.{verb}(by=by, agent_id=guest, channel="{home}")
"""


def enter(
    browser: Browser, someone: Someone | None, url: str, **more: Any
) -> tuple[BrowserContext, Watch]:
    """A browser window of their own, signed in by cookie; the sign-in page has a journey of its own."""
    options: dict[str, Any] = {"viewport": DESKTOP, "timezone_id": "UTC", "locale": "en-GB", **more}
    context = browser.new_context(base_url=url, **options)
    context.set_default_timeout(10_000)
    watch = Watch(context, url)
    if someone:
        cookies = someone.human.session.cookies
        context.add_cookies([{"name": c.name, "value": c.value or "", "url": url} for c in cookies])
    return context, watch


def credentials(someone: Someone) -> Person:
    return Person(someone.email, PASSWORD)

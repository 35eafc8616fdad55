"""`make screenshots`: every page, desktop and phone, light and dark, from the demo's data, into screenshots/.

    python -m scripts.screenshots [name …]     only the pages whose name contains one of the words

`docs/inbox.png`, the README's picture, is the inbox among them.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.samples import samples
from tests.needs import WITHOUT, chromium
from tests.processes import ROOT, AgentClient, Human, Server, until
from tests.receiver import Receiver, receiver

FOLDER = ROOT / "screenshots"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
README = ("inbox", "desktop", "light")
# The demo's agents rest after their last ping; while pictures are taken they should not fall asleep.
QUIET = {
    "PLACET_OFFLINE_AFTER_SECONDS": "604800",
    "PLACET_RATE_PER_ADDRESS": "100000/minute",
    "PLACET_OUTBOUND_ALLOW": "127.0.0.1",
}


@dataclass(frozen=True)
class Shot:
    name: str
    path: str
    whole: bool = False
    #: Pressed one after the other once the page is there.
    keys: tuple[str, ...] = ()


def signed_in(human: Human) -> Iterator[Shot]:
    """The pages of somebody who is at work."""
    yield Shot("inbox", "/inbox/")
    for status in ("completed", "expired", "all"):
        yield Shot(f"inbox-{status}", f"/inbox/?status={status}")
    yield Shot("inbox-search", "/inbox/?q=invoice")
    yield Shot("inbox-nothing-found", "/inbox/?q=zebra")
    for name, message in one_of_each(human).items():
        yield Shot(f"review-{name}", f"/inbox/{message['id']}/")
    agents = human.get("/api/agents").json()
    yield Shot("chats", "/chats/")
    for agent in agents:
        yield Shot(f"chat-{slug(agent['name'])}", f"/chats/{agent['id']}/")
    doctor = next(agent for agent in agents if agent["name"] == "Build doctor")
    yield Shot("chat-hand-over", f"/chats/{doctor['id']}/", keys=("h",))
    yield Shot("runs", f"/runs/?agent={doctor['id']}")
    for run in human.get("/api/runs", channel=doctor["id"]).json()["data"]:
        yield Shot(f"run-{run['status']}", f"/runs/{run['id']}/", whole=True)
    yield Shot("files", "/files/")
    yield Shot("files-list", "/files/?as=list")
    yield Shot("files-nothing-found", "/files/?q=zebra&as=grid")
    yield Shot("status", "/status/", whole=True)
    yield Shot("deliveries-none", "/deliveries/")
    for page in (
        "profile",
        "appearance",
        "sessions",
        "agents",
        "agents/new",
        "keys",
        "users",
        "users/new",
    ):
        yield Shot(f"settings-{slug(page)}", f"/settings/{page}/", whole=True)
    yield Shot("settings-agent", f"/settings/agents/{agents[0]['id']}/", whole=True)
    yield Shot("settings-user", f"/settings/users/{human.get('/api/users').json()[-1]['id']}/")
    yield Shot("password", "/password/")
    yield Shot("welcome", "/welcome/")
    yield Shot("api-docs", "/api/docs")
    yield Shot("admin", "/admin/")
    yield Shot("not-found", "/nowhere/")


def webhooks(human: Human, there: Receiver) -> Iterator[Shot]:
    """The demo tells nobody anything; here a real receiver hears some of it, and refuses some."""
    pilot, invoices, support = tell(human, there)
    yield Shot("deliveries", "/deliveries/")
    for status in ("failed", "pending"):
        yield Shot(f"deliveries-{status}", f"/deliveries/?status={status}")
    for name, chosen in {
        "delivered": {"agent": pilot["id"], "event": "review:responded"},
        "failing": {"agent": invoices["id"], "event": "review:responded"},
        "refused": {"agent": support["id"], "event": "review:responded"},
    }.items():
        found = human.get("/api/deliveries", **chosen).json()["data"][0]
        yield Shot(f"delivery-{name}", f"/deliveries/{found['id']}/")
    endpoint = human.get("/api/webhooks").json()[0]
    yield Shot("settings-webhooks", "/settings/webhooks/", whole=True)
    yield Shot("settings-webhook", f"/settings/webhooks/{endpoint['id']}/", whole=True)
    yield Shot("settings-webhook-new", "/settings/webhooks/new/", whole=True)
    app = {"name": "Weather bot", "redirectUris": "https://bot.example/callback"}
    human.request("POST", "/settings/apps/new/", data=app)
    yield Shot("settings-apps", "/settings/apps/", whole=True)
    yield Shot("settings-app-new", "/settings/apps/new/", whole=True)
    yield Shot("settings-agent-webhook", f"/settings/agents/{pilot['id']}/webhook/", whole=True)
    yield Shot("settings-agent-webhook-off", f"/settings/agents/{support['id']}/", whole=True)
    lost = human.get("/api/deliveries", agent=invoices["id"], event="message:created").json()[
        "data"
    ]
    at = lost[0]["messageId"]
    yield Shot("chat-not-delivered", f"/chats/{invoices['id']}/?at={at}#m-{at}")
    yield Shot("inbox-told", "/inbox/")


def viewed(human: Human) -> Iterator[Shot]:
    """A file of every kind in the viewer, and a picture that is being marked up."""
    for name, path in hand_over(human).items():
        yield Shot(f"file-{slug(name)}", path)
        if name == "chart.png":
            box = ("r", "2", "Enter", *["Shift+ArrowRight"] * 3, *["Shift+ArrowDown"] * 2, "Enter")
            arrow = ("a", "5", *["ArrowUp"] * 9, "Enter", *["Shift+ArrowLeft"] * 3, "Enter")
            words = ("t", "1", "Enter", *"Why so low?", "Enter")
            yield Shot("file-details", path, keys=("i",))
            yield Shot("file-annotating", path, keys=(*box, *arrow, *words))


def hand_over(human: Human) -> dict[str, str]:
    """Where each of them is shown, once its preview is made."""
    agent = sorted(human.get("/api/agents").json(), key=lambda agent: str(agent["name"]))[0]
    key = human.post("/api/api-keys", {"agentId": agent["id"], "label": "Files"}).json()
    robot = AgentClient(human.url, key["key"], agent["id"])
    stored = {
        name: robot.request("POST", "/api/v1/files/store", files={"file": (name, content)}).json()
        for name, content in samples().items()
    }
    ids = [file["id"] for file in stored.values()]
    review = {"type": "approval", "payload": {}}
    robot.say("Does this go out?", attachmentIds=ids, review=review)
    until(lambda: not any(is_pending(human, file_id) for file_id in ids), seconds=60)
    return {name: f"/files/{file['id']}" for name, file in stored.items()}


def is_pending(human: Human, file_id: str) -> bool:
    told = human.get(f"/api/files/{file_id}/preview").json()
    return bool(told["state"] == "pending")


def tell(human: Human, there: Receiver) -> list[Any]:
    """Three agents with a webhook and two endpoints; one agent is heard, one is answered 500, one 410."""
    agents = sorted(human.get("/api/agents").json(), key=lambda agent: str(agent["name"]))
    codes = {"/hook/invoices": 500, "/hook/support": 410}
    there.answer = lambda heard: (codes.get(heard.path, 200), {}, 0.0)
    names = {"deploy": "Deploy pilot", "invoices": "Invoice reader", "support": "Support drafts"}
    chosen = [next(one for one in agents if one["name"] == name) for name in names.values()]
    for path, agent in zip(names, chosen, strict=True):
        form = {"webhookUrl": f"{there.url}/{path}", "headerName": "X-Token", "headerValue": "x"}
        human.request("POST", f"/settings/agents/{agent['id']}/webhook/", data=form)
    audit = {"name": "Audit log", "url": f"{there.url}/audit", "headers": {"X-Audit": "x"}}
    human.post("/api/webhooks", {**audit, "agentIds": [chosen[0]["id"]]})
    human.post("/api/webhooks", {"name": "On call", "url": there.url, "events": ["agent:status"]})
    for agent, text in zip(chosen, ("Wait for me.", "Not this one.", "More kindly?"), strict=True):
        key = human.post("/api/api-keys", {"agentId": agent["id"], "label": "Pictures"}).json()
        robot = AgentClient(human.url, key["key"], agent["id"])
        human.post("/api/messages", {"channelId": agent["id"], "text": text})
        asked = robot.ask("text-input", text="Which colour should the banner have?")
        human.respond(asked["id"], {"text": "Verdigris."}, feedback="Ask a designer next time.")
        robot.post("/api/v1/status/ping", {"agentId": agent["id"], "status": "busy"})
    until(lambda: sum(heard.path == "/hook/invoices" for heard in there.heard) >= 4, seconds=30)
    return chosen


def one_of_each(human: Human) -> dict[str, Any]:
    """A message for every type and state, by name."""
    found: dict[str, Any] = {}
    for message in human.get("/api/messages/reviews", status="all").json():
        review = message["review"]
        state = "dismissed" if (review["response"] or {}).get("_dismissed") else review["status"]
        found.setdefault(f"{review['type']}-{state}", message)
    return dict(sorted(found.items()))


def take(page: Page, shot: Shot, url: str, size: str, scheme: str) -> None:
    page.goto(url + shot.path, wait_until="load")
    # The socket stays open, so the network never gets idle; a moment is enough for what hangs on load.
    page.wait_for_timeout(300)
    for key in shot.keys:
        page.keyboard.press(key)
    page.screenshot(path=FOLDER / f"{shot.name}-{size}-{scheme}.png", full_page=shot.whole)


@contextmanager
def window(browser: Browser, size: str, scheme: str, human: Human | None) -> Iterator[Page]:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=2 if size == "phone" else 1,
        has_touch=size == "phone",
    )
    if human:
        cookies = human.session.cookies.items()
        context.add_cookies(
            [{"name": name, "value": value or "", "url": human.url} for name, value in cookies]
        )
    page = context.new_page()
    page.on("console", lambda message: complain(page, message.type, message.text))
    page.on("pageerror", lambda error: complain(page, "error", str(error)))
    yield page
    context.close()


def complain(page: Page, kind: str, text: str) -> None:
    if kind in ("error", "warning") and "404" not in text:
        print(f"  {kind} on {page.url}: {text}")


def shoot(browser: Browser, server: Server, shots: list[Shot], human: Human | None) -> None:
    for size in SIZES:
        for scheme in SCHEMES:
            with window(browser, size, scheme, human) as page:
                for shot in shots:
                    take(page, shot, server.url, size, scheme)


def main(words: list[str]) -> int:
    if not (binary := chromium()):
        print(f"No pictures: {WITHOUT['chromium']}.")
        return 1
    FOLDER.mkdir(exist_ok=True)
    wanted = [re.escape(word) for word in words]

    def chosen(shots: Iterator[Shot]) -> list[Shot]:
        return [shot for shot in shots if not wanted or re.search("|".join(wanted), shot.name)]

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        with Server(QUIET, owner=None) as empty:
            link = re.search(r"/setup/\S+", empty.log)
            path = link.group() if link else "/setup/"
            nobody = [Shot("set-up", path), Shot("sign-in", "/login/")]
            shoot(browser, empty, chosen(iter(nobody)), None)
        with demo() as full:
            human = full.human()
            shoot(browser, full, chosen(signed_in(human)), human)
            shoot(browser, full, chosen(viewed(human)), human)
            with receiver() as there:
                shoot(browser, full, chosen(webhooks(human, there)), human)
        browser.close()
    picture = FOLDER / f"{'-'.join(README)}.png"
    if picture.exists():
        shutil.copy(picture, ROOT / "docs" / "inbox.png")
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}/")
    return 0


@contextmanager
def demo() -> Iterator[Server]:
    server = Server(QUIET)
    server.manage("migrate", "--verbosity", "0")
    server.manage("demo")
    with server:
        yield server


def slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

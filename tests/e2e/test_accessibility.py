"""Small checks instead of a big library: structure, names, contrast, focus, narrow screens, stillness, and what is announced."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.glance import card, detail, row, rows, selected, unreloaded, waits_for
from tests.e2e.stage import DESKTOP, LANDSCAPE, PHONE, House, Someone, Watch
from tests.e2e.test_answering import CASES
from tests.e2e.test_runs import SELECT, Worker
from tests.e2e.test_viewer import previewed
from tests.files import pieces
from tests.processes import AgentClient, until
from tests.receiver import Receiver, receiver

Window = Callable[..., Page]
LOOKS = (Path(__file__).parent / "looks.js").read_text()
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
RICH = f"""A summary with **weight**, `code`, [a link](https://ok.example/{LONG}) and ~~an error~~.

- [x] done
- [ ] to do

> quoted

| column | {LONG} | another | one more | and more | and the last |
|---|---|---|---|---|---|
| 1 | 2 | 3 | 4 | 5 | 6 |

```python
def deploy(version: str, *, force: bool = False) -> "a rather long line that goes on and on":  # {LONG}
    raise NotImplementedError("not yet") if version == 3 else None
```

{LONG}{LONG} https://ok.example/{LONG}/{LONG}
"""

FILES = (
    (pieces.picture(), "chart.png"),
    (pieces.picture()[:60], "damaged.png"),
    (pieces.printed("Terms"), f"{LONG}.pdf"),
    (b"a,b\n1,2\n", f"{LONG}{LONG}.csv"),
    (pieces.MP4, f"{LONG}.mp4"),
    (pieces.WAV, "call.wav"),
    (b"x", "מסמך סופי (1).txt"),
)


def faults(page: Page, look: str) -> list[str]:
    return list(page.evaluate(f"() => ({LOOKS}).{look}()"))


@pytest.fixture(scope="module")
def boss(house: House) -> Iterator[Someone]:
    """An owner with a bit of everything, in every state."""
    boss = house.invite("Boss", role="owner", robot="Deploy pilot")
    with receiver() as there:
        tell(boss, there)
        furnish(boss)
        yield boss
    for endpoint in boss.human.get("/api/webhooks").json():
        boss.human.delete(f"/api/webhooks/{endpoint['id']}")


def tell(boss: Someone, there: Receiver) -> None:
    """Something is heard, something is not, and one webhook is given up."""
    codes = {"/hook/fails": 500, "/hook/gone": 410}
    there.answer = lambda heard: (codes.get(heard.path, 200), {}, 0.0)
    for name, path in ((LONG, "fails"), ("Gone agent", "gone")):
        robot = boss.add_robot(f"{name} {path}")
        headers = {"X-" + "Long-" * 15 + "Token": "x", "X-Token": "y"}
        hook = {"url": f"{there.url}/{path}", "headers": headers}
        assert robot.post("/api/v1/agents/setWebhook", hook).ok
        boss.human.post("/api/messages", {"channelId": robot.agent_id, "text": RICH})
    for name in (f"{LONG} & Co", "Audit"):
        made = boss.human.post("/api/webhooks", {"name": name, "url": there.url})
        boss.human.post(f"/api/webhooks/{made.json()['id']}/test")
    until(lambda: len(there.heard) >= 4)
    app = {"name": f"{LONG} app", "redirectUris": "https://bot.example/"}
    boss.human.request("POST", "/settings/apps/new/", data=app)


def furnish(boss: Someone) -> None:
    robot = boss.robot
    boss.add_robot(f"{LONG} & daughters", description="Reads what others write", tag="production")
    robot.post(
        "/api/v1/status/ping", {"agentId": robot.agent_id, "status": "busy", "message": LONG}
    )
    for status in ("info", "success", "warning", "error"):
        robot.say(f"A {status}: {RICH}", status=status)
    robot.send(*FILES, text="Files of all kinds")
    robot.send((pieces.picture(size=(1600, 900)), f"{LONG}.png"), text="A picture alone")
    for case in CASES.values():
        robot.ask(case.type, case.payload, text=f"Open {case.type}?\n\n{RICH}")
        settled = robot.ask(case.type, case.payload, text=f"Settled {case.type}?")
        answer = boss.human.respond(settled["id"], case.response, feedback="Next time earlier.")
        assert answer.status_code == 201, answer.text
    late = robot.ask(text="Run out?", expiresInSeconds=1)
    robot.ask(text="Soon?", expiresInSeconds=500)
    taken = robot.ask(text="Taken back?")
    robot.post(f"/api/v1/reviews/{taken['id']}/cancel")
    assert robot.wait(late["id"])["status"] == "expired"
    boss.human.post("/api/messages", {"channelId": robot.agent_id, "text": f"From me. {LONG}"})
    work(boss)
    give_to_view(boss)


def work(boss: Someone) -> None:
    """One run that is at it, with all it may have, in a conversation where another one has failed."""
    worker = Worker(boss.add_robot("Build doctor"))
    for last in ("error", "thought"):
        boss.human.post("/api/messages", {"channelId": worker.robot.agent_id, "text": RICH})
        worker.take()
        worker.tell("thought", RICH)
        worker.act(LONG, RICH, **{LONG: LONG, "build": "1240"})
        worker.tell("elicitation", RICH, signal="select", signalMetadata=SELECT)
        boss.human.post("/api/messages", {"channelId": worker.robot.agent_id, "text": "Neither"})
        worker.act(f"Searched {LONG}", None, build="1240")
        worker.tell(last, RICH)
        worker.plan(
            (LONG, "completed"),
            ("Mend it", "inProgress"),
            ("Tell the team", "pending"),
            (f"Write a poem {LONG}", "canceled"),
            links=[{"label": LONG, "url": f"https://ok.example/{LONG}"}],
            summary=f"Mending {LONG}",
        )


#: One of each that the viewer shows in a way of its own; names and contents wider than any screen.
VIEWED = {
    f"{LONG}.png": pieces.picture("PNG", (1600, 900)),
    "contract.pdf": pieces.printed("Signed by both sides"),
    "tone.wav": pieces.WAV,
    "plan.docx": pieces.word(f"{LONG} {LONG}{LONG}"),
    "sums.xlsx": pieces.sheet([[LONG, *range(30)]] * 40),
    "show.pptx": pieces.slides(LONG, picture=pieces.picture("PNG", (1200, 800))),
    "page.html": b"<!doctype html><p>As it looks",
    "notes.md": RICH.encode(),
    "data.json": json.dumps({LONG: {"deeper": [1, {"and": LONG * 3}]}}).encode(),
    "deploy.py": f"def deploy():\n    return '{LONG * 4}'  # {LONG}\n".encode(),
    "all.zip": pieces.archive(**{f"{LONG}/{LONG}.txt": b"x"}),
    "film.mp4": pieces.MP4,
    "blob.bin": b"\xfe\xfd\0\1",
    "broken.zip": b"PK\x03\x04 no more",
}


def give_to_view(boss: Someone) -> None:
    stored = []
    for name, content in VIEWED.items():
        form = {"file": (name, content)}
        answer = boss.robot.request("POST", "/api/v1/files/store", files=form).json()
        stored.append(answer["id"])
    boss.robot.say("Look at these.", attachmentIds=stored)
    for file_id in stored:
        previewed(boss.human, file_id)


def addresses(boss: Someone) -> dict[str, str]:
    mine = boss.human.get("/api/messages/reviews", channel=boss.robot.agent_id).json()
    by_name = {
        f"{m['review']['type']}, {m['review']['status']}": f"/inbox/{m['id']}/" for m in mine
    }
    return {
        "inbox": "/inbox/",
        "all": "/inbox/?status=all",
        **by_name,
        "no match": "/inbox/?q=nothing-like-this",
        "chats": "/chats/",
        "chat": f"/chats/{boss.robot.agent_id}/",
        "files": "/files/?as=grid",
        "list of files": "/files/?as=list",
        "no file": "/files/?q=nothing-like-this&as=grid",
        "status": "/status/",
        **{
            name: f"/settings/{name}/"
            for name in ("profile", "appearance", "sessions", "agents", "keys", "users")
        },
        "an agent": f"/settings/agents/{boss.robot.agent_id}/",
        "new agent": "/settings/agents/new/",
        "new person": "/settings/users/new/",
        "welcome": "/welcome/",
        **about_webhooks(boss),
        **about_apps(boss),
        **about_runs(boss),
        **about_viewed(boss),
    }


def about_runs(boss: Someone) -> dict[str, str]:
    agent_id = boss.robots[4].agent_id
    working, failed = boss.human.get("/api/runs", channel=agent_id).json()["data"]
    return {
        "a conversation with a run": f"/chats/{agent_id}/",
        "handing it over": f"/chats/{agent_id}/hand-over/",
        "a run": f"/runs/{working['id']}/",
        "a run that failed": f"/runs/{failed['id']}/",
        "all runs": f"/runs/?agent={agent_id}",
    }


def about_viewed(boss: Someone) -> dict[str, str]:
    found = boss.human.get("/api/files", agent=boss.robot.agent_id, limit="50").json()["data"]
    return {f"the file {one['filename'][-12:]}": f"/files/{one['id']}" for one in found}


def about_webhooks(boss: Someone) -> dict[str, str]:
    fails, gone = boss.robots[1:3]
    endpoint = boss.human.get("/api/webhooks").json()[-1]

    def latest(**chosen: str) -> str:
        found = boss.human.get("/api/deliveries", **chosen).json()["data"][0]
        return f"/deliveries/{found['id']}/"

    return {
        "deliveries": "/deliveries/",
        "failed deliveries": "/deliveries/?status=failed",
        "no delivery": "/deliveries/?event=nothing",
        "a delivery": latest(endpoint=endpoint["id"]),
        "a delivery that fails": latest(agent=fails.agent_id),
        "a delivery that failed": latest(agent=gone.agent_id),
        "not delivered": f"/chats/{fails.agent_id}/",
        "webhooks": "/settings/webhooks/",
        "new endpoint": "/settings/webhooks/new/",
        "an endpoint": f"/settings/webhooks/{endpoint['id']}/",
        "a webhook": f"/settings/agents/{fails.agent_id}/webhook/",
        "a webhook that is off": f"/settings/agents/{gone.agent_id}/webhook/",
    }


def about_apps(boss: Someone) -> dict[str, str]:
    page = boss.human.get("/settings/apps/").text
    (app_id, *_) = re.findall(r'href="/settings/apps/([0-9a-f-]{36})/"', page)
    (client_id, *_) = re.findall(r"<code>(\w{40})</code>", page)
    asked = f"client_id={client_id}&redirect_uri=https://bot.example/&response_type=code"
    return {
        "apps": "/settings/apps/",
        "new app": "/settings/apps/new/",
        "an app": f"/settings/apps/{app_id}/",
        "consent": f"/auth/o/authorize-app/?{asked}&scope=read+write",
    }


def walk(page: Page, boss: Someone, *looks: str) -> None:
    found = []
    for name, path in addresses(boss).items():
        page.goto(path)
        found += [f"{name}: {fault}" for look in looks for fault in faults(page, look)]
    assert not found, "\n".join(found)


def test_structure_and_names(window: Window, boss: Someone) -> None:
    walk(window(boss), boss, "structure", "names")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(window: Window, boss: Someone, scheme: str) -> None:
    """AA, for every text that is shown; the person's theme follows the system."""
    walk(window(boss, color_scheme=scheme), boss, "contrast")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_where_nobody_is_signed_in(
    window: Window, house: House, watches: list[Watch], scheme: str
) -> None:
    page = window(color_scheme=scheme)
    watches[0].expect("status of 40")
    for path in ("/login/", "/setup/nonsense", "/no-such-page/"):
        page.goto(path)
        assert faults(page, "contrast") == []
        assert faults(page, "names") == []
        assert faults(page, "structure") == []


@pytest.mark.parametrize("screen", [PHONE, {"width": 320, "height": 640}, LANDSCAPE])
def test_small_screens(window: Window, boss: Someone, screen: dict[str, int]) -> None:
    """Nothing to the right of the screen, nothing too small for a finger."""
    page = window(boss, viewport=screen, has_touch=True, is_mobile=True)
    walk(page, boss, "sideways", "small")


def test_a_phone_in_landscape_can_decide_and_write(window: Window, ada: Someone) -> None:
    asked = ada.robot.ask(text=RICH, payload=CASES["approval"].payload)
    page = window(ada, viewport=LANDSCAPE, has_touch=True, is_mobile=True)
    page.goto(f"/inbox/{asked['id']}/")
    expect(detail(page).get_by_text("A summary with")).to_be_in_viewport()
    card(page).get_by_label("Comment").fill("From the train")
    card(page).get_by_role("button", name="Stop").tap()
    expect(page.get_by_text("Nothing waits for you").first).to_be_visible()
    page.goto(f"/chats/{ada.robot.agent_id}/")
    field = page.get_by_role("textbox", name="Write to")
    expect(field).to_be_in_viewport()
    field.fill("On my way")
    page.get_by_role("button", name="Send").tap()
    expect(page.get_by_role("log").get_by_text("On my way")).to_be_in_viewport()


def test_reduced_motion_is_stillness(window: Window, boss: Someone) -> None:
    walk(window(boss, reduced_motion="reduce"), boss, "moving")


@pytest.mark.parametrize("path", ["inbox", "chat", "files", "status", "keys", "deliveries", "an endpoint", "a run", "a conversation with a run", "handing it over"])  # fmt: skip
def test_every_stop_of_the_tab_key_can_be_seen(window: Window, boss: Someone, path: str) -> None:
    page = window(boss)
    page.goto(addresses(boss)[path])
    found, seen = [], set()
    for _ in range(40):
        page.keyboard.press("Tab")
        found += faults(page, "focus")
        seen.add(page.evaluate("document.activeElement.outerHTML"))
    assert not found, "\n".join(dict.fromkeys(found))
    assert len(seen) > 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_viewer_laid_over_a_page_and_annotating(
    window: Window, boss: Someone, scheme: str
) -> None:
    picture = next(path for name, path in about_viewed(boss).items() if name.endswith(".png"))
    for screen in (DESKTOP, PHONE):
        page = window(boss, color_scheme=scheme, viewport=screen, has_touch=screen == PHONE)
        page.goto(picture)
        page.keyboard.press("i")
        found = faults(page, "contrast") + faults(page, "sideways")
        page.keyboard.press("i")
        page.get_by_role("button", name="Annotate").click()
        looks = ("structure", "names", "contrast", "sideways", "small")
        found += [fault for look in looks for fault in faults(page, look)]
        for _ in range(24):
            page.keyboard.press("Tab")
            found += faults(page, "focus")
        assert not found, "\n".join(dict.fromkeys(found))


def test_tab_goes_round_and_is_never_trapped(page: Page, robot: AgentClient) -> None:
    robot.ask()
    page.goto("/inbox/")
    waits_for(page, "Deploy v2.1")
    who = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim()"
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(who))
    assert any("Skip to content" in stop for stop in stops)
    assert any("Approve" in stop for stop in stops)
    assert any("Deploy v2.1" not in stop for stop in stops)


def test_skip_leads_to_the_content(page: Page, robot: AgentClient) -> None:
    page.goto("/settings/profile/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_the_list_is_a_listbox_that_tells_the_position(page: Page, robot: AgentClient) -> None:
    for n in range(1, 5):
        robot.ask(text=f"Question {n}?", expiresInSeconds=600 * n)
    page.goto("/inbox/")
    waits_for(page, "Question 1?")
    listbox = page.get_by_role("listbox", name="Reviews")
    expect(listbox).to_be_focused()
    for n in (1, 2, 3):
        expect(selected(page)).to_have_count(1)
        expect(selected(page)).to_contain_text(f"Question {n}?")
        expect(selected(page)).to_have_attribute("aria-posinset", str(n))
        expect(selected(page)).to_have_attribute("aria-setsize", "4")
        chosen = selected(page).get_attribute("id")
        expect(listbox).to_have_attribute("aria-activedescendant", str(chosen))
        page.keyboard.press("j")
    robot.ask(text="Question 5?", expiresInSeconds=3600)
    page.get_by_role("button", name="1 new").click()
    expect(rows(page)).to_have_count(5)
    expect(rows(page).last).to_have_attribute("aria-setsize", "5")
    expect(selected(page)).to_contain_text("Question 4?")


def test_arrivals_and_decisions_are_announced(page: Page, ada: Someone) -> None:
    robot = ada.robot
    page.goto("/inbox/")
    page.wait_for_load_state("networkidle")
    live = page.locator("[aria-live=polite]#live")
    with unreloaded(page):
        first = robot.ask(text="First?")
        expect(live).to_contain_text("New question from Deploy pilot")
        waits_for(page, "First?")
        second = robot.ask(text="Second?")
        page.get_by_role("button", name="1 new").click()
        expect(row(page, "Second?")).to_be_visible()
        assert ada.human.respond(second["id"], {"selectedOption": "reject"}).status_code == 201
        expect(live).to_contain_text("Deploy pilot: Reject")
        page.keyboard.press("a")
        expect(live).to_contain_text("Sent: Approve")
    assert robot.wait(first["id"])["status"] == "completed"


def test_typing_is_not_disturbed_by_what_happens(page: Page, ada: Someone) -> None:
    """Everything that can happen at once, while somebody is in the middle of a word."""
    robot = ada.robot
    asked = robot.ask(text="Mine?", payload=CASES["approval"].payload, expiresInSeconds=600)
    other = robot.ask(text="Other?", expiresInSeconds=900)
    page.goto("/inbox/")
    waits_for(page, "Mine?")
    field = card(page).get_by_label("Comment")
    field.click()
    with unreloaded(page):
        page.keyboard.type("Half of a ")
        robot.ask(text="New one?", expiresInSeconds=1200)
        page.keyboard.type("sen")
        ada.human.respond(other["id"], {"selectedOption": "approve"})
        ada.add_robot("Somebody new").say("Hello")
        robot.post("/api/v1/status/ping", {"agentId": robot.agent_id, "status": "busy"})
        robot.post(f"/api/v1/messages/{asked['id']}/ack", {})
        expect(row(page, "Other?")).to_contain_text("Approve")
        expect(page.get_by_role("button", name="1 new")).to_be_visible()
        expect(field).to_be_focused()
        page.keyboard.type("tence")
        expect(field).to_have_value("Half of a sentence")
    assert page.evaluate("document.activeElement.selectionStart") == len("Half of a sentence")


def test_the_focus_stays_in_the_rail_and_in_the_search(page: Page, ada: Someone) -> None:
    robot = ada.robot
    robot.ask(text="One?")
    page.goto("/inbox/")
    waits_for(page, "One?")
    rail = page.get_by_role("navigation", name="Main", exact=True)
    rail.get_by_role("link", name="Deploy pilot").focus()
    robot.ask(text="Two?")
    expect(rail.get_by_role("link", name="Deploy pilot")).to_contain_text("2")
    expect(rail.get_by_role("link", name="Deploy pilot")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("one")
    expect(rows(page)).to_have_count(1)
    robot.ask(text="Three?")
    expect(rail.get_by_role("link", name="Deploy pilot")).to_contain_text("3")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("one")


def test_a_writer_in_the_chat_is_not_disturbed(page: Page, ada: Someone) -> None:
    page.goto(f"/chats/{ada.robot.agent_id}/")
    field = page.get_by_role("textbox", name="Write to")
    field.click()
    for n, letter in enumerate("draft"):
        page.keyboard.type(letter)
        ada.robot.say(f"Interruption {n}")
    expect(page.get_by_role("log").get_by_role("article")).to_have_count(5)
    expect(field).to_be_focused()
    expect(field).to_have_value("draft")


def test_after_a_decision_the_focus_is_somewhere_useful(page: Page, robot: AgentClient) -> None:
    for n in (1, 2):
        robot.ask(text=f"Question {n}?", expiresInSeconds=600 * n)
    page.goto("/inbox/")
    waits_for(page, "Question 1?")
    card(page).get_by_role("button", name="Approve").click()
    waits_for(page, "Question 2?")
    assert page.evaluate("document.activeElement !== document.body"), "The focus was lost."
    page.wait_for_timeout(350)
    page.keyboard.press("r")
    expect(detail(page)).to_contain_text("Nothing waits for you")
    assert page.evaluate("document.activeElement !== document.body"), "The focus was lost."


SAID = {
    "pending": r" left",
    "expired": r"Expired",
    "cancelled": r"Cancelled|Taken back",
    "completed": r"Ship it|Team|Business|Enterprise|Responded|Linked|filled|Approve|Reject",
}


def test_colour_is_never_the_only_signal(window: Window, boss: Someone) -> None:
    """How a question stands is said in words in its row, and the status of an agent beside its dot."""
    page = window(boss)
    page.goto(f"/inbox/?status=all&agent={boss.robot.agent_id}")
    seen = set()
    for found in rows(page).all():
        status = str(found.get_attribute("data-status"))
        assert re.search(SAID[status], str(found.text_content())), found.text_content()
        seen.add(status)
    assert seen == set(SAID)
    expect(page.locator(f"nav a[href='/chats/{boss.robot.agent_id}/']")).to_contain_text("busy")

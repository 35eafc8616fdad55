"""What a reviewer feels: keys, opening, arrivals and the first load, in Chromium with ten thousand open questions."""

import gzip
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.report import ms, row, section
from tests import needs
from tests.processes import ROOT, AgentClient, Server

OPEN, AGENTS, SAMPLES, LOADS = 10_000, 11, 60, 15
LOOSE = {
    "PLACET_RATE_PER_KEY": "100000000/minute",
    "PLACET_RATE_PER_ADDRESS": "100000000/minute",
    "PLACET_LOG_LEVEL": "WARNING",
}
FILL = """
import sys
from datetime import timedelta
from agents.models import Agent
from inbox.models import Message
from placet.lib.clock import now
from placet.lib.ids import new_id
from reviews.models import Review
ids, at, count = sys.stdin.readline().split(), now(), int(sys.stdin.readline())
agents = list(Agent.objects.filter(pk__in=ids))
reviews, messages = [], []
for n in range(count):
    pk, agent = new_id(), agents[n % len(agents)]
    until = at + timedelta(hours=2, seconds=3 * n)
    reviews.append(Review(id=pk, agent=agent, type='approval', created_at=at, expires_at=until, payload={'options': [
        {'id': 'approve', 'label': 'Approve', 'style': 'primary'}, {'id': 'reject', 'label': 'Reject', 'style': 'danger'}]}))
    messages.append(Message(id=pk, agent=agent, sender_type='agent', created_at=at, updated_at=at, review_id=pk,
        text=f'Question {n}: deploy **v2.{n}** to production?\\n\\nAll 214 tests passed; the last deploy was two hours ago.'))
Review.objects.bulk_create(reviews, batch_size=500)
Message.objects.bulk_create(messages, batch_size=500)
"""
#: `painted(look)`: when what `look` sees has been painted; `pressed`: when the last key was; `wall()` for what begins or ends elsewhere.
TOOLS = """
window.painted = (look) => new Promise((done) => {
  const ready = () => look() && (watcher.disconnect(), requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
  const watcher = new MutationObserver(ready);
  watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  ready();
});
addEventListener("keydown", (event) => (window.pressed = event.timeStamp), true);
window.wall = () => performance.timeOrigin + performance.now();
"""


def main() -> None:
    if not needs.chromium():
        section("In the browser: not measured, no Chromium is installed")
        return
    with Server(LOOSE) as server, sync_playwright() as playwright:
        robots = [server.robot(f"Agent {n}") for n in range(AGENTS)]
        _fill([robot.agent_id for robot in robots])(server)
        browser = playwright.chromium.launch(
            executable_path=needs.chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        section(f"In the browser, {OPEN:,} open questions (p95 of {SAMPLES})")
        _first_load(browser, server)
        page = _window(browser, server)
        page.goto("/inbox/")
        page.wait_for_load_state("networkidle")
        _keys(page)
        _another(page)
        _arrival(page, robots[0])
        _release(page, robots[0])
        browser.close()


def _fill(agents: list[str]) -> Callable[[Server], None]:
    def fill(server: Server) -> None:
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", FILL],
            cwd=ROOT,
            env=server.env,
            input=f"{' '.join(agents)}\n{OPEN}\n",
            text=True,
            check=True,
        )

    return fill


def _window(browser: Browser, server: Server) -> Page:
    context = browser.new_context(
        base_url=server.url, viewport={"width": 1440, "height": 900}, timezone_id="UTC"
    )
    context.add_init_script(TOOLS)
    cookies = server.human().session.cookies
    context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": server.url} for one in cookies]
    )
    return context.new_page()


def _first_load(browser: Browser, server: Server) -> None:
    """A cold cache each time, until the list is there and its script has taken hold of it."""
    usable = "() => document.querySelector('#rows > .item')?.ariaPosInSet && performance.now()"
    times, bare, scripts = [], [], {}
    for _ in range(LOADS):
        page = _window(browser, server)
        page.on("response", lambda answer: scripts.setdefault(answer.url, answer))
        page.goto("/health")
        bare.append(page.evaluate("performance.getEntriesByType('navigation')[0].responseEnd"))
        page.goto("/inbox/")
        times.append(page.wait_for_function(usable, polling="raf").json_value())
        if len(times) == 1:
            size = _script_size(scripts)
        page.context.close()
    _tell("first load → usable list, cold cache", 1000, times, "GET /health", bare)
    row("all script, gzip", "≤ 100 kB", f"{size / 1000:.1f} kB", held=size <= 100_000)


def _script_size(answers: dict[str, Any]) -> int:
    return sum(
        len(gzip.compress(answer.body()))
        for answer in list(answers.values())
        if "javascript" in answer.headers.get("content-type", "")
    )


def _keys(page: Page) -> None:
    """J: the row is marked at once, and the item, which was fetched before, is there."""
    page.evaluate(
        "document.addEventListener('keydown', (event) => event.key === 'x' && (document.body.dataset.x = Number(document.body.dataset.x || 0) + 1))"
    )
    marks, opens, bare = [], [], []
    for n in range(1, SAMPLES + 1):
        page.wait_for_timeout(250)
        bare.append(_pressed(page, "x", f"() => document.body.dataset.x === '{n}'"))
        following = page.evaluate(
            "document.querySelector('#rows > [aria-selected=true]').nextElementSibling.dataset.id"
        )
        looks = (
            f"() => document.querySelector('#rows > [aria-selected=true]')?.dataset.id === '{following}'",
            f"() => document.getElementById('detail').dataset.id === '{following}'",
        )
        both = f"Promise.all([painted({looks[0]}), painted({looks[1]})])"
        page.evaluate(f"() => {{ window.felt = {both}; }}")
        page.keyboard.press("j")
        mark, opened = page.evaluate("felt.then((ends) => ends.map((end) => end - pressed))")
        marks.append(mark)
        opens.append(opened)
    _tell("key press → visible change (J)", 50, marks, "a key that sets an attribute", bare)
    _tell("key press → prefetched item open", 100, opens, "a key that sets an attribute", bare)


def _pressed(page: Page, key: str, look: str) -> float:
    page.evaluate(f"() => {{ window.felt = painted({look}); }}")
    page.keyboard.press(key)
    return float(page.evaluate("felt.then((end) => end - pressed)"))


def _another(page: Page) -> None:
    """An item nobody has been near: 12 rows on, without hovering. The bare one fetches the same piece and shows nothing."""
    times, bare = [], []
    for _ in range(SAMPLES):
        page.wait_for_timeout(150)
        far = "(() => { const rows = [...document.querySelectorAll('#rows > .item')]; const at = rows.findIndex((row) => row.ariaSelected === 'true'); return rows[(at + 12) % rows.length]; })()"
        times.append(
            page.evaluate(
                f"() => {{ const row = {far}, begun = performance.now(); const seen = painted(() => document.getElementById('detail').dataset.id === row.dataset.id); row.click(); return seen.then((end) => end - begun); }}"
            )
        )
        bare.append(
            page.evaluate(
                f"async () => {{ const begun = performance.now(); await (await fetch({far}.href, {{ headers: {{ 'HX-Request': 'true' }} }})).text(); return performance.now() - begun; }}"
            )
        )
        page.keyboard.press("End")
    _tell("click → another item open", 250, times, "the same fetch, not shown", bare)


def _arrival(page: Page, robot: AgentClient) -> None:
    """The list does not move under the hand: what appears is the count of what is new. Then the same in a conversation."""
    bare = [_trip(robot) for _ in range(SAMPLES)]
    looks = "() => document.getElementById('fresh').textContent.startsWith('{} new')"
    times = [_posted(page, robot, looks.format(n + 1), ask=True) for n in range(SAMPLES)]
    _tell("post → shown in the open inbox", 200, times, "GET /health", bare)
    chat = page.context.new_page()
    chat.goto(f"/chats/{robot.agent_id}/")
    chat.wait_for_load_state("networkidle")
    looks = "() => document.getElementById('messages').textContent.includes('Arrival {}.')"
    times = [_posted(chat, robot, looks.format(n), text=f"Arrival {n}.") for n in range(SAMPLES)]
    _tell("post → bubble in the open conversation", 200, times, "GET /health", bare)
    chat.close()


def _posted(
    page: Page, robot: AgentClient, look: str, *, text: str = "New?", ask: bool = False
) -> float:
    page.evaluate(f"() => {{ window.felt = painted({look}).then(() => wall()); }}")
    begun = time.time() * 1000
    robot.ask(text=text) if ask else robot.say(text)
    end = float(page.evaluate("felt"))
    page.wait_for_timeout(60)
    return end - begun


def _release(page: Page, robot: AgentClient) -> None:
    """From the key to the moment the parked agent has its JSON. The network's own time: a trip of the browser and one of the agent."""
    times, bare = [], []
    pool = ThreadPoolExecutor(1)
    for _ in range(SAMPLES):
        asked = robot.ask(text="Release me?")
        page.goto(f"/inbox/{asked['id']}/")
        page.wait_for_load_state("load")
        waiting: Future[float] = pool.submit(_until_released, robot, asked["id"])
        page.wait_for_timeout(350)
        fetched = "async () => { const begun = performance.now(); await (await fetch('/health')).text(); return performance.now() - begun; }"
        bare.append(page.evaluate(fetched) + _trip(robot))
        page.keyboard.press("a")
        end = waiting.result(20)
        times.append(end - page.evaluate("performance.timeOrigin + pressed"))
    over = [max(0.0, one - trip) for one, trip in zip(times, bare, strict=True)]
    _tell("key press → parked agent released", None, times, "both fetch /health", bare)
    _tell("… over the network's own time", 50, over, "both fetch /health", bare)


def _until_released(robot: AgentClient, review_id: str) -> float:
    answer = robot.at(robot.url).wait_raw(review_id)
    end = time.time() * 1000
    assert answer.json()["status"] == "completed"
    return end


def _trip(robot: AgentClient) -> float:
    begun = time.perf_counter()
    robot.get("/health")
    return (time.perf_counter() - begun) * 1000


def _tell(what: str, goal: int | None, times: list[float], named: str, bare: list[float]) -> None:
    p95, base = _p95(times) / 1000, _p95(bare) / 1000
    row(
        what,
        f"p95 ≤ {goal} ms" if goal else "",
        ms(p95),
        f"{ms(base)} {named}",
        p95 / base if base else "",
        held=p95 * 1000 <= goal if goal else None,
    )


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


if __name__ == "__main__":
    main()

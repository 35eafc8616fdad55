"""A workspace in which everything that an agent or a person may word is hostile, and the look for what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.e2e.stage import House, Someone
from tests.processes import AgentClient, Client

CORPUS = (Path(__file__).parent / "xss.txt").read_text().strip("\n").split("\n%%\n")
MOST_ITEMS = 90

#: What the sanitiser lets through; everything else inside a text is a hole.
INSPECT = """(within) => {
  const bad = [], root = document.querySelector(within);
  const tell = (what, node) => bad.push(`${what}: ${node.outerHTML.slice(0, 200)}`);
  if (window.__xss !== undefined) bad.push("the canary sang");
  for (const node of root.querySelectorAll("iframe, frame, object, embed, applet, base, meta[http-equiv=refresh], script:not([src]), link[href*='//']"))
    tell("forbidden", node);
  for (const node of root.querySelectorAll("script[src], link[href], img[src], use[href]"))
    if (new URL(node.src || node.href.baseVal || node.href, location).origin !== location.origin && !/^data:/.test(node.src)) tell("from elsewhere", node);
  for (const node of root.querySelectorAll("*"))
    for (const { name, value } of node.attributes) {
      if (/^(data-)?(on|hx-on)/i.test(name) || name === "style") tell("active attribute", node);
      if (/^(href|src|action|formaction|xlink:href|data|poster|ping|srcdoc)$/.test(name) && /^[\\s\\x00-\\x20]*(javascript|vbscript|data|file|blob|view-source|about):/i.test(value)) tell("active address", node);
    }
  const tags = /^(A|BLOCKQUOTE|BR|CODE|EM|H[1-6]|HR|INPUT|LI|OL|P|PRE|S|SPAN|STRONG|TABLE|TBODY|TD|TH|THEAD|TR|UL)$/;
  const attributes = /^(href|title|target|rel|class|start|type|checked|disabled|tabindex|aria-label)$/;
  for (const node of root.querySelectorAll(".prose *")) {
    if (!tags.test(node.tagName)) tell("not on the list", node);
    for (const { name } of node.attributes) if (!attributes.test(name)) tell("attribute not on the list", node);
    if (node.tagName === "A" && (node.target !== "_blank" || !/noopener/.test(node.rel))) tell("a link that holds on to us", node);
    if (node.tagName === "INPUT" && (node.type !== "checkbox" || !node.disabled)) tell("a live input", node);
  }
  const ids = [...root.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) bad.push(`the id ${id} twice`);
  for (const name of ["body", "cookie", "currentScript", "location"]) if (document[name] instanceof HTMLAnchorElement) bad.push(`document.${name} is clobbered`);
  return bad;
}"""


def harmless(page: Page, *, within: str = "html", where: str = "") -> None:
    found = page.evaluate(INSPECT, within)
    assert not found, f"{where or page.url}:\n" + "\n".join(found)


def one_line(text: str, most: int) -> str:
    """What a label may be: on one line, and without the characters that labels refuse."""
    return " ".join(text.translate({0x202D: None, 0x202E: None}).split())[:most] or "empty"


@dataclass
class Poisoned:
    """`boss` sees everything there is; `mel` has one agent that says all of it, so that opening it is quick."""

    house: House
    boss: Someone
    mel: Someone
    open: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)


def poison(house: House) -> Poisoned:
    """Every payload through every field. What is refused outright (a 400) needs no watching; a 500 is a fault."""
    placed = Poisoned(house, Someone("Boss", house.owner), house.invite("Mel", robot="Talker"))
    for human, payload in ((house.owner, CORPUS[9]), (placed.mel.human, CORPUS[11])):
        _post(human, "/settings/profile/", data={"displayName": one_line(payload, 100)})
    _name_people(house)
    _name_agents(placed.boss)
    for payload in CORPUS:
        _ask_and_answer(placed, payload)
    for payload in CORPUS[::2]:
        body = {"channelId": placed.mel.robot.agent_id, "text": payload}
        _post(placed.mel.human, "/api/messages", json=body)
    for number, payload in enumerate(CORPUS[::3]):
        _ask_unknown(placed, payload, answered=number % 2 == 0)
    for start in range(0, len(CORPUS), MOST_ITEMS):
        some = CORPUS[start : start + MOST_ITEMS]
        for answered in (False, True):
            _ask_many(placed, some, answered=answered)
    return placed


def _name_people(house: House) -> None:
    for number, payload in enumerate(CORPUS[:12]):
        person = {"email": f"p{number}@example.org", "password": "a b c d e f g h"}
        _post(house.owner, "/api/users", json={**person, "displayName": one_line(payload, 100)})
    hostile = {"User-Agent": '<script>window.__xss=1</script>"><img src=x onerror=window.__xss=1>'}
    login = {"email": house.owner.email, "password": house.owner.password}
    _post(Client(house.url), "/api/auth/login", json=login, headers=hostile)


def _name_agents(boss: Someone) -> None:
    for number, payload in enumerate(CORPUS):
        line = one_line(payload, 100)
        body = {"name": line, "description": payload, "tag": line[:64]}
        made = _post(boss.human, "/api/agents", json=body)
        if made and number % 4 == 0:
            _post(boss.human, "/api/api-keys", json={"agentId": made["id"], "label": line[:64]})
    # One key speaks for all of them.
    key = _post(boss.human, "/api/api-keys", json={"label": "All"})["key"]
    voice = AgentClient(boss.human.url, key, "")
    for agent, payload in zip(voice.get("/api/v1/agents").json(), CORPUS, strict=False):
        ping = {"agentId": agent["id"], "status": "busy", "message": payload}
        _post(voice, "/api/v1/status/ping", json=ping)


def _ask_and_answer(placed: Poisoned, payload: str) -> None:
    line = one_line(payload, 500)
    asked = {"prefill": payload, "placeholder": payload, "markdown": True}
    asked |= {"submitLabel": line, "dismissLabel": line}
    _ask(placed, "text-input", asked, payload)
    option = {"id": line[:200], "label": line, "style": "primary"}
    approval = {"options": [option, {"id": "x", "label": line}], "allowComment": True}
    response = {"selectedOption": line[:200], "comment": payload}
    _ask(placed, "approval", approval, f"An answered one: {payload}", response, payload)


def _ask_unknown(placed: Poisoned, payload: str, *, answered: bool) -> None:
    line = one_line(payload, 50)
    asked = {"schema": {line: payload}, "title": payload, line: [payload]}
    _ask(
        placed, line, asked, payload, {line: payload, "x": {line: [payload]}} if answered else None
    )


def _ask_many(placed: Poisoned, payloads: list[str], *, answered: bool) -> None:
    lines = [one_line(payload, 500) for payload in payloads]
    items = [
        {"id": f"{n} {line[:190]}", "label": line, "description": payload}
        for n, (line, payload) in enumerate(zip(lines, payloads, strict=True))
    ]
    ids = [item["id"] for item in items]
    selection = {"mode": "multi", "items": items}
    _ask(placed, "selection", selection, "Which?", {"selectedIds": ids} if answered else None)
    fields = list(_fields(payloads, lines))
    values = {
        field["name"]: _value(field, payload)
        for field, payload in zip(fields, payloads, strict=True)
    }
    _ask(placed, "form", {"fields": fields}, "Please fill in", values if answered else None)


def _fields(payloads: list[str], lines: list[str]) -> Iterator[dict[str, Any]]:
    kinds = ("text", "textarea", "select", "checkbox", "range", "password")
    for n, (payload, line) in enumerate(zip(payloads, lines, strict=True)):
        kind = kinds[n % len(kinds)]
        common = {"name": f"{n} {line[:190]}", "label": line, "description": payload, "unit": line}
        extra: dict[str, Any] = {"placeholder": line}
        if kind in ("text", "textarea"):
            extra["defaultValue"] = payload if kind == "textarea" else line
        if kind == "select":
            extra |= {"options": [{"value": line, "label": line}, payload], "defaultValue": line}
        yield {**common, "type": kind, **extra}


def _value(field: dict[str, Any], payload: str) -> Any:
    return {"checkbox": True, "range": 3, "select": field["label"]}.get(
        field["type"], one_line(payload, 500)
    )


def _ask(
    placed: Poisoned,
    type: str,
    payload: Any,
    text: str,
    response: Any = None,
    feedback: str = "",
) -> None:
    review = {"type": type, "payload": payload}
    made = _post(placed.mel.robot, "/api/v1/messages", json={"text": text, "review": review})
    if not made:
        return
    if response is None:
        placed.open.append(made["id"])
        return
    body = {"response": response, "feedback": feedback}
    answer = _post(placed.mel.human, f"/api/messages/{made['id']}/respond", json=body)
    (placed.settled if answer else placed.open).append(made["id"])


def _post(client: Client, path: str, **more: Any) -> Any:
    answer = client.request("POST", path, **more)
    assert answer.status_code < 500, f"{path} {more}: {answer.status_code} {answer.text[:500]}"
    assert answer.status_code not in (401, 403, 429), answer.text[:500]
    is_json = "json" in answer.headers.get("Content-Type", "")
    return answer.json() if answer.ok and is_json else None

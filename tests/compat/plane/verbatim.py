"""Runs the samples of a page about Plane's agents as they stand, with another address and token.

    python -m tests.compat.plane.verbatim FILE…

No part of the suite: those pages are not ours to keep. What they call is tested in tests/compat/plane/test_samples.py.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.compat import nodes, parts
from tests.compat.parts import Installed, heard_of, installed, prompted
from tests.processes import Human, Server, until
from tests.receiver import Receiver, receiver

FENCED = re.compile(r"^```(typescript|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: How a line of TypeScript begins that is told from prose.
BEGINS = re.compile(r"(?:await |const |import \{|if \()")
SPACE = re.compile(r"(?:\s+|//[^\n]*\n)*")
#: What has brackets of its own that count for nothing.
QUOTED = re.compile(r"""//[^\n]*|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`""")


class Sample(NamedTuple):
    language: str
    code: str

    @property
    def hears(self) -> bool:
        return "webhook" in self.code

    @property
    def handles(self) -> bool:
        return re.search(r"handleWebhook|handle_webhook", self.code) is not None


def samples(page: str) -> Iterator[Sample]:
    """The code that talks to a server: what is fenced, or on a page that has lost its fences what looks like it."""
    found = FENCED.findall(page) if "```" in page else (("typescript", it) for it in _bare(page))
    for language, code in found:
        if re.search(r"plane_?client", code, re.IGNORECASE):
            yield Sample(language, code)


def _bare(page: str) -> Iterator[str]:
    at = 0
    while begun := re.compile(rf"^(?={BEGINS.pattern})", re.MULTILINE).search(page, at):
        at = begun.start()
        while BEGINS.match(page, at):
            end = _end_of_statement(page, at)
            at = SPACE.match(page, end).end()  # type: ignore[union-attr]
        yield page[begun.start() : end]
        at = end


def _end_of_statement(page: str, at: int) -> int:
    ends, depth = "}" if page.startswith("if", at) else ";", 0
    while at < len(page):
        if quoted := QUOTED.match(page, at):
            at = quoted.end()
            continue
        depth += (page[at] in "({[") - (page[at] in ")}]")
        at += 1
        if not depth and page[at - 1] == ends:
            return at
    return at


class Stage:
    """A live server, a person, and for each sample an agent whose webhooks are heard."""

    def __init__(self, server: Server, there: Receiver) -> None:
        self.server, self.there, self.person = server, there, server.human()

    def play(self, sample: Sample, number: int) -> Iterator[str]:
        app = installed(
            self.server, f"Bot {number}", "--webhook", self.there.url, "--dialect", "plane"
        )
        run_id = prompted(self.person, app)["id"]
        if not sample.hears or sample.handles:
            yield self._once(sample, app, run_id, self._webhook(run_id, "continue"))
        if sample.hears:
            run_id = prompted(self.person, app, "Go on")["id"]
            until(lambda: self.person.post(f"/api/runs/{run_id}/stop").ok)
            yield self._once(sample, app, run_id, self._webhook(run_id, "stop"))

    def _webhook(self, run_id: str, signal: str) -> Any:
        def look() -> list[Any]:
            told = [one.json for one in list(self.there.heard) if run_id.encode() in one.body]
            prompts = [one for one in told if one["type"] == "agent_run_activity"]
            return [one for one in prompts if one["agent_run_activity"]["signal"] == signal]

        heard_of(self.there, "x-plane-event", "agent_run_create", run_id)
        return until(look, seconds=20)[0]

    def _once(self, sample: Sample, app: Installed, run_id: str, webhook: Any) -> str:
        play = _in_python if sample.language == "python" else _in_node
        refused = play(sample.code, self.server.url, app, run_id, webhook)
        run, said = _seen(self.person, run_id)
        signal = webhook["agent_run_activity"]["signal"] if sample.hears else ""
        what = f"{signal:<9}{run['status']:<12}{' '.join(said)}"
        return f"FAILED  {what}\n        {refused}" if refused else f"ok      {what}"


def _seen(person: Human, run_id: str) -> tuple[Any, list[str]]:
    run = person.get(f"/api/runs/{run_id}").json()
    activities = person.get(f"/api/runs/{run_id}/activities").json()["data"]
    return run, [one["type"] for one in activities]


def _in_node(code: str, url: str, app: Installed, run_id: str, webhook: Any) -> str | None:
    credentials = {"bot_token": app.access_token, "workspace_slug": app.workspace_slug}
    names = {
        "agentRunId": run_id,
        "botToken": app.access_token,
        "credentials": credentials,
        "webhook": webhook,
        "workspaceSlug": app.workspace_slug,
    }
    sample = json.dumps({"code": code, "names": names})
    refused: str | None = nodes.told_by("sample.mjs", SAMPLE=sample, PLANE_API_URL=url)["refused"]
    return refused


def _in_python(code: str, url: str, app: Installed, run_id: str, webhook: Any) -> str | None:
    os.environ["PLANE_API_URL"] = url
    names: dict[str, Any] = {
        "agent_run_id": run_id,
        "bot_token": app.access_token,
        # The pages leave this import to the reader.
        "os": os,
        "process_user_request": lambda asked: f"You said: {asked}",
        "workspace_slug": app.workspace_slug,
    }
    try:
        exec(code, names)  # noqa: S102 - to run it is what this is for
        if handle := names.get("handle_webhook"):
            credentials = {"bot_token": app.access_token, "workspace_slug": app.workspace_slug}
            handle(webhook, credentials)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is asked for
        return f"{type(error).__name__}: {error}"
    return None


def main(paths: list[str]) -> int:
    failed = 0
    with parts.live_server() as server, receiver() as there:
        stage, number = Stage(server, there), 0
        for path in paths:
            print(path)
            for sample in samples(Path(path).read_text()):
                number += 1
                print(f"  {number:>2} {sample.language}, {len(sample.code.splitlines())} lines")
                for line in stage.play(sample, number):
                    failed += line.startswith("FAILED")
                    print(f"     {line}")
    print(f"{number} samples, {failed} failed")
    return 1 if failed or not number else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

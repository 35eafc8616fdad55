"""The agent of the scenes, and what it can do; all through services."""

from typing import Any
from uuid import UUID

from agents import services as agents
from inbox.demo.stage import Stage, hire
from inbox.services import keeping, writing
from placet.lib.actors import Actor
from runs import selectors
from runs.drafts import Draft, draft
from runs.services import admitting, reporting, updating

NAME = "Build doctor"


class Doctor:
    """It is hired by its first act, not before: the stage is set in the past."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.robot: Actor

    @property
    def id(self) -> UUID | None:
        return self.robot.bound_agent_id

    def begin(self) -> None:
        self.robot = hire(
            self.stage,
            NAME,
            description="Reads logs, finds what moved, mends the build",
            tag="production",
        )
        self.change(takes_runs=True)

    def visit(self, home: str) -> None:
        admitting.admit(by=self._human("olga"), agent_id=self.id, channel=self._place(home))

    def ask(self, name: str, text: str, home: str = NAME) -> None:
        writing.write_message(by=self._human(name), agent_id=self._place(home), text=text)

    def tell(self, type: str, body: str, home: str = NAME, **more: Any) -> None:
        self._report(draft(type=type, content={"body": body}, **more), home)

    def act(self, action: str, result: str | None, home: str = NAME, **parameters: str) -> None:
        content = {"action": action, "parameters": parameters, "result": result}
        self._report(draft(type="action", content=content), home)

    def plan(self, *plan: dict[str, str], **more: Any) -> None:
        changes = {"plan": list(plan), **more}
        updating.update_run(by=self.robot, run_id=self._run(NAME), changes=changes)

    def _report(self, told: Draft, home: str) -> None:
        reporting.report(by=self.robot, run_id=self._run(home), draft=told)

    def ping(self, status: str, words: str) -> None:
        agents.ping(by=self.robot, agent_id=self.id, status=status, message=words)

    def change(self, **changes: Any) -> None:
        agents.update_agent(by=self._human("olga"), agent_id=self.id, changes=changes)

    def read(self, name: str) -> None:
        keeping.mark_read(by=self._human(name), agent_id=self.id)

    def _human(self, name: str) -> Actor:
        return self.stage.humans[name]

    def _place(self, home: str) -> UUID | None:
        return self.id if home == NAME else self.stage.robots[home].bound_agent_id

    def _run(self, home: str) -> UUID | None:
        run = selectors.current_run(self._human("olga"), self.id, channel=self._place(home))
        return run.id if run else None

"""What the tests of runs do with them, through services."""

from typing import Any

from accounts.models import User
from agents import services as agents
from inbox.services import writing
from inbox.snapshots import MessageSnapshot
from placet.events.models import EventRow
from runs import selectors
from runs.drafts import draft
from runs.models import Activity, Run
from runs.services import reporting
from runs.snapshots import Reported, RunSnapshot
from tests import cast

SELECT = {
    "options": [
        {"value": "staging", "label": "Staging"},
        {"id": "prod", "label": "Production", "description": "customers see it"},
    ]
}
AUTH = {"url": "https://bot.example/auth/github?session=xyz", "provider": "GitHub"}


def make_runner(owner: User, name: str = "Build doctor", **more: Any) -> cast.Robot:
    """An agent that takes runs."""
    robot = cast.make_robot(owner, name)
    changes = {"takes_runs": True, **more}
    agents.update_agent(by=owner.as_actor(), agent_id=robot.agent.id, changes=changes)
    return robot


def write(human: User, robot: cast.Robot, text: str = "Why is the build red?") -> MessageSnapshot:
    return writing.write_message(by=human.as_actor(), agent_id=robot.agent.id, text=text)


def run_of(robot: cast.Robot) -> RunSnapshot:
    """The newest one."""
    return selectors.run_for(
        robot.actor, Run.objects.filter(agent_id=robot.agent.id).latest("id").pk
    )


def tell(
    robot: cast.Robot, type: str, body: str = "So it is.", *, run: Any = None, **more: Any
) -> Reported:
    content = {"action": body} if type == "action" else {"body": body}
    run_id = run or run_of(robot).id
    return reporting.report(
        by=robot.actor, run_id=run_id, draft=draft(type=type, content=content, **more)
    )


def told() -> list[str]:
    """Events of runs, oldest first, with what they say."""
    rows = EventRow.objects.filter(type__startswith="run:").order_by("pk")
    return [f"{row.type} {row.data.get('activityType') or ''}".strip() for row in rows]


def history(run_id: Any) -> list[tuple[str, str]]:
    rows = Activity.objects.filter(run_id=run_id).order_by("number")
    return [(str(row.type), row.content.get("body", "")) for row in rows]

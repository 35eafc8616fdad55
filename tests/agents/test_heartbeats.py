"""Pings, what they change, and what happens when they stop."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from agents import services
from agents.models import Agent, AgentQuerySet, StatusChange
from agents.selectors import transitions_since
from agents.snapshots import AgentSnapshot
from placet.events.models import EventRow
from placet.lib.errors import Invalid, NotFound
from tests import cast

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ping(robot: cast.Robot, status: str, minute: float = 0, message: str = "") -> AgentSnapshot:
    at = NOON + timedelta(minutes=minute)
    return services.ping(by=robot.actor, agent_id=robot.agent.id, status=status, message=message, at=at)  # fmt: skip


def sweep(minute: float) -> int:
    return services.mark_silent_agents(at=NOON + timedelta(minutes=minute))


def said(robot: cast.Robot) -> list[str]:
    return list(StatusChange.objects.filter(agent_id=robot.agent.id).order_by("pk").values_list("status", flat=True))  # fmt: skip


def told() -> list[Any]:
    events = EventRow.objects.filter(type="agent:status").order_by("pk")
    return [row.data["status"] for row in events]


def test_the_first_ping_is_a_transition(robot: cast.Robot) -> None:
    assert robot.agent.status is None
    agent = ping(robot, "active", message="up")
    assert (agent.status, agent.status_message, agent.status_since) == ("active", "up", NOON)
    assert agent.last_active_at == NOON
    assert said(robot) == told() == ["active"]


def test_only_a_transition_moves_since_and_the_history(robot: cast.Robot) -> None:
    ping(robot, "active")
    again = ping(robot, "active", 2)
    assert again.status_since == NOON
    assert again.last_active_at == NOON + timedelta(minutes=2)
    busy = ping(robot, "busy", 3)
    assert busy.status_since == NOON + timedelta(minutes=3)
    assert said(robot) == told() == ["active", "busy"]


def test_other_words_are_told_but_are_no_transition(robot: cast.Robot) -> None:
    ping(robot, "busy", message="1 of 2")
    agent = ping(robot, "busy", 1, message="2 of 2")
    assert (agent.status_message, agent.status_since) == ("2 of 2", NOON)
    assert said(robot) == ["busy"]
    assert told() == ["busy", "busy"]


@pytest.mark.parametrize("status", ["", "idle", "ACTIVE"])
def test_a_status_nobody_knows_is_refused(robot: cast.Robot, status: str) -> None:
    with pytest.raises(Invalid) as refusal:
        ping(robot, status)
    assert refusal.value.errors[0].path == "status"
    assert said(robot) == []


def test_a_message_has_an_end(robot: cast.Robot) -> None:
    ping(robot, "active", message="x" * 500)
    with pytest.raises(Invalid):
        ping(robot, "active", message="x" * 501)


def test_a_stranger_cannot_ping(robot: cast.Robot, other_robot: cast.Robot) -> None:
    with pytest.raises(NotFound):
        services.ping(by=other_robot.actor, agent_id=robot.agent.id, status="active")


def test_an_agent_that_falls_silent_turns_offline_once(robot: cast.Robot) -> None:
    ping(robot, "busy", message="working")
    assert sweep(4.9) == 0
    assert sweep(5) == 1
    assert sweep(6) == 0
    agent = Agent.objects.get(pk=robot.agent.id)
    assert (agent.status, agent.status_message) == ("offline", "")
    assert agent.status_since == NOON + timedelta(minutes=5)
    assert agent.last_active_at == NOON
    assert said(robot) == told() == ["busy", "offline"]


def test_the_limit_is_the_operators(robot: cast.Robot, settings: Any) -> None:
    settings.PLACET_OFFLINE_AFTER = timedelta(minutes=1)
    ping(robot, "active")
    assert sweep(1) == 1


def test_an_agent_in_error_can_fall_silent_too(robot: cast.Robot) -> None:
    ping(robot, "error")
    assert sweep(10) == 1


def test_agents_that_never_pinged_are_left_alone(
    robot: cast.Robot, other_robot: cast.Robot
) -> None:
    ping(robot, "active")
    assert sweep(10) == 1
    assert Agent.objects.get(pk=other_robot.agent.id).status is None
    assert said(other_robot) == []


def test_an_agent_that_said_offline_itself_is_not_told_again(robot: cast.Robot) -> None:
    ping(robot, "offline", message="until tonight")
    assert sweep(60) == 0
    assert Agent.objects.get(pk=robot.agent.id).status_message == "until tonight"


def test_a_ping_brings_it_back(robot: cast.Robot) -> None:
    ping(robot, "active")
    sweep(10)
    assert ping(robot, "active", 11).status_since == NOON + timedelta(minutes=11)
    assert said(robot) == ["active", "offline", "active"]


def test_a_ping_between_the_look_and_the_change_keeps_it_on_line(
    robot: cast.Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ping(robot, "active")
    looks = []
    silent_since = AgentQuerySet.silent_since

    def raced(rows: AgentQuerySet, moment: datetime) -> AgentQuerySet:
        looks.append(moment)
        if len(looks) == 2:
            ping(robot, "active", 9.9)
        return silent_since(rows, moment)

    monkeypatch.setattr(AgentQuerySet, "silent_since", raced)
    assert sweep(10) == 0
    assert len(looks) == 2
    assert said(robot) == told() == ["active"]


def test_spans_can_be_drawn_from_what_happened_since(robot: cast.Robot, ada: User) -> None:
    for minute, status in enumerate(["active", "busy", "error"]):
        ping(robot, status, minute)
    since = NOON + timedelta(minutes=1, seconds=30)
    changes = transitions_since([robot.agent.id], since)
    assert [change.status for change in changes] == ["busy", "error"]

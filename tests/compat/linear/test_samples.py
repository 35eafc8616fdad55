"""The samples of Linear's guide for agents, word by word, with another address and token."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests import needs
from tests.compat.linear.parts import Bot, write
from tests.processes import Human

pytestmark = [pytest.mark.processes, needs.node]
SAMPLES = Path(__file__).with_name("samples")
RAW = "return (await client.client.rawRequest(query, variables)).data"


def sample(name: str) -> str:
    return (SAMPLES / name).read_text()


@pytest.fixture
def session(bot: Bot, olga: Human) -> str:
    """With one activity of each kind."""
    run_id = write(olga, bot)
    for kind in ("thought", "elicitation", "error", "response"):
        bot.tell(run_id, {"type": kind, "body": f"A {kind}"})
    action = {"type": "action", "action": "Looked", "parameter": "around", "result": "nothing"}
    bot.tell(run_id, action)
    return run_id


def test_who_am_i(bot: Bot) -> None:
    found = bot.js(RAW, query=sample("me.graphql"), variables={})
    assert found == {"viewer": {"id": bot.agent_id}}


def test_the_conversation_is_rebuilt_from_activities(bot: Bot, session: str) -> None:
    variables = {"agentSessionId": session}
    found = bot.js(RAW, query=sample("activities.graphql"), variables=variables)
    edges = found["agentSession"]["activities"]["edges"]
    contents: list[Any] = [edge["node"]["content"] for edge in edges]
    bodies = ["Why is the build red?", "A thought", "A elicitation", "A error", "A response"]
    assert contents[:5] == [{"body": body} for body in bodies]
    assert contents[5] == {"action": "Looked", "parameter": "around", "result": "nothing"}
    assert all(edge["node"]["updatedAt"] for edge in edges)


def test_the_states_in_which_work_has_started(bot: Bot) -> None:
    query, variables = sample("started.graphql"), {"teamId": bot.agent_id}
    states = bot.js(RAW, query=query, variables=variables)["team"]["states"]["nodes"]
    first = min(states, key=lambda state: state["position"])
    assert first["name"] == "In progress"


def test_the_switch_over_kinds(bot: Bot, session: str) -> None:
    """As printed it is no JavaScript: it elides what to do, and names `body` five times in one block. Both are filled in."""
    code = sample("activities.ts")
    code = re.sub(r'(case "\w+":)', r"\1 {", code).replace("break;", "break; }")
    code = re.sub(r"const \{ (.+) \} = activity\.content;\s*\.\.\.", r"told.push({ \1 }.x);", code)
    code = re.sub(
        r"told\.push\(\{ (.+?) \}\.x\);",
        r"{ const { \1 } = activity.content; told.push([activity.content.__typename, \1]); }",
        code,
    )
    told = bot.js(
        f"const told = []; const agentSession = await client.agentSession(id); {code} return told;",
        id=session,
    )
    assert told == [
        ["AgentActivityPromptContent", "Why is the build red?"],
        ["AgentActivityThoughtContent", "A thought"],
        ["AgentActivityElicitationContent", "A elicitation"],
        ["AgentActivityErrorContent", "A error"],
        ["AgentActivityResponseContent", "A response"],
        ["AgentActivityActionContent", "Looked", "around", "nothing"],
    ]

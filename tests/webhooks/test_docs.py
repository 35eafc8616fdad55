"""What the page for agent developers says of webhooks is what is sent."""

import dataclasses
import json
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import WebhookVerificationError

from agents.snapshots import AgentSnapshot
from inbox.snapshots import MessageSnapshot
from placet.lib import signing
from placet.lib.clock import now
from reviews.snapshots import ReviewSnapshot
from runs.snapshots import ActivitySnapshot, RunSnapshot
from runs.wire import run_json
from tests.processes import ROOT
from webhooks.dialects import TEST
from webhooks.payloads import payload
from webhooks.services.sending import RETRY_SECONDS
from webhooks.targets import TO_AGENTS, TO_WORKSPACE

PAGE = (ROOT / "docs/agents.md").read_text().partition("## Webhooks")[2].partition("\n## ")[0]
EXAMPLES: list[dict[str, Any]] = [
    json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.M | re.S)
]
AT = "2026-11-23T09:14:07.113Z"
MOMENT = datetime.fromisoformat(AT)
AGENT = UUID("01a1ebf5-b843-7883-ae75-27c73b0ec384")
MESSAGE = UUID("01a21528-c6e3-719a-97cb-372408c7ce32")
PERSON = UUID("01a1ebf5-b800-7aaa-8e75-5fd1f4b6a001")
FACTS = {
    "agentId": str(AGENT),
    "messageId": str(MESSAGE),
    "status": "busy",
    "statusMessage": "Processing 42 tasks",
    "recordedAt": AT,
}


def blank(kind: type[Any], **known: Any) -> Any:
    """A snapshot of which only some fields matter."""
    names = {each.name for each in dataclasses.fields(kind)}
    assert known.keys() <= names
    return kind(**(dict.fromkeys(names) | known))


def question(**review: Any) -> MessageSnapshot:
    asked = blank(ReviewSnapshot, type="approval", settled_at=MOMENT, **review)
    return blank(MessageSnapshot, id=MESSAGE, review=asked)  # type: ignore[no-any-return]


WRITTEN: MessageSnapshot = blank(
    MessageSnapshot,
    id=MESSAGE,
    agent=blank(AgentSnapshot, id=AGENT),
    sender_type="user",
    sender_user_id=PERSON,
    text="Hold the rollout until noon.",
    files=(),
    delivery_status="sent",
    created_at=MOMENT,
    updated_at=MOMENT,
)
TOLD_OF: dict[str, MessageSnapshot] = {
    "message:created": WRITTEN,
    "review:responded": question(
        response={"selectedOption": "approve", "comment": "Looks good"},
        feedback="Say which migrations run.",
        responded_by_name="Ada Lind",
    ),
    "review:expired": question(),
    "review:cancelled": question(),
}
RUN = UUID("01a21528-d000-7000-9000-000000000001")
ACTIVITY = UUID("01a21528-d001-7000-9000-000000000002")
RAN: RunSnapshot = blank(
    RunSnapshot,
    id=RUN,
    agent=blank(AgentSnapshot, id=AGENT),
    channel_id=AGENT,
    status="created",
    unresponsive=False,
    trigger="message",
    creator_id=PERSON,
    creator_name="Ada Lind",
    message_id=MESSAGE,
    links=(),
    length=1,
    created_at=MOMENT,
    updated_at=MOMENT,
    stale_at=MOMENT + timedelta(minutes=30),
)
PROMPTED: ActivitySnapshot = blank(
    ActivitySnapshot,
    id=ACTIVITY,
    run_id=RUN,
    number=1,
    type="prompt",
    content={"body": "Why is the build red?"},
    ephemeral=False,
    user_id=PERSON,
    user_name="Ada Lind",
    message_id=MESSAGE,
    created_at=MOMENT,
)
OF_RUNS: dict[str, dict[str, Any]] = {
    "run:created": {"runId": str(RUN), "trigger": "message"},
    "run:activity": {"runId": str(RUN), "activityId": str(ACTIVITY)},
}


def test_every_event_has_an_example() -> None:
    assert {example["event"] for example in EXAMPLES} == TO_WORKSPACE | {TEST}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["event"]))
def test_an_example_is_what_is_written(example: dict[str, Any]) -> None:
    event = example["event"]
    facts = {"sentAt": AT} if event == TEST else {**FACTS, **OF_RUNS.get(event, {})}
    written = payload(
        event,
        example["eventId"],
        facts,
        TOLD_OF.get(event),
        reveal=True,
        run=RAN,
        activity=PROMPTED,
    )
    if example.get("run") == {"the": "run, as above"}:
        example = {**example, "run": run_json(RAN)}
    assert written == example
    assert list(written) == list(example), "In this order, too."


def test_the_table_names_every_event_and_who_hears_it() -> None:
    rows = re.findall(r"^\| `(\w+:\w+)` \| .+? \| (yes|no) \| (yes|no)", PAGE, re.M)
    to_agents = {event for event, agent, _ in rows if agent == "yes"}
    to_workspace = {event for event, _, workspace in rows if workspace == "yes"}
    assert (to_agents, to_workspace) == (TO_AGENTS | {TEST}, TO_WORKSPACE | {TEST})


def test_the_table_of_retries_is_the_one_that_is_kept() -> None:
    row = re.search(r"^\| tried again in \|(.+)\|$", PAGE, re.M)
    assert row
    units = {"s": 1, "min": 60, "h": 3600}
    cells = [cell.split() for cell in row[1].split("|")]
    assert tuple(int(number) * units[unit] for number, unit in cells) == RETRY_SECONDS


def test_the_lines_that_verify_do(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    secret, body = signing.mint_secret(), b'{"event": "webhook:test"}'
    monkeypatch.setenv("PLACET_WEBHOOK_SECRET", secret)
    room: dict[str, Any] = {}
    exec(code, room)  # noqa: S102 - our own page's
    headers = signing.headers("evt_1", now(), body, [secret])
    assert room["heard"](body, headers) == {"event": "webhook:test"}
    with pytest.raises(WebhookVerificationError):
        room["heard"](body.replace(b"test", b"best"), headers)

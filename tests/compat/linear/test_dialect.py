"""What Linear's webhooks tell, and what they keep to themselves: the bodies, without a network."""

import hashlib
import hmac
from typing import Any

import orjson
import pytest

from accounts.models import User
from compat.linear.dialect import Linear
from inbox.services import keeping
from placet.lib.clock import now
from reviews import services as reviews
from runs.drafts import draft
from runs.models import Run
from runs.services import opening, reporting
from tests import cast
from tests.runs.parts import make_runner, run_of, tell, write
from webhooks.dialects import Letter
from webhooks.listing import sheet_for
from webhooks.models import Delivery
from webhooks.parcels import Packer
from webhooks.services import endpoints

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner(ada: User) -> cast.Robot:
    made = make_runner(ada)
    url = "https://bot.example/linear"
    endpoints.set_agent_webhook(by=made.actor, agent_id=made.agent.id, url=url)
    endpoints.speak(by=ada.as_actor(), agent_id=made.agent.id, told_in=["linear"])
    return made


def told() -> list[str]:
    return [f"{body['type']} {body['action']}" for body in bodies()]


def bodies() -> list[Any]:
    """Of all deliveries, as their first try would write them."""
    rows = list(Delivery.objects.order_by("pk"))
    packer = Packer(rows)
    for row in rows:
        packer.freeze(row)
    return [orjson.loads(row.body) for row in rows]


def test_what_the_agent_does_itself_is_no_news_for_it(ada: User, runner: cast.Robot) -> None:
    opening.open_run(by=runner.actor)
    tell(runner, "thought")
    tell(runner, "response")
    cast.say(runner)
    assert told() == []


def test_a_first_message_is_a_session_and_a_comment_and_no_prompt(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    write(ada, runner, "And now?")
    assert sorted(told()) == [
        "AgentSessionEvent created",
        "AgentSessionEvent prompted",
        "AppUserNotification issueNewComment",
        "AppUserNotification issueNewComment",
    ]


def test_a_prompt_that_nothing_announced_is_told(ada: User, runner: cast.Robot) -> None:
    """A conversation handed over without a word: its first prompt comes later."""
    place = runner.agent.id
    opening.delegate(by=ada.as_actor(), agent_id=place, channel=place)
    write(ada, runner, "By the way")
    assert "AgentSessionEvent prompted" in told()
    assert "AppUserNotification issueAssignedToYou" in told()


def test_what_is_gone_by_then_leaves_its_ids(ada: User, runner: cast.Robot) -> None:
    message = write(ada, runner)
    write(ada, runner, "And now?")
    keeping.delete_message(by=ada.as_actor(), message_id=message.id)
    run_id = str(run_of(runner).id)
    Run.objects.all().delete()
    for body in bodies():
        if body["type"] == "AgentSessionEvent":
            assert body["agentSession"]["id"] == run_id
    assert len(bodies()) >= 4


def test_a_response_is_a_reaction_and_its_values_stay_inside(ada: User, runner: cast.Robot) -> None:
    question = cast.ask(runner, "form")
    cast.answer(ada, question)
    (body,) = bodies()
    assert (body["type"], body["action"]) == ("AppUserNotification", "issueCommentReaction")
    assert body["notification"]["commentId"] == str(question.id)
    assert body["notification"]["actor"]["name"] == "Ada"
    assert "hunter2" not in orjson.dumps(body).decode()


def test_several_that_were_chosen_are_told_as_one_prompt(ada: User, runner: cast.Robot) -> None:
    write(ada, runner)
    options = {"options": [{"value": "a"}, {"value": "b"}], "allow_multiple": True}
    asked = draft(
        type="elicitation", content={"body": "?"}, signal="select", signal_metadata=options
    )
    reported = reporting.report(by=runner.actor, run_id=run_of(runner).id, draft=asked)
    review = reported.activity.message_id
    assert review
    reviews.respond(by=ada.as_actor(), review_id=review, response={"selectedIds": ["a", "b"]})
    (prompted,) = [body for body in bodies() if body["action"] == "prompted"]
    assert prompted["agentActivity"]["body"] == "a, b"


def test_a_delivery_that_nobody_has_tried_yet_can_be_looked_at(
    ada: User, runner: cast.Robot
) -> None:
    write(ada, runner)
    rows = list(Delivery.objects.all())
    assert rows
    for row in rows:
        assert sheet_for(ada.as_actor(), row.pk).headers == ()
        Packer([row]).freeze(row)
        row.save()
        assert "Linear-Signature" in dict(sheet_for(ada.as_actor(), row.pk).headers)


def test_the_seal_is_over_the_bytes_that_are_sent() -> None:
    letter = Letter(
        event_type="run:created",
        event_id="evt_1",
        body=b'{"type":"AgentSessionEvent","action":"created"}',
        secret="whsec_abc",
        at=now(),
    )
    body, headers = Linear().seal(letter)
    sent = orjson.loads(body)
    stamp = int(letter.at.timestamp() * 1000)
    assert sent == {**orjson.loads(letter.body), "webhookTimestamp": stamp}
    digest = hmac.new(b"whsec_abc", body, hashlib.sha256).hexdigest()
    assert headers["Linear-Signature"] == digest
    assert headers["Linear-Timestamp"] == str(stamp)
    assert headers["Linear-Event"] == "AgentSessionEvent"
    again = Linear().seal(letter)[1]["Linear-Delivery"]
    assert again != headers["Linear-Delivery"]

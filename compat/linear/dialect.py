"""Linear's webhooks: which events they tell, in which words, and the signature that @linear/sdk verifies."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson

from accounts import selectors as accounts
from agents import selectors as agents
from agents.snapshots import MASKED
from compat.apps.selectors import apps_of_agents
from compat.linear import bodies
from compat.linear.bodies import Around, Body, Told
from inbox import selectors as inbox
from inbox.snapshots import MessageSnapshot
from placet.events import catalogue
from placet.events.models import Recorded
from placet.lib.actors import SYSTEM
from placet.lib.ids import id_or_nil
from runs.selectors import runs_of
from webhooks.dialects import TEST, Letter, News, Writer

MOST_BEFORE = 20


class Linear:
    name = "linear"
    stamped: Mapping[str, str] = {
        "Linear-Delivery": "a new id for each try",
        "Linear-Signature": MASKED,
        "Linear-Timestamp": "the time of the try, in milliseconds",
    }

    def hears(self, recorded: Recorded) -> bool:
        if recorded.type == catalogue.MessageCreated.type:
            return bool(recorded.data["senderType"] == "user")
        if recorded.type == catalogue.RunCreated.type:
            return bool(recorded.data["trigger"] != "agent")
        if recorded.type == catalogue.RunActivity.type:
            return recorded.data["activityType"] == "prompt" and not _is_told_by_created(recorded)
        return recorded.type in _BODIES

    def writer(self, news: Sequence[News]) -> Writer:
        around = _around(news)

        def write(one: News) -> dict[str, Any]:
            return _BODIES[one.event_type](_told(one), around)

        return write

    def seal(self, letter: Letter) -> tuple[bytes, Mapping[str, str]]:
        """The time of the try stands in the body, and is refused a minute later: it is written and signed anew each time."""
        stamp = str(int(letter.at.timestamp() * 1000))
        body = letter.body[:-1] + b',"webhookTimestamp":' + stamp.encode() + b"}"
        digest = hmac.new(letter.secret.encode(), body, hashlib.sha256).hexdigest()
        return body, {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Linear-Webhook",
            "Linear-Delivery": str(uuid4()),
            "Linear-Event": orjson.loads(letter.body)["type"],
            "Linear-Signature": digest,
            "Linear-Timestamp": stamp,
        }


_BODIES: Mapping[str, Body] = {
    catalogue.RunCreated.type: bodies.session_created,
    catalogue.RunActivity.type: bodies.session_prompted,
    catalogue.MessageCreated.type: bodies.new_comment,
    catalogue.ReviewResponded.type: bodies.reaction,
    catalogue.RunAssigned.type: bodies.assignment,
    catalogue.RunMentioned.type: bodies.mention,
    catalogue.AgentAccess.type: bodies.access_changed,
    catalogue.AppRevoked.type: bodies.app_revoked,
    TEST: bodies.test,
}


def _is_told_by_created(recorded: Recorded) -> bool:
    """The first prompt, which leaves a run created, is what opened it; but of a run that the agent opened itself nothing was told."""
    if recorded.data["status"] != "created":
        return False
    run_id = id_or_nil(recorded.data["runId"])
    run = runs_of([run_id]).get(run_id)
    return run is not None and not run.is_proactive


def _told(news: News) -> Told:
    return Told(
        facts=news.facts,
        event_id=news.event_id,
        agent_id=news.agent_id,
        endpoint_id=news.endpoint_id,
        message=news.message,
        run=news.run,
        activity=news.activity,
        before=_before(news) if news.event_type == catalogue.RunCreated.type else (),
    )


def _before(news: News) -> list[MessageSnapshot]:
    """Only of its own conversation: who was let into another one is told what was said to it."""
    run = news.run
    if run is None or run.is_guest or run.message_id is None:
        return []
    page = inbox.channel_page(SYSTEM, run.channel_id, cursor=str(run.message_id), limit=MOST_BEFORE)
    return list(reversed(page.messages))


def _around(news: Sequence[News]) -> Around:
    runs = [one.run for one in news if one.run]
    messages = inbox.messages_of({run.message_id for run in runs if run.message_id})
    messages |= {one.message.id: one.message for one in news if one.message}
    people = {run.creator_id for run in runs} | {run.stopped_by_id for run in runs}
    people |= {one.activity.user_id for one in news if one.activity}
    people |= {message.sender_user_id for message in messages.values()}
    people |= {message.review.responded_by_id for message in messages.values() if message.review}
    homes = {run.channel_id for run in runs} | {one.agent_id for one in news}
    homes |= {message.agent.id for message in messages.values()}
    apps = apps_of_agents({one.agent_id for one in news})
    return Around(
        workspace=accounts.workspace(),
        client_ids={agent_id: app.client_id for agent_id, app in apps.items()},
        homes=agents.agents_of(homes),
        people=accounts.people_of(person for person in people if person),
        messages=messages,
    )

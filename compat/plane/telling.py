"""Plane's two webhooks: a run began, a person prompted. One signature over the very bytes, and no time."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from compat.apps.selectors import apps_of_agents
from compat.apps.snapshots import AppSnapshot
from compat.plane.place import Place
from compat.plane.wire import activity_json, run_json
from placet.events import catalogue
from placet.events.models import Recorded
from webhooks.dialects import TEST, Letter, News, Writer

Json = dict[str, Any]
NAMES = {
    catalogue.RunCreated.type: "agent_run_create",
    catalogue.RunActivity.type: "agent_run_user_prompt",
    TEST: "webhook_test",
}


class PlaneDialect:
    name = "plane"
    stamped: Mapping[str, str] = {
        "X-Plane-Delivery": "another one for each try",
        "X-Plane-Signature": "***",
    }

    def hears(self, recorded: Recorded) -> bool:
        """A new run with its first prompt is both; a run the agent began itself is no news for it."""
        if recorded.type == catalogue.RunCreated.type:
            return bool(recorded.data["trigger"] != "agent")
        prompted = recorded.data.get("activityType") == "prompt"
        return recorded.type == catalogue.RunActivity.type and prompted

    def writer(self, news: Sequence[News]) -> Writer:
        apps, place = apps_of_agents({one.agent_id for one in news}), Place.ours()
        return lambda one: body(one, apps.get(one.agent_id), place)

    def seal(self, letter: Letter) -> tuple[bytes, Mapping[str, str]]:
        digest = hmac.new(letter.secret.encode(), letter.body, hashlib.sha256).hexdigest()
        return letter.body, {
            "User-Agent": "Autopilot",
            "X-Plane-Delivery": str(uuid4()),
            "X-Plane-Event": NAMES[letter.event_type],
            "X-Plane-Signature": digest,
        }


def body(news: News, app: AppSnapshot | None, place: Place) -> Json:
    """Both shapes that Plane's pages describe, in one: flat at the top, and the same again as `data` of the general envelope."""
    flat = _test(news, app, place) if news.event_type == TEST else _flat(news, app, place)
    envelope = {"event": NAMES[news.event_type], "webhook_id": str(news.endpoint_id)}
    return {**flat, **envelope, "data": flat}


def _flat(news: News, app: AppSnapshot | None, place: Place) -> Json:
    prompted = news.event_type == catalogue.RunActivity.type
    run = run_json(news.run, place) if news.run else {"id": news.facts["runId"]}
    told: Json = {"action": "prompted" if prompted else "created", "agent_run": run}
    if prompted:
        told["agent_run_activity"] = _activity(news, place)
    return {
        **told,
        **_whose(news, app, place),
        "issue_id": run.get("issue"),
        "comment_id": _comment(news, run),
        "type": "agent_run_activity" if prompted else "agent_run",
    }


def _test(news: News, app: AppSnapshot | None, place: Place) -> Json:
    """Plane has none. Whose it is, so that it can be routed and verified; no type or run that a handler would act on."""
    return {
        "action": "test",
        **_whose(news, app, place),
        "message": "This is a test from Placet.",
        "type": NAMES[TEST],
    }


def _whose(news: News, app: AppSnapshot | None, place: Place) -> Json:
    return {
        "agent_user_id": str(news.agent_id),
        "app_client_id": app.client_id if app else None,
        "project_id": str(place.project_id),
        "workspace_id": str(place.workspace_id),
    }


def _activity(news: News, place: Place) -> Json:
    if news.activity is None:
        return {"id": news.facts["activityId"]}
    return activity_json(news.activity, news.agent_id, place)


def _comment(news: News, run: Json) -> str | None:
    message_id: UUID | None = news.activity.message_id if news.activity else None
    return str(message_id) if message_id else run.get("comment")

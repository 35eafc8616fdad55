"""What an agent may change, in Linear's words: each is a service of ours."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from compat.linear.reading import Reader, Row, unknown
from inbox.services import posting
from placet.lib.errors import Invalid
from placet.lib.ids import parse_id
from placet.lib.shapes import refuse_monsters
from placet.lib.wording import must_be
from runs.drafts import draft
from runs.services import opening, reporting, updating
from runs.snapshots import RunSnapshot

Json = dict[str, Any]
#: The one link of older agents had no label.
LABEL = "Open in the agent's app"


def create_activity(reader: Reader, input: Json) -> Json:
    # The session first: what is wrong with a report to somebody else's is nobody's business.
    run, content = reader.run(input["agentSessionId"]), input["content"]
    if not isinstance(content, dict):
        raise Invalid.field("content", must_be("an object", content))
    kind = content.get("type")
    told = reporting.report(
        by=reader.by,
        run_id=run.id,
        draft=draft(
            id=input.get("id"),
            type=kind,
            content=_action(content) if kind == "action" else content,
            ephemeral=bool(input.get("ephemeral")),
            signal=input.get("signal"),
            signal_metadata=input.get("signalMetadata"),
            content_metadata=input.get("contextualMetadata"),
        ),
    )
    return {**_done(told.run), "agentActivity": Row(told.activity.id, reader.activity)}


def update_session(reader: Reader, id: str, input: Json) -> Json:
    changes = {ours: input[theirs] for theirs, ours in CHANGES.items() if theirs in input}
    if input.get("externalUrls") is None:
        changes.pop("links", None)
    if link := input.get("externalLink"):
        changes.setdefault("added_links", [{"label": LABEL, "url": link}])
    run = updating.update_run(by=reader.by, run_id=reader.run(id).id, changes=changes)
    return _session(reader, run)


def create_on_issue(reader: Reader, input: Json) -> Json:
    conversation = reader.conversation(input["issueId"], what="Issue")
    return _begun(reader, input, conversation.id, None)


def create_on_comment(reader: Reader, input: Json) -> Json:
    message = reader.message(input["commentId"])
    return _begun(reader, input, message.agent.id, message.id)


def create_comment(reader: Reader, input: Json) -> Json:
    """A message in the agent's own conversation; elsewhere it speaks in sessions."""
    place = input.get("issueId")
    if not place and input.get("parentId"):
        place = str(reader.message(input["parentId"]).agent.id)
    if place != str(reader.agent.id):
        raise unknown("Issue")
    message = posting.post_message(
        by=reader.by, channel=place, text=_plain(input["body"]), client_id=_own_id(input.get("id"))
    )
    return {"success": True, "lastSyncId": 0, "comment": Row(message.id, reader.comment)}


#: Their names of what may be changed, and ours.
CHANGES = {
    "plan": "plan",
    "summary": "summary",
    "externalUrls": "links",
    "addedExternalUrls": "added_links",
    "removedExternalUrls": "removed_urls",
}


def _action(content: Mapping[str, Any]) -> Json:
    """One string is one parameter."""
    parameter = content.get("parameter")
    if not isinstance(parameter, str):
        said = "is required" if parameter is None else must_be("a string", parameter)
        raise Invalid.field("content.parameter", said)
    return {**content, "parameters": {"parameter": parameter}}


def _plain(body: str) -> str:
    """What stands in the query itself has not been looked at yet, unlike variables."""
    refuse_monsters({"body": body})
    return body


def _own_id(id: str | None) -> str | None:
    if id is None:
        return None
    if (found := parse_id(id)) is None:
        raise Invalid.field("id", must_be("a UUID", id))
    return str(found)


def _begun(reader: Reader, input: Json, conversation: UUID, message_id: UUID | None) -> Json:
    links = list(input.get("externalUrls") or ())
    if input.get("externalLink") and not links:
        links = [{"label": LABEL, "url": input["externalLink"]}]
    run = opening.open_run(
        by=reader.by,
        channel=reader.agent.id,
        conversation=conversation,
        message_id=message_id,
        links=links,
    )
    return _session(reader, run)


def _session(reader: Reader, run: RunSnapshot) -> Json:
    return {**_done(run), "agentSession": Row(run.id, reader.session)}


def _done(run: RunSnapshot) -> Json:
    """`lastSyncId` only ever grows: here the number of the run's last activity."""
    return {"success": True, "lastSyncId": run.length}

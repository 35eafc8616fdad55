"""What an agent may read, as GraphQL asks for it: field by field, and each row at most once a request."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from accounts import selectors as accounts
from accounts.snapshots import UserSnapshot, WorkspaceSnapshot
from agents.snapshots import AgentSnapshot
from compat.apps.selectors import app_of_agent
from compat.linear import comparing, wire
from compat.linear.pages import Span, connection, page, span_of
from inbox import selectors as inbox
from inbox.channels import channel_for
from inbox.snapshots import MessageSnapshot
from placet.lib.actors import Actor
from placet.lib.errors import NotFound
from placet.lib.ids import NIL, id_or_nil
from runs import selectors, walks
from runs.snapshots import ActivitySnapshot, RunSnapshot

Json = dict[str, Any]


class Row(Mapping[str, Any]):
    """Another row, named by its id: read when more than that is asked for."""

    def __init__(self, id: object, read: Callable[[str], Json]) -> None:
        self._id, self._read, self._fields = str(id), read, None

    _fields: Json | None

    def __getitem__(self, name: str) -> Any:
        return self._id if name == "id" else self._whole()[name]

    def __iter__(self) -> Any:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> Json:
        if self._fields is None:
            self._fields = self._read(self._id)
        return self._fields


class Reader:
    """One request of one agent; of a mutation each of its changes has its own, for it changes what was read before."""

    def __init__(self, by: Actor) -> None:
        self.by = by
        self._agent: AgentSnapshot | None = None
        self._rows: dict[tuple[str, str], Row] = {}

    @property
    def agent(self) -> AgentSnapshot:
        """Who asks: the agent its key is bound to, or its only one."""
        if self._agent is None:
            self._agent = channel_for(self.by, None)
        return self._agent

    def viewer(self) -> Json:
        return {**self._agent_json(self.agent), "isMe": True}

    def user(self, id: str) -> Json:
        """Itself, its kind in conversations it speaks in, and people it has met."""
        if id_or_nil(id) == self.agent.id:
            return self.viewer()
        for other in self._conversations():
            if str(other.id) == id:
                return self._agent_json(other)
        return self._person_json(self._person(id))

    def organization(self) -> Json:
        return wire.organization_fields(self._workspace)

    @cached_property
    def _workspace(self) -> WorkspaceSnapshot:
        return accounts.workspace()

    def team(self, id: str) -> Json:
        conversation = self.conversation(id, what="Team")
        states = wire.workflow_states(conversation.id)

        def listed(filter: Json | None = None, **arguments: Any) -> Json:
            comparing.refuse_huge(filter)
            return _all(states, filter, span_of(arguments))

        return {**wire.team_fields(conversation), "states": listed}

    def comment(self, id: str | None = None, hash: str | None = None) -> Json:
        return self._comment_json(self.message(id))

    def application(self, clientId: str) -> Json:
        """Itself: of other apps it is not told."""
        app = app_of_agent(self.by, self.agent.id)
        if app is None or app.client_id != clientId:
            raise unknown("Application")
        return wire.application_fields(app, accounts.workspace().name)

    def session(self, id: object) -> Json:
        return self._session_json(self.run(id))

    def sessions(self, orderBy: str | None = None, **arguments: Any) -> Json:
        arguments.pop("includeArchived", None)
        span = span_of(arguments)

        def walk(start: str | None, limit: int) -> list[RunSnapshot]:
            return walks.walk_runs(
                self.by,
                self.agent.id,
                start=start,
                backwards=span.backwards,
                by_update=orderBy == "updatedAt",
                limit=limit,
            )

        found = page(walk, span, id_of=lambda run: str(run.id))
        return connection(found, span, self._session_json, "AgentSessionConnection")

    def activity(self, id: str) -> Json:
        try:
            found = selectors.activity_for(self.by, id)
        except NotFound:
            raise unknown("AgentActivity") from None
        return self._activity_json(found)

    def activities(
        self, run_id: object = None, filter: Json | None = None, **arguments: Any
    ) -> Json:
        """Oldest first, of one session or of all. Activities never change, so both orders are one."""
        comparing.refuse_huge(filter)
        span = span_of(arguments)
        run_id = run_id or comparing.only(filter, "agentSessionId")
        if run_id is not None:
            self.run(run_id)

        def walk(start: str | None, limit: int) -> list[ActivitySnapshot]:
            return walks.walk_activities(
                self.by,
                channel=self.agent.id,
                run_id=run_id,
                start=start,
                backwards=span.backwards,
                limit=limit,
            )

        found = page(
            walk,
            span,
            id_of=lambda one: str(one.id),
            wanted=(lambda one: comparing.matches(filter, _compared(one))) if filter else None,
        )
        return connection(found, span, self._activity_json, "AgentActivityConnection")

    def run(self, id: object) -> RunSnapshot:
        try:
            return selectors.run_for(self.by, id)
        except NotFound:
            raise unknown("AgentSession") from None

    def message(self, id: object) -> MessageSnapshot:
        """One of the agent's own conversation, or one that its run in another is made of."""
        try:
            return inbox.message_for(self.by, id)
        except NotFound:
            found = inbox.messages_of([id_or_nil(id)]).get(id_or_nil(id))
        if found is None or selectors.run_of_message(self.by, found.id) is None:
            raise unknown("Comment")
        return found

    def conversation(self, id: object, *, what: str) -> AgentSnapshot:
        wanted = id_or_nil(id)
        found = next((one for one in self._conversations() if one.id == wanted), None)
        if found is None:
            raise unknown(what)
        return found

    def _conversations(self) -> list[AgentSnapshot]:
        return selectors.conversations_of(self.by, self.agent.id)

    def _person(self, id: object) -> UserSnapshot:
        try:
            known = walks.person_met(self.by, id_or_nil(id))
            return accounts.people_of([known])[known]
        except (NotFound, KeyError):
            raise unknown("User") from None

    def row(self, id: object, read: Callable[[str], Json]) -> Row:
        """The same one each time a request comes to it: a long page leads to few rows."""
        return self._rows.setdefault((read.__name__, str(id)), Row(id, read))

    def _user_row(self, id: UUID | None) -> Row:
        return self.row(id or NIL, self.user)

    def _agent_json(self, agent: AgentSnapshot) -> Json:
        return {**wire.agent_fields(agent), "organization": self.organization}

    def _person_json(self, person: UserSnapshot) -> Json:
        return {**wire.person_fields(person), "organization": self.organization}

    def _session_json(self, run: RunSnapshot) -> Json:
        creator = None if run.is_proactive else run.creator_id
        comment = self.row(run.message_id, self.comment) if run.message_id else None

        def activities(**arguments: Any) -> Json:
            return self.activities(run.id, **arguments)

        return {
            **wire.session_fields(run),
            "appUser": self._user_row(run.agent.id),
            "creator": self._user_row(creator) if creator else None,
            "comment": comment,
            "sourceComment": comment,
            "activities": activities,
        }

    def _activity_json(self, activity: ActivitySnapshot) -> Json:
        author = activity.user_id if activity.type == "prompt" else self.agent.id
        said = activity.message_id
        return {
            **wire.activity_fields(activity),
            "agentSession": self.row(activity.run_id, self.session),
            "user": self._user_row(author),
            "sourceComment": self.row(said, self.comment) if said else None,
        }

    def _comment_json(self, message: MessageSnapshot) -> Json:
        agent = message.author_id or message.agent.id
        author = message.sender_user_id if message.is_human else agent

        def session() -> Json | None:
            run = selectors.run_of_message(self.by, message.id)
            return self._session_json(run) if run else None

        return {
            **wire.comment_fields(message),
            "user": self._user_row(author) if author else None,
            "agentSession": session,
        }


def unknown(what: str) -> NotFound:
    return NotFound(f"Entity not found: {what}")


def _compared(activity: ActivitySnapshot) -> Json:
    return {
        "id": str(activity.id),
        "type": activity.type,
        "agentSessionId": str(activity.run_id),
        "createdAt": activity.created_at,
        "updatedAt": activity.created_at,
        "sourceComment": {"id": str(activity.message_id) if activity.message_id else None},
    }


def _all(rows: list[Json], filter: Json | None, span: Span) -> Json:
    """A short list, as a connection."""
    kept = [row for row in rows if comparing.matches(filter, row)]

    def walk(start: str | None, limit: int) -> list[Json]:
        ordered = kept[::-1] if span.backwards else kept
        place = next((n for n, row in enumerate(ordered, 1) if row["id"] == start), 0)
        return ordered[place:][:limit]

    found = page(walk, span, id_of=lambda row: str(row["id"]))
    return connection(found, span, lambda row: row, "WorkflowStateConnection")

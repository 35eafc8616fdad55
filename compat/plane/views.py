"""What the SDKs ask of a Plane server, as far as it is about agents: parse, call, answer."""

from typing import Any
from uuid import UUID

from django.utils.text import slugify
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.selectors import people
from agents import selectors as agents
from agents.snapshots import AgentSnapshot
from compat.apps.selectors import app_of_agent
from compat.plane import wire
from compat.plane.accent import PlaneView
from compat.plane.paging import Wanted, envelope, numbered
from compat.plane.place import Place
from inbox import selectors as inbox
from placet.lib.actors import Actor
from placet.lib.addresses import host_of
from placet.lib.errors import Invalid, NotAllowed, NotFound
from placet.lib.ids import id_or_nil
from placet.lib.wording import must_be
from runs import selectors as runs
from runs.plans import Link
from runs.services import opening, reporting


class Me(PlaneView):
    def get(self, request: Request) -> Response:
        actor = self.actor(request, "profile:read")
        return Response(wire.agent_json(_agent(actor)))


class Members(PlaneView):
    """Who reads what the agent says, and the agent itself: a bare list, as the SDKs have it."""

    def get(self, request: Request, slug: str) -> Response:
        actor = self.actor(request, "profile:read")
        self.place(slug)
        agent = _agent(actor)
        readers = people(agents.readers_of(actor, agent.id))
        shown = [wire.member_json(person) for person in readers]
        return Response([*shown, {**wire.agent_json(agent), "role": wire.MEMBER}])


class Runs(PlaneView):
    def post(self, request: Request, slug: str) -> Response:
        actor = self.actor(request, "agents.runs:write")
        place, body, agent = self.place(slug), request.data, _agent(actor)
        _refuse_another(actor, agent, body.get("agent_slug"))
        _refuse_other_types(body.get("type"))
        place.refuse_elsewhere(slug, body.get("project"))
        run = opening.open_run(
            by=actor,
            channel=agent.id,
            conversation=_place_of(actor, agent, body.get("issue")),
            message_id=_message_id(body),
            links=_links(body.get("external_link")),
        )
        return Response(wire.run_json(run, place), status=201)


class Run(PlaneView):
    def get(self, request: Request, slug: str, run_id: str) -> Response:
        actor = self.actor(request, "agents.runs:read")
        place = self.place(slug)
        return Response(wire.run_json(runs.run_for(actor, run_id), place))


class Activities(PlaneView):
    def get(self, request: Request, slug: str, run_id: str) -> Response:
        actor = self.actor(request, "agents.run_activities:read")
        place, wanted = self.place(slug), Wanted.of(request.query_params)
        run = runs.run_for(actor, run_id)
        # Numbers have no gaps: the page n begins after the number n times its size.
        after = min(wanted.page * wanted.size, run.length)
        found = runs.activities_page(actor, run.id, cursor=str(after), limit=wanted.size)
        shown = [wire.activity_json(one, run.agent.id, place) for one in found.activities]
        return Response(numbered(shown, wanted, total=found.total))

    def post(self, request: Request, slug: str, run_id: str) -> Response:
        actor = self.actor(request, "agents.run_activities:write")
        place = self.place(slug)
        # The run first: what is wrong with a report to somebody else's run is nobody's business.
        run = runs.run_for(actor, run_id)
        place.refuse_elsewhere(slug, request.data.get("project"))
        told = reporting.report(by=actor, run_id=run.id, draft=wire.draft_of(request.data))
        return Response(wire.activity_json(told.activity, run.agent.id, place), status=201)


class Activity(PlaneView):
    def get(self, request: Request, slug: str, run_id: str, activity_id: str) -> Response:
        actor = self.actor(request, "agents.run_activities:read")
        place = self.place(slug)
        found = runs.activity_for(actor, activity_id, run_id=run_id)
        return Response(wire.activity_json(found, _agent(actor).id, place))


class WorkItem(PlaneView):
    def get(self, request: Request, slug: str, project_id: str, work_item_id: str) -> Response:
        actor = self.actor(request, "projects.work_items:read")
        place, agent = self.place(slug, project_id), _agent(actor)
        found = _conversation(actor, agent, work_item_id)
        item = wire.work_item_json(found, agent.id, place) | _expanded(agent, place, request)
        return Response(_chosen(item, request))

    def patch(self, request: Request, slug: str, project_id: str, work_item_id: str) -> Response:
        raise _read_only(request)

    delete = patch


class Comments(PlaneView):
    """The messages of the agent's own conversation, newest first: they are walked by their keys, for there may be a million."""

    def get(self, request: Request, slug: str, project_id: str, work_item_id: str) -> Response:
        actor = self.actor(request, "projects.work_items.comments:read")
        place, wanted = self.place(slug, project_id), Wanted.of(request.query_params)
        own = _own_conversation(actor, work_item_id)
        page = inbox.channel_page(actor, own.id, cursor=wanted.key, limit=wanted.size)
        return Response(
            envelope(
                [wire.comment_json(message, place) for message in page.messages],
                total=inbox.count_in(actor, own.id),
                size=wanted.size,
                next_mark=page.next_cursor or "0",
                prev_mark="0",
                has_next=_goes_on(actor, own, page.next_cursor),
                # Keys lead one way only; who wants the newest again begins anew.
                has_prev=False,
            )
        )

    def post(self, request: Request, slug: str, project_id: str, work_item_id: str) -> Response:
        raise _read_only(request)


class Comment(PlaneView):
    def get(
        self, request: Request, slug: str, project_id: str, work_item_id: str, comment_id: str
    ) -> Response:
        actor = self.actor(request, "projects.work_items.comments:read")
        place = self.place(slug, project_id)
        own = _own_conversation(actor, work_item_id)
        found = inbox.message_in(actor, comment_id, channel=own.id)
        return Response(wire.comment_json(found, place))

    def patch(self, request: Request, **named: str) -> Response:
        raise _read_only(request)

    delete = patch


class Elsewhere(PlaneView):
    """Everything else a Plane server can do, and Placet does not."""

    def get(self, request: Request, rest: str = "") -> Response:
        raise NotFound(
            "Placet answers only what agents ask of Plane: docs/compat-plane.md lists it."
        )

    post = put = patch = delete = get


def _agent(actor: Actor) -> AgentSnapshot:
    return agents.agent_for(actor, actor.bound_agent_id)


def _refuse_another(actor: Actor, agent: AgentSnapshot, named: object) -> None:
    """`agent_slug`: an agent begins runs of its own, under any of its names."""
    app = app_of_agent(actor, agent.id)
    names = {agent.name, slugify(agent.name), str(agent.id), *({app.client_id} if app else ())}
    if not named:
        raise Invalid.field("agent_slug", "is required")
    if not isinstance(named, str) or named not in names:
        raise Invalid.field(
            "agent_slug", must_be(f"this token's own agent, {slugify(agent.name)}", named)
        )


def _place_of(actor: Actor, agent: AgentSnapshot, issue: object) -> UUID | None:
    return _conversation(actor, agent, issue).id if issue else None


def _conversation(actor: Actor, agent: AgentSnapshot, work_item_id: object) -> AgentSnapshot:
    """One the agent may speak in."""
    for one in runs.conversations_of(actor, agent.id):
        if one.id == id_or_nil(work_item_id):
            return one
    raise NotFound("Not found.")


def _own_conversation(actor: Actor, work_item_id: str) -> AgentSnapshot:
    """Of the others an agent sees its runs and not what else was said: to it they have no comments to read."""
    agent = _agent(actor)
    if agent.id != id_or_nil(work_item_id):
        raise NotFound("Not found.")
    return agent


def _goes_on(actor: Actor, own: AgentSnapshot, cursor: str | None) -> bool:
    """A page that is full need not have one after it."""
    return bool(cursor) and bool(inbox.channel_page(actor, own.id, cursor=cursor, limit=1).messages)


def _refuse_other_types(type: object) -> None:
    if type not in (None, wire.RUN_TYPE):
        raise Invalid.field("type", must_be(f'"{wire.RUN_TYPE}"', type))


def _message_id(body: Any) -> Any:
    named = body.get("comment") or body.get("source_comment")
    return id_or_nil(named) if named else None


def _links(url: Any) -> list[Link]:
    if not url:
        return []
    return [{"label": host_of(str(url)) or "Link", "url": url}]


def _expanded(agent: AgentSnapshot, place: Place, request: Request) -> dict[str, Any]:
    """`expand=assignees,project`: whole, where it is the id else."""
    whole = {"assignees": [wire.agent_json(agent)], "project": wire.project_json(place)}
    return {name: value for name, value in whole.items() if name in _names(request, "expand")}


def _chosen(found: dict[str, Any], request: Request) -> dict[str, Any]:
    """`fields=id,name`: those alone."""
    wanted = _names(request, "fields")
    return {name: value for name, value in found.items() if name in wanted} if wanted else found


def _names(request: Request, parameter: str) -> set[str]:
    return {name.strip() for name in request.query_params.get(parameter, "").split(",")} - {""}


def _read_only(request: Request) -> NotAllowed:
    return NotAllowed(request.method, allow="GET")

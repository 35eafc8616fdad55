"""`/api/v1/runs`: parse, call, answer."""

from uuid import UUID, uuid5

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inbox.api import docs
from inbox.api.messages import whole_number
from placet.lib.actors import Actor
from placet.lib.errors import Invalid
from placet.lib.ids import NIL, id_or_nil
from placet.lib.rest import actor_of
from placet.lib.shapes import parse
from runs import schema, selectors
from runs.drafts import Draft, draft
from runs.services import opening, reporting, updating
from runs.wire import activity_json, activity_page_json, run_json, run_page_json

LONGEST_KEY = 200


class Runs(APIView):
    @docs.describe(
        "Runs of an agent, newest first",
        schema.RunPageOut,
        parameters=schema.RUNS,
        operation_id="runs_list",
        tags=["runs"],
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        page = selectors.runs_page(
            actor_of(request),
            query.get("channel"),
            status=query.get("status"),
            cursor=query.get("cursor"),
            limit=whole_number(query, "limit", selectors.DEFAULT_LIMIT),
        )
        return Response(run_page_json(page))

    @docs.describe(
        "Begin a run of your own, or join the open one",
        schema.RunOut,
        code=201,
        request=schema.RunIn,
        tags=["runs"],
    )
    def post(self, request: Request) -> Response:
        body = parse(schema.RunIn, request.data)
        run = opening.open_run(
            by=actor_of(request),
            channel=body.get("agentId"),
            conversation=body.get("channelId"),
            message_id=id_or_nil(named) if (named := body.get("messageId")) else None,
            links=body.get("links") or (),
        )
        return Response(run_json(run), status=201)


class Run(APIView):
    @docs.describe("One run", schema.RunOut, tags=["runs"])
    def get(self, request: Request, run_id: str) -> Response:
        return Response(run_json(selectors.run_for(actor_of(request), run_id)))

    @docs.describe(
        "Change plan, summary or links of a run",
        schema.RunOut,
        request=schema.RunChanges,
        tags=["runs"],
    )
    def patch(self, request: Request, run_id: str) -> Response:
        changes = {
            ours: request.data[wire]
            for wire, ours in schema.CHANGES.items()
            if wire in request.data
        }
        run = updating.update_run(by=actor_of(request), run_id=run_id, changes=changes)
        return Response(run_json(run))


class Activities(APIView):
    @docs.describe(
        "What happened in a run, oldest first",
        schema.ActivityPageOut,
        parameters=schema.ACTIVITIES,
        operation_id="run_activities_list",
        tags=["runs"],
    )
    def get(self, request: Request, run_id: str) -> Response:
        query = request.query_params
        page = selectors.activities_page(
            actor_of(request),
            run_id,
            cursor=query.get("cursor"),
            limit=whole_number(query, "limit", selectors.DEFAULT_LIMIT),
        )
        return Response(activity_page_json(page))

    @docs.describe(
        "Tell what you think, do, ask or have found",
        schema.ActivityOut,
        code=201,
        request=schema.ActivityIn,
        examples=schema.EXAMPLES,
        tags=["runs"],
    )
    def post(self, request: Request, run_id: str) -> Response:
        by = actor_of(request)
        # The run first: what is wrong with a report to somebody else's run is nobody's business.
        run = selectors.run_for(by, run_id)
        told = reporting.report(by=by, run_id=run.id, draft=_draft(request, by))
        return Response(activity_json(told.activity), status=201)


class Activity(APIView):
    @docs.describe("One activity of a run", schema.ActivityOut, tags=["runs"])
    def get(self, request: Request, run_id: str, activity_id: str) -> Response:
        found = selectors.activity_for(actor_of(request), activity_id, run_id=run_id)
        return Response(activity_json(found))


def _draft(request: Request, by: Actor) -> Draft:
    body = request.data
    ephemeral = body.get("ephemeral")
    return draft(
        id=body.get("id") or _id_of_key(request, by),
        type=body.get("type"),
        content=body.get("content"),
        ephemeral=False if ephemeral is None else ephemeral,
        signal=body.get("signal"),
        signal_metadata=body.get("signalMetadata"),
        content_metadata=body.get("contentMetadata"),
    )


def _id_of_key(request: Request, by: Actor) -> UUID | None:
    """An `Idempotency-Key` is the name of an activity, within the key that sends it: the same one again is the same activity."""
    value = request.headers.get("Idempotency-Key", "")
    if len(value) > LONGEST_KEY:
        rule = f"must be at most {LONGEST_KEY} characters; got {len(value)}"
        raise Invalid.field("Idempotency-Key", rule)
    return uuid5(by.key_id or NIL, value) if value else None

"""Shapes, words and examples of the schema page for runs. What an activity may hold is checked by runs.drafts, for every dialect."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from inbox.api import docs
from inbox.api.shapes import PersonOut
from placet.lib.shapes import ObjectField, Shape, Text, WebAddress
from runs.drafts import FROM_AGENTS
from runs.plans import LONGEST_LABEL, LONGEST_STEP, LONGEST_URL, STATUSES
from runs.states import Status

TYPES = ("prompt", *FROM_AGENTS)
REPORTED_SIGNALS = ("continue", "select", "auth")
SIGNALS = ("stop", "auth", "select")
TRIGGERS = ("message", "mention", "delegation", "agent")
RUN_STATUSES = tuple(one.value for one in Status)
CHANGES = {
    "plan": "plan",
    "summary": "summary",
    "links": "links",
    "addedLinks": "added_links",
    "removedUrls": "removed_urls",
}
LIMIT = OpenApiParameter("limit", int, description="1 to 100; 50 by default.")
CURSOR = OpenApiParameter("cursor", str, description="`nextCursor` of the page before.")
RUNS = [
    docs.CHANNEL,
    OpenApiParameter("status", str, description=f"Only these: {', '.join(RUN_STATUSES)}."),
    CURSOR,
    LIMIT,
]
ACTIVITIES = [CURSOR, LIMIT]
EXAMPLES = [
    OpenApiExample(
        "Thought",
        {"type": "thought", "content": {"body": "Looking at the failed build…"}, "ephemeral": True},
        request_only=True,
    ),
    OpenApiExample(
        "Action",
        {
            "type": "action",
            "content": {
                "action": "Searched the log",
                "parameters": {"build": "1240", "for": "error"},
                "result": "Found 3 lines",
            },
        },
        request_only=True,
    ),
    OpenApiExample(
        "Question with choices",
        {
            "type": "elicitation",
            "content": {"body": "Which environment?"},
            "signal": "select",
            "signalMetadata": {
                "options": [
                    {"value": "staging", "label": "Staging"},
                    {"value": "production", "label": "Production"},
                ]
            },
        },
        request_only=True,
    ),
    OpenApiExample(
        "Response",
        {"type": "response", "content": {"body": "The build is **green** again."}},
        request_only=True,
    ),
]


class RunLink(Shape):
    label = Text(max_length=LONGEST_LABEL)  # type: ignore[assignment]  # Field.label in the stubs
    url = WebAddress(max_length=LONGEST_URL)


class PlanStep(Shape):
    content = Text(max_length=LONGEST_STEP)
    status = serializers.ChoiceField(choices=STATUSES)


class RunIn(Shape):
    agentId = Text(required=False, allow_null=True, allow_blank=True, max_length=500)
    channelId = Text(required=False, allow_null=True, allow_blank=True, max_length=500)
    messageId = Text(required=False, allow_null=True, max_length=36)
    links = RunLink(many=True, required=False)


class RunChanges(serializers.Serializer[object]):
    plan = PlanStep(many=True, required=False, allow_null=True)
    summary = serializers.CharField(required=False, allow_null=True, max_length=255)
    links = RunLink(many=True, required=False)
    addedLinks = RunLink(many=True, required=False)
    removedUrls = serializers.ListField(child=serializers.CharField(), required=False)


class ActivityIn(Shape):
    id = serializers.UUIDField(required=False)
    type = serializers.ChoiceField(choices=FROM_AGENTS)
    content = ObjectField()
    ephemeral = serializers.BooleanField(required=False)
    signal = serializers.ChoiceField(choices=REPORTED_SIGNALS, required=False)
    signalMetadata = ObjectField(required=False)
    contentMetadata = ObjectField(required=False)


class ActivityOut(serializers.Serializer[object]):
    id = serializers.CharField()
    runId = serializers.CharField()
    number = serializers.IntegerField()
    type = serializers.ChoiceField(choices=TYPES)
    content = serializers.DictField()
    contentMetadata = serializers.DictField(allow_null=True)
    ephemeral = serializers.BooleanField()
    signal = serializers.ChoiceField(choices=SIGNALS, allow_null=True)
    signalMetadata = serializers.DictField(allow_null=True)
    user = PersonOut(allow_null=True)
    messageId = serializers.CharField(allow_null=True)
    createdAt = serializers.DateTimeField()


class RunOut(serializers.Serializer[object]):
    id = serializers.CharField()
    agentId = serializers.CharField()
    channelId = serializers.CharField()
    status = serializers.ChoiceField(choices=RUN_STATUSES)
    unresponsive = serializers.BooleanField()
    trigger = serializers.ChoiceField(choices=TRIGGERS)
    creator = PersonOut(allow_null=True)
    messageId = serializers.CharField(allow_null=True)
    reviewId = serializers.CharField(allow_null=True)
    plan = PlanStep(many=True, allow_null=True)
    summary = serializers.CharField(allow_null=True)
    links = RunLink(many=True)
    error = serializers.DictField(allow_null=True)
    activityCount = serializers.IntegerField()
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField()
    startedAt = serializers.DateTimeField(allow_null=True)
    endedAt = serializers.DateTimeField(allow_null=True)
    stoppedAt = serializers.DateTimeField(allow_null=True)
    stoppedBy = serializers.CharField(allow_null=True)
    staleAt = serializers.DateTimeField(allow_null=True)


class RunPageOut(serializers.Serializer[object]):
    data = RunOut(many=True)  # type: ignore[assignment]  # Serializer.data in the stubs
    nextCursor = serializers.CharField(allow_null=True)


class ActivityPageOut(serializers.Serializer[object]):
    data = ActivityOut(many=True)  # type: ignore[assignment]  # as above
    nextCursor = serializers.CharField(allow_null=True)

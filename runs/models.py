"""Runs and what happened in them; and which agents were let into a conversation that is not their own."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from placet.lib.actors import Actor
from placet.lib.ids import new_id
from runs.states import OPEN, Status

CHOICES = [(one.value, one.value.replace("_", " ").capitalize()) for one in Status]


class Trigger(models.TextChoices):
    """What opened a run."""

    MESSAGE = "message", "A person wrote to the agent"
    MENTION = "mention", "A person mentioned the agent"
    DELEGATION = "delegation", "A person handed a conversation over"
    AGENT = "agent", "The agent itself"


class RunQuerySet(models.QuerySet["Run"]):
    def open(self) -> "RunQuerySet":
        return self.filter(status__in=OPEN)

    def unended(self) -> "RunQuerySet":
        """The same runs, along their own small index."""
        return self.filter(ended_at__isnull=True)

    def due(self, at: datetime) -> "RunQuerySet":
        """Whose agent has been silent for as long as it may."""
        return self.filter(stale_at__lte=at).order_by("stale_at")

    def visible_to(self, actor: Actor, agent_ids: "list[UUID] | None") -> "RunQuerySet":
        """Of these agents, None meaning all: a key sees what they do, a person also what is done in their conversations."""
        if agent_ids is None:
            return self.all()
        own = Q(agent_id__in=agent_ids)
        return self.filter(own if actor.is_key else own | Q(channel_id__in=agent_ids))


class Run(models.Model):
    """One working session of an agent in a conversation. Changed only by compare-and-set on `revision`."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    agent = models.ForeignKey(
        "agents.Agent", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # The conversation, named by its agent: the run's own, or one it was let into.
    channel = models.ForeignKey(
        "agents.Agent", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    status = models.CharField(max_length=12, choices=CHOICES, default=Status.CREATED.value)
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    # Who prompted, or for whom the agent began by itself.
    creator = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    creator_name = models.CharField(max_length=100, blank=True)
    # Messages are named by plain ids, here and below: what happened outlives them.
    message_id = models.UUIDField(null=True)
    #: The open question: the id of its review.
    awaits = models.UUIDField(null=True)
    plan = models.JSONField(null=True)
    summary = models.CharField(max_length=255, blank=True)
    links = models.JSONField(default=list)
    error = models.JSONField(null=True)
    #: How many activities there are: the number of the last one.
    length = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    # The agent's first activity.
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # When the silence will have been too long; only while the agent is expected to be heard of.
    stale_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # Two messages at once are two prompts of one run.
            models.UniqueConstraint(
                fields=["agent", "channel"],
                name="run_open_once",
                condition=Q(status__in=[one.value for one in OPEN]),
            ),
            models.CheckConstraint(
                name="run_stale_at_while_live",
                condition=Q(stale_at=None) | Q(status__in=["created", "in_progress", "stopping"]),
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "-id"], name="run_by_agent"),
            models.Index(fields=["channel", "-id"], name="run_by_channel"),
            # Who is at work: asked by every page, so not among all the runs there ever were. That they have not ended, and
            # not a status among several: that is a condition SQLite recognises.
            models.Index(fields=["agent"], name="run_at_work", condition=Q(ended_at__isnull=True)),
            models.Index(
                fields=["channel"], name="run_at_work_in", condition=Q(ended_at__isnull=True)
            ),
            # The sleeper's, each second.
            models.Index(fields=["stale_at"], name="run_due", condition=Q(stale_at__isnull=False)),
            # Asked at every end of a review: was that question a run's?
            models.Index(fields=["awaits"], name="run_awaits", condition=Q(awaits__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.pk}"

    @property
    def stop_asked(self) -> bool:
        """A person has pressed stop and it is not confirmed yet."""
        return self.stopped_at is not None and self.status != Status.STOPPED

    @property
    def away_in(self) -> UUID | None:
        """The conversation, where it is not the agent's own."""
        return self.channel_id if self.channel_id != self.agent_id else None

    def set_if_same(self, **fields: Any) -> bool:
        """Change what nobody else changed since it was read; False means somebody did."""
        fields["revision"] = self.revision + 1
        rows = Run.objects.filter(pk=self.pk, revision=self.revision)
        if not rows.update(**fields):
            return False
        for name, value in fields.items():
            setattr(self, name, value)
        return True


class ActivityType(models.TextChoices):
    PROMPT = "prompt", "Prompt"
    THOUGHT = "thought", "Thought"
    ACTION = "action", "Action"
    ELICITATION = "elicitation", "Question"
    RESPONSE = "response", "Response"
    ERROR = "error", "Error"


class Signal(models.TextChoices):
    """How an activity is meant; most are meant as they stand and have none."""

    STOP = "stop", "Stop"
    AUTH = "auth", "Connect an account"
    SELECT = "select", "Choose"


class Frozen(models.QuerySet["Activity"]):
    def update(self, **_: Any) -> int:
        raise TypeError("An activity is never changed.")


class Activity(models.Model):
    """One thing that happened in a run. Written once and never changed: history is read from here, not from messages."""

    # The agent may choose it: the same one again is the same activity.
    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="activities", db_index=False
    )
    #: Its place in the run, from 1: ids that agents choose do not sort.
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=11, choices=ActivityType.choices)
    content = models.JSONField()
    content_metadata = models.JSONField(null=True)
    ephemeral = models.BooleanField(default=False)
    signal = models.CharField(max_length=6, choices=Signal.choices, null=True)  # noqa: DJ001 - as on the wire
    signal_metadata = models.JSONField(null=True)
    # The person, of a prompt; the name as it was.
    user = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    user_name = models.CharField(max_length=100, blank=True)
    #: Where it stands in the conversation; of an elicitation the review has this id too.
    message_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    objects = Frozen.as_manager()

    class Meta:
        verbose_name_plural = "activities"
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="activity_number")]
        indexes = [
            models.Index(
                fields=["message_id"],
                name="activity_by_message",
                condition=Q(message_id__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An activity is never changed.")
        super().save(*args, **kwargs)


class Guest(models.Model):
    """An agent that was let into another one's conversation: it may be mentioned there, and answers there."""

    id = models.BigAutoField(primary_key=True)
    agent = models.ForeignKey("agents.Agent", on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey("agents.Agent", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "channel"], name="guest_once"),
            models.CheckConstraint(
                name="guest_is_a_guest", condition=~Q(agent=models.F("channel"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} in {self.channel_id}"

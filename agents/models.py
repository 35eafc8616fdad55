"""Who may speak (agents), with what (API keys), how they are (heartbeats), and which humans hear them (reviewers)."""

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q

from placet.lib.actors import Actor
from placet.lib.ids import new_id
from placet.lib.sealing import SealedField

#: Half an hour; agents of the other dialect have five minutes.
RUN_STALE_SECONDS = 1800


class AgentStatus(models.TextChoices):
    ACTIVE = "active", "Active"
    BUSY = "busy", "Busy"
    ERROR = "error", "Error"
    OFFLINE = "offline", "Offline"


class AgentQuerySet(models.QuerySet["Agent"]):
    def visible_to(self, actor: Actor) -> "AgentQuerySet":
        """The agents this actor may know of. A key never sees past its user's own agents, nor past the one it is bound to."""
        if actor.kind == "system" or (actor.is_human and actor.is_owner):
            return self.all()
        if actor.is_key:
            own = self.filter(owner_id=actor.user_id)
            return own.filter(pk=actor.bound_agent_id) if actor.bound_agent_id else own
        mine = (
            Q(owner_id=actor.user_id)
            | Q(reviewers=actor.user_id)
            | Q(reviewer_groups__user=actor.user_id)
        )
        return self.filter(pk__in=Agent.objects.filter(mine).values("pk"))

    def managed_by(self, actor: Actor) -> "AgentQuerySet":
        """The agents this actor may change: reviewers respond, owners manage."""
        if actor.is_human and not actor.is_owner:
            return self.filter(owner_id=actor.user_id)
        return self.visible_to(actor)

    def silent_since(self, moment: datetime) -> "AgentQuerySet":
        return self.filter(last_active_at__lte=moment).exclude(status=AgentStatus.OFFLINE)


class Agent(models.Model):
    """An agent, its channel and its chat: one id, three names on the wire."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="agents")
    reviewers = models.ManyToManyField("accounts.User", related_name="reviewed_agents", blank=True)
    reviewer_groups = models.ManyToManyField(
        "auth.Group", related_name="reviewed_agents", blank=True
    )
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    avatar_url = models.URLField(max_length=500, blank=True)
    tag = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=10, choices=AgentStatus.choices, null=True)  # noqa: DJ001 - null: never pinged
    status_message = models.CharField(max_length=500, blank=True)
    status_since = models.DateTimeField(null=True)
    last_active_at = models.DateTimeField(null=True)
    # Whether what people write to it opens a run, and how long it may be silent in one.
    takes_runs = models.BooleanField(default=False, db_default=False)
    run_stale_seconds = models.PositiveIntegerField(
        default=RUN_STALE_SECONDS, db_default=RUN_STALE_SECONDS
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AgentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            # Read by the sleeper each second: only agents that ever pinged and are not offline can fall silent.
            models.Index(
                fields=["last_active_at"], name="agent_alive", condition=~Q(status="offline")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_visible_to(self, actor: Actor) -> bool:
        """`visible_to` for a row that is at hand: only for a reviewer it takes a query."""
        if actor.is_key:
            return self.owner_id == actor.user_id and actor.bound_agent_id in (None, self.pk)
        mine = actor.kind == "system" or actor.is_owner or self.owner_id == actor.user_id
        return mine or Agent.objects.visible_to(actor).filter(pk=self.pk).exists()


class AgentWebhook(models.Model):
    """Where an agent wants to be told. Apart from the agent: every page reads that one, and these three are sealed."""

    agent = models.OneToOneField(
        Agent, primary_key=True, on_delete=models.CASCADE, related_name="webhook"
    )
    url = SealedField()
    headers = SealedField(null=True)
    auth = SealedField(null=True)

    class Meta:
        verbose_name = "webhook of an agent"
        verbose_name_plural = "webhooks of agents"

    def __str__(self) -> str:
        return f"Webhook of {self.agent_id}"


class StatusChange(models.Model):
    """One transition. The time until the next one is a span; uptime and the timeline are drawn from spans."""

    id = models.BigAutoField(primary_key=True)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="status_changes")
    status = models.CharField(max_length=10, choices=AgentStatus.choices)
    message = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            # With the status behind, spans are drawn from the index alone.
            models.Index(fields=["agent", "created_at", "status"], name="status_change_by_agent")
        ]

    def __str__(self) -> str:
        return f"{self.status} at {self.created_at:%Y-%m-%d %H:%M}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def live(self, at: datetime) -> "ApiKeyQuerySet":
        return (
            self.filter(revoked_at=None)
            .filter(Q(expires_at=None) | Q(expires_at__gt=at))
            .filter(user__is_active=True)
        )


class ApiKey(models.Model):
    """A bearer key. Only its hash is here; the key itself was shown once."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="api_keys")
    agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.CASCADE, related_name="api_keys"
    )
    label = models.CharField(max_length=64, default="Default")
    key_hash = models.CharField(max_length=64, unique=True)
    key_prefix = models.CharField(max_length=11)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.label} ({self.key_prefix}…)"

"""Messages: what is said in a channel, by the agent or by a human."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from placet.lib.ids import new_id
from placet.lib.sealing import SealedField


class SenderType(models.TextChoices):
    AGENT = "agent", "Agent"
    USER = "user", "Human"


class MessageStatus(models.TextChoices):
    INFO = "info", "Info"
    SUCCESS = "success", "Success"
    WARNING = "warning", "Warning"
    ERROR = "error", "Error"


class DeliveryStatus(models.TextChoices):
    SENT = "sent", "Sent"
    WEBHOOK_DELIVERED = "webhook_delivered", "Delivered by webhook"
    WEBHOOK_FAILED = "webhook_failed", "Webhook failed"
    AGENT_RECEIVED = "agent_received", "Received by the agent"


class MessageQuerySet(models.QuerySet["Message"]):
    def of_agents(self, agent_ids: "models.QuerySet[Any] | list[UUID]") -> "MessageQuerySet":
        return self.filter(agent_id__in=agent_ids)

    def newest_first(self) -> "MessageQuerySet":
        """Ids are time-ordered, so the primary key is the clock and the cursor."""
        return self.order_by("-id")


class Message(models.Model):
    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    agent = models.ForeignKey(
        "agents.Agent", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # Another agent that was let into this conversation; null when it is the channel's own, or a human, who speaks.
    author = models.ForeignKey(
        "agents.Agent", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    sender_type = models.CharField(max_length=5, choices=SenderType.choices)
    sender_user = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    sender_name = models.CharField(max_length=100, blank=True)
    text = models.TextField(null=True)  # noqa: DJ001 - null on the wire means "no text", and is not the same as ""
    status = models.CharField(max_length=10, choices=MessageStatus.choices, null=True)  # noqa: DJ001 - as on the wire
    metadata = models.JSONField(null=True)
    webhook_url = SealedField(null=True)
    client_id = models.CharField(max_length=200, null=True)  # noqa: DJ001 - null takes part in no unique rule
    review = models.OneToOneField(
        "reviews.Review", null=True, on_delete=models.CASCADE, related_name="message"
    )
    # Whether it carries files: of most messages nobody need ask. For the database too, which other writers of rows may know.
    has_files = models.BooleanField(default=False, db_default=False)
    delivery_status = models.CharField(
        max_length=20, choices=DeliveryStatus.choices, default=DeliveryStatus.SENT
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "sender_type", "client_id"],
                name="message_client_id_once",
                condition=Q(client_id__isnull=False),
            )
        ]
        indexes = [
            # Pages of a channel; with the sender and the status behind, counts are read from the index alone.
            models.Index(fields=["agent", "-id", "sender_type", "status"], name="message_by_agent"),
            models.Index(
                fields=["agent", "-id"], name="message_with_files", condition=Q(has_files=True)
            ),
            # Read when an agent is deleted: what it said elsewhere stays.
            models.Index(
                fields=["author"], name="message_by_author", condition=Q(author__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return (self.text or "")[:60] or str(self.pk)


class ReadMark(models.Model):
    """How far a person has read a channel. Message ids are time-ordered, so one id says it all."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey("agents.Agent", on_delete=models.CASCADE, related_name="+")
    message_id = models.UUIDField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "agent"], name="read_mark_once")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.agent_id}"


class IdempotencyRecord(models.Model):
    """An `Idempotency-Key` and what it was used for: the same key with the same body answers the same message."""

    id = models.BigAutoField(primary_key=True)
    key = models.ForeignKey("agents.ApiKey", on_delete=models.CASCADE, related_name="+")
    value = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "value"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return self.value

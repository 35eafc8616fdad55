"""The question and its one way out of PENDING."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from placet.lib.ids import new_id
from placet.lib.sealing import SealedField


class Status(models.TextChoices):
    PENDING = "pending", "Pending"
    COMPLETED = "completed", "Completed"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


class ReviewQuerySet(models.QuerySet["Review"]):
    def pending(self) -> "ReviewQuerySet":
        return self.filter(status=Status.PENDING)

    def open(self, at: datetime) -> "ReviewQuerySet":
        """Pending and before the deadline: what a human can still respond to."""
        return self.pending().filter(expires_at__gt=at)

    def due(self, at: datetime) -> "ReviewQuerySet":
        return self.pending().filter(expires_at__lte=at).order_by("expires_at")

    def of_agents(self, agent_ids: "Collection[UUID] | models.QuerySet[Any]") -> "ReviewQuerySet":
        return self.filter(agent_id__in=agent_ids)


class Review(models.Model):
    """A question an agent asked. Shares its id with the message that carries it, and knows nothing else about messages."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    agent = models.ForeignKey(
        "agents.Agent", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    type = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    # Sealed: people put credentials into headers and URLs.
    callback = SealedField(null=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    # What was responded, with secret values replaced; the values themselves are sealed beside it.
    response = models.JSONField(null=True)
    sealed = models.TextField(blank=True)
    feedback = models.TextField(blank=True)
    modified_file_ids = models.JSONField(null=True)
    responded_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The name as it was: the answer to "who?" must outlive the account.
    responded_by_name = models.CharField(max_length=100, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="review_settled_iff_not_pending",
                condition=Q(status="pending", settled_at=None)
                | (~Q(status="pending") & Q(settled_at__isnull=False)),
            )
        ]
        indexes = [
            # The inbox (most urgent first) and the expiry sleeper; only open reviews can be urgent or due. The status at the
            # end lets SQLite count from the index alone: it looks at the column again although the condition says it all.
            models.Index(
                fields=["expires_at", "id", "status"],
                name="review_open_expiry",
                condition=Q(status="pending"),
            ),
            models.Index(
                fields=["agent", "expires_at", "id", "status"],
                name="review_open_by_agent",
                condition=Q(status="pending"),
            ),
            # The inbox's settled tabs, newest first. Without the open ones: SQLite would look for those here.
            models.Index(
                fields=["status", "-settled_at", "-id"],
                name="review_settled",
                condition=Q(settled_at__isnull=False),
            ),
            models.Index(
                fields=["agent", "status", "-settled_at", "-id"],
                name="review_settled_by_agent",
                condition=Q(settled_at__isnull=False),
            ),
            models.Index(fields=["agent", "-id"], name="review_by_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"

    def settle(self, to: Status, *, at: datetime, **fields: Any) -> bool:
        """Leave PENDING exactly once; False means someone else already did, or the deadline has passed for a response."""
        rows = Review.objects.pending().filter(pk=self.pk)
        if to != Status.EXPIRED:
            rows = rows.filter(expires_at__gt=at)
        return rows.update(status=to, settled_at=at, **fields) == 1

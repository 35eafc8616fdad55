"""Where the world is told (endpoints), what it is told (deliveries), and how that went (attempts, circuits)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, models
from django.db.models import Q

from placet.lib.actors import Actor
from placet.lib.ids import new_id
from placet.lib.sealing import SealedField


class Off(models.TextChoices):
    """Why an endpoint is switched off."""

    BY_HAND = "by_hand", "Switched off by hand"
    GONE = "gone", "It answered 410 Gone"
    DEAD = "dead", "It failed for three days"


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def on(self) -> "EndpointQuerySet":
        return self.filter(off="")

    def of_workspace(self) -> "EndpointQuerySet":
        return self.filter(agent=None)


class Endpoint(models.Model):
    """An agent's own webhook (whose address stands with the agent), or one of the workspace with an address of its own."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    agent = models.OneToOneField(
        "agents.Agent", null=True, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=100, blank=True)
    url = SealedField(null=True)
    headers = SealedField(null=True)
    #: Names of events, and the agents whose events; none means all.
    events = models.JSONField(default=list)
    only_agents = models.ManyToManyField("agents.Agent", related_name="+", blank=True)
    #: Of an agent that came from elsewhere: in whose words it is told; none means ours (webhooks.dialects).
    dialects = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    secret = SealedField()
    # It is readable once. One that came to be on the way (an agent patched) has not been read yet.
    shown = models.BooleanField(default=True)
    # While one secret replaces another both sign.
    old_secret = SealedField(null=True)
    old_secret_until = models.DateTimeField(null=True)
    #: Of an agent's address: a new one is worth a new try, whatever became of the old one.
    address_hash = models.CharField(max_length=64, blank=True)
    off = models.CharField(max_length=10, choices=Off.choices, blank=True)
    off_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name or str(self.pk)


class DeliveryStatus(models.TextChoices):
    PENDING = "pending", "Pending"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


class Kind(models.TextChoices):
    """Whose address a delivery goes to."""

    MESSAGE = "message", "The message's webhookUrl"
    AGENT = "agent", "The agent's webhook"
    CALLBACK = "callback", "The review's callback"
    WORKSPACE = "workspace", "An endpoint of the workspace"


#: Of these the message's ticks tell.
SHOWN_ON_MESSAGE = {"message:created", "review:responded"}
#: What a prompt waits for.
BEGINS = Q(status="pending", event_type="run:created", tried=0)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def pending(self) -> "DeliveryQuerySet":
        return self.filter(status=DeliveryStatus.PENDING)

    def due(self, at: datetime) -> "DeliveryQuerySet":
        return self.pending().filter(due_at__lte=at).order_by("due_at")

    def begins(self, targets: "Iterable[str]", run_ids: "Iterable[str]") -> "DeliveryQuerySet":
        """That these runs began, where these receivers have not been tried with it yet."""
        rows = self.filter(BEGINS, target__in=list(targets), facts__runId__in=list(run_ids))
        # In no order: for the sake of one SQLite would walk all that is pending.
        return rows.order_by()

    def to_its_agent(self) -> "DeliveryQuerySet":
        return self.exclude(kind=Kind.WORKSPACE)

    def write_bodies(self, rows: "Iterable[Delivery]") -> None:
        """One prepared statement for all: `bulk_update` writes a CASE with an arm for every row, which takes ten times as long.

        In the order in which everybody locks them: PostgreSQL makes one transaction of it.
        """
        sealed, listed = self.model._meta.get_field("body"), self.model._meta.get_field("hidden")
        sql = f"UPDATE {self.model._meta.db_table} SET body = %s, hidden = %s WHERE id = %s"  # noqa: S608 - our own names
        values = [
            (
                sealed.get_db_prep_save(row.body, connection),
                listed.get_db_prep_save(row.hidden, connection),
                row.pk.hex if connection.vendor == "sqlite" else row.pk,
            )
            for row in sorted(rows, key=lambda row: row.pk)
        ]
        with connection.cursor() as cursor:
            cursor.executemany(sql, values)

    def shown_on_messages(self) -> "DeliveryQuerySet":
        return self.to_its_agent().filter(event_type__in=SHOWN_ON_MESSAGE)

    def visible_to(self, actor: Actor, agent_ids: "list[UUID] | None") -> "DeliveryQuerySet":
        """Owners see all; others those of their agents, and never what goes to an endpoint of the workspace."""
        if actor.kind == "system" or (actor.is_human and actor.is_owner):
            return self.all()
        return self.to_its_agent().filter(agent_id__in=agent_ids or [])


class Delivery(models.Model):
    """One event for one address, told until it is heard. Written bare, beside the change; the body is frozen by its first try."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    event_id = models.CharField(max_length=60)
    event_type = models.CharField(max_length=40)
    #: The event's own ids and words, of which the body is made.
    facts = models.JSONField(default=dict)
    # Both without a constraint, and without a cascade (services.forgetting does it): a response must not fail because what was to hear
    # of it goes in the same moment, and what goes must not wait for a worker that waits for it.
    agent = models.ForeignKey(
        "agents.Agent",
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # Not a foreign key: the news of a deleted message outlives it.
    message_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    endpoint = models.ForeignKey(
        Endpoint,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="deliveries",
        db_index=False,
    )
    # Of a message or a callback: they have no row of their own.
    url = SealedField(null=True)
    method = models.CharField(max_length=10, default="POST")
    dialect = models.CharField(max_length=7, blank=True, db_default="")
    headers = SealedField(null=True)
    # The delivery to the same receiver that comes first: until that one has been tried this one is not. No foreign key, as above.
    after = models.UUIDField(null=True)
    #: Names the receiver among all, for its slots and its circuit.
    target = models.CharField(max_length=40)
    body = SealedField(null=True)
    #: Names of secret fields in the body's response: sent, never shown.
    hidden = models.JSONField(default=list)
    status = models.CharField(
        max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING
    )
    #: Tries of this round; a replay begins a new one. And how many there have been on the whole.
    tries = models.PositiveSmallIntegerField(default=0)
    tried = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    # A try is under way, and `due_at` its lease: who dies with it is taken over then.
    taken = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["due_at", "target"], name="delivery_due", condition=Q(status="pending")
            ),
            models.Index(
                fields=["target", "due_at"], name="delivery_waiting", condition=Q(status="pending")
            ),
            # What a prompt may have to wait for. Not by `delivery_waiting`: where nobody answers thousands wait.
            # SQLite keeps no statistics, and prefers it to `delivery_by_status` for what it knows besides the target.
            models.Index(
                fields=["tried", "event_type", "status", "target"],
                name="delivery_begins",
                condition=BEGINS,
            ),
            models.Index(fields=["agent", "-id"], name="delivery_by_agent"),
            models.Index(fields=["endpoint", "-id"], name="delivery_by_endpoint"),
            models.Index(fields=["status", "-id"], name="delivery_by_status"),
            models.Index(fields=["event_type", "-id"], name="delivery_by_event"),
            models.Index(fields=["message_id"], name="delivery_by_message"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"


class Attempt(models.Model):
    """One try: what came back, or why nothing did."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    #: Null when nothing came back.
    code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    #: The beginning of the answer: for whoever looks after the receiver.
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.number}: {self.code or self.error}"


class Circuit(models.Model):
    """How a receiver has been doing. Opened after some failures in a row: then one try at a time asks whether it is back."""

    target = models.CharField(max_length=40, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.target

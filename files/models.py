"""What was handed over: a file's facts here, its bytes in the storage, and what is to be removed from there."""

from uuid import UUID

from django.db import models
from django.db.models import Q

from placet.lib.ids import new_id


class Uploader(models.TextChoices):
    AGENT = "agent", "Agent"
    USER = "user", "Human"


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def loose(self) -> "StoredFileQuerySet":
        """Stored, and belonging to nothing yet: what can still be attached, and is collected when nobody does."""
        return self.filter(message_id=None, original=None)

    def newest_first(self) -> "StoredFileQuerySet":
        """Ids are time-ordered, so the primary key is the clock and the cursor."""
        return self.order_by("-id")


class StoredFile(models.Model):
    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    agent = models.ForeignKey(
        "agents.Agent", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # An id and no foreign key: the message is the business of a floor above, which says when it goes.
    message_id = models.UUIDField(null=True)
    # Its position among the files of that message.
    place = models.PositiveSmallIntegerField(default=0)
    # What this one is a marked-up version of; it lives as long as that.
    original = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="+")
    uploader_type = models.CharField(max_length=5, choices=Uploader.choices)
    uploader_user = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    filename = models.CharField(max_length=255)
    # What it is by its content; what the uploader said it was stands beside it and decides nothing.
    mime_type = models.CharField(max_length=100)
    declared_type = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=200, unique=True)
    # Of pictures, as they are shown: a page reserves the room before the bytes are there.
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    # Part of every share link's signature: the next number ends all links that were made before.
    share_round = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = "file"
        indexes = [
            # A channel's files, newest first.
            models.Index(fields=["agent", "-id"], name="file_by_agent"),
            # The quota: added up from the index alone.
            models.Index(fields=["agent", "size"], name="file_size_by_agent"),
            models.Index(
                fields=["message_id", "place", "id"],
                name="file_by_message",
                condition=Q(message_id__isnull=False),
            ),
            # The collector of what nobody attached.
            models.Index(
                fields=["id"],
                name="file_loose",
                condition=Q(message_id__isnull=True, original__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_draft_of_a_person(self) -> bool:
        loose = self.message_id is None and self.original_id is None
        return loose and self.uploader_type == Uploader.USER


class PreviewState(models.TextChoices):
    PENDING = "pending", "Wanted"
    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Not possible"


class Preview(models.Model):
    """How a file is shown. Its pictures and contents are in the storage beside the file; there is none for what shows itself."""

    file = models.OneToOneField(
        StoredFile, primary_key=True, on_delete=models.CASCADE, related_name="preview"
    )
    kind = models.CharField(max_length=20)
    state = models.CharField(
        max_length=10, choices=PreviewState.choices, default=PreviewState.PENDING
    )
    # Why there is none, and where a limit cut it: in words for people.
    reason = models.CharField(max_length=300, blank=True)
    cut = models.CharField(max_length=200, blank=True)
    pictures = models.JSONField(default=list)
    has_contents = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # What is to be made, the latest first: few rows at any time.
            models.Index(
                fields=["-file"],
                name="preview_due",
                condition=Q(state__in=["pending", "making"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.file_id}"


class Markup(models.Model):
    """What one person drew over one picture. A draft of theirs: nobody else sees it until a response carries it."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    # Raised by every change: who saves says which one it was drawn over.
    version = models.PositiveIntegerField(default=0)
    marks = models.JSONField(default=list)
    changed_at = models.DateTimeField()
    # The picture with the marks in it, and of which version it is. It belongs to nothing until a response ties it to the
    # original; when it was collected meanwhile, it is drawn again.
    picture = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+")
    pictured_version = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "user"], name="markup_one_each")]

    def __str__(self) -> str:
        return f"marks on {self.file_id}"

    @property
    def is_drawn(self) -> bool:
        return self.picture_id is not None and self.pictured_version == self.version


class Discarded(models.Model):
    """Bytes that belong to no row any more. Written with the change that let go of them, so that no crash can forget them."""

    id = models.BigAutoField(primary_key=True)
    storage_key = models.CharField(max_length=200)
    discarded_at = models.DateTimeField()

    class Meta:
        verbose_name = "discarded file"

    def __str__(self) -> str:
        return self.storage_key

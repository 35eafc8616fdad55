from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from files.models import Discarded, Markup, Preview, StoredFile
from files.services import leaving
from placet.lib.rescue import ListOnlyAdmin, RescueAdmin, each


@admin.register(StoredFile)
class StoredFileAdmin(RescueAdmin):
    list_display = ("filename", "agent", "mime_type", "size", "uploader_type", "created_at")
    list_filter = ("uploader_type", "created_at")
    search_fields = ("filename", "agent__name", "mime_type", "sha256")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    # Not `share_round`: it is part of what signs a link.
    fields = (
        "id",
        "agent",
        "message_id",
        "original",
        "uploader_type",
        "uploader_user",
        "filename",
        "mime_type",
        "declared_type",
        "size",
        "sha256",
        "width",
        "height",
        "storage_key",
        "created_at",
    )
    actions = ("remove",)

    @admin.action(description="Delete the chosen files and their bytes")
    def remove(self, request: HttpRequest, rows: QuerySet[StoredFile]) -> None:
        each(self, request, rows, lambda by, row: leaving.delete_file(by=by, file_id=row.pk))


@admin.register(Preview)
class PreviewAdmin(ListOnlyAdmin):
    list_display = ("file", "kind", "state", "reason", "cut", "attempts", "made_at")
    list_filter = ("state", "kind")
    search_fields = ("file__filename",)
    ordering = ("-file",)
    fields = ("file",)


@admin.register(Markup)
class MarkupAdmin(ListOnlyAdmin):
    """Whose drafts there are; what they drew is their own."""

    list_display = ("file", "user", "version", "changed_at", "picture")
    ordering = ("-changed_at",)
    fields = ("file",)


@admin.register(Discarded)
class DiscardedAdmin(ListOnlyAdmin):
    """Bytes that are still to be removed."""

    list_display = ("storage_key", "discarded_at")
    ordering = ("-id",)
    fields = ("storage_key",)

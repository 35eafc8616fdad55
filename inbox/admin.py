from django.contrib import admin

from inbox.models import IdempotencyRecord, Message, ReadMark
from placet.lib.rescue import ListOnlyAdmin, RescueAdmin


@admin.register(Message)
class MessageAdmin(RescueAdmin):
    list_display = (
        "__str__",
        "agent",
        "sender_type",
        "sender_name",
        "status",
        "delivery_status",
        "created_at",
    )
    list_filter = ("sender_type", "status", "delivery_status")
    search_fields = ("text", "agent__name", "sender_name", "client_id")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    # Not `webhook_url`: people put tokens into it.
    fields = (
        "id",
        "agent",
        "sender_type",
        "sender_user",
        "sender_name",
        "text",
        "status",
        "metadata",
        "review",
        "client_id",
        "delivery_status",
        "created_at",
        "updated_at",
    )


@admin.register(ReadMark)
class ReadMarkAdmin(ListOnlyAdmin):
    list_display = ("user", "agent", "read_at")
    search_fields = ("user__email", "agent__name")
    ordering = ("-id",)
    fields = ("user",)


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ListOnlyAdmin):
    """That a request was seen before, not what it said."""

    list_display = ("key", "message_id", "created_at")
    list_select_related = ("key",)
    search_fields = ("key__label",)
    ordering = ("-id",)
    fields = ("key",)

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from placet.lib.rescue import ListOnlyAdmin, RescueAdmin, each
from runs.models import Activity, Guest, Run
from runs.services import stopping


@admin.register(Run)
class RunAdmin(RescueAdmin):
    list_display = (
        "id",
        "agent",
        "channel",
        "status",
        "trigger",
        "creator_name",
        "length",
        "updated_at",
    )
    list_select_related = ("agent", "channel")
    list_filter = ("status", "trigger", "created_at")
    search_fields = ("agent__name", "creator_name", "summary")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    fields = (
        "id", "agent", "channel", "status", "trigger", "creator", "creator_name", "message_id", "awaits",
        "plan", "summary", "links", "error", "length", "created_at", "updated_at", "started_at",
        "ended_at", "stopped_at", "stopped_by", "stale_at",
    )  # fmt: skip
    actions = ("stop",)

    @admin.action(description="Stop the chosen runs")
    def stop(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        each(self, request, rows, lambda by, row: stopping.stop(by=by, run_id=row.pk))


@admin.register(Activity)
class ActivityAdmin(RescueAdmin):
    list_display = ("id", "run", "number", "type", "signal", "user_name", "created_at")
    list_select_related = ("run",)
    list_filter = ("type", "signal", "created_at")
    search_fields = ("run__id", "user_name")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    # Not what comes with a signal: the link to connect an account is for whom it was sent to.
    fields = (
        "id", "run", "number", "type", "content", "content_metadata", "ephemeral", "signal", "user", "user_name",
        "message_id", "created_at",
    )  # fmt: skip


@admin.register(Guest)
class GuestAdmin(ListOnlyAdmin):
    list_display = ("agent", "channel", "created_at")
    list_select_related = ("agent", "channel")
    search_fields = ("agent__name", "channel__name")
    ordering = ("-id",)
    fields = ("agent",)

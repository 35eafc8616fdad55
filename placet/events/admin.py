from django.contrib import admin

from placet.events.models import EventRow
from placet.lib.rescue import RescueAdmin


@admin.register(EventRow)
class EventRowAdmin(RescueAdmin):
    """The audit trail. Events carry ids, never contents."""

    list_display = ("id", "type", "actor", "agent_id", "user_id", "recorded_at")
    list_filter = ("type",)
    search_fields = ("actor", "type")
    date_hierarchy = "recorded_at"
    ordering = ("-id",)
    fields = ("id", "type", "data", "agent_id", "user_id", "actor", "recorded_at")

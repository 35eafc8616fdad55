from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from agents import keys
from agents.models import Agent, AgentWebhook, ApiKey, StatusChange
from placet.lib.rescue import ListOnlyAdmin, RescueAdmin, each


@admin.register(Agent)
class AgentAdmin(RescueAdmin):
    list_display = (
        "name",
        "owner",
        "tag",
        "status",
        "status_since",
        "last_active_at",
        "created_at",
    )
    list_filter = ("status", "created_at")
    search_fields = ("name", "description", "tag", "owner__email")
    date_hierarchy = "created_at"
    fields = (
        "id",
        "name",
        "owner",
        "reviewers",
        "reviewer_groups",
        "description",
        "avatar_url",
        "tag",
        "status",
        "status_message",
        "status_since",
        "last_active_at",
        "takes_runs",
        "run_stale_seconds",
        "created_at",
    )


@admin.register(AgentWebhook)
class AgentWebhookAdmin(ListOnlyAdmin):
    list_display = ("agent",)
    search_fields = ("agent__name",)
    # Not the address: people put tokens into it.
    fields = ("agent",)


@admin.register(StatusChange)
class StatusChangeAdmin(ListOnlyAdmin):
    list_display = ("agent", "status", "message", "created_at")
    list_filter = ("status",)
    search_fields = ("agent__name", "message")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    fields = ("agent",)


@admin.register(ApiKey)
class ApiKeyAdmin(RescueAdmin):
    list_display = (
        "label",
        "key_prefix",
        "user",
        "agent",
        "expires_at",
        "revoked_at",
        "last_used_at",
    )
    list_select_related = ("user", "agent")
    list_filter = ("revoked_at", "expires_at", "last_used_at")
    search_fields = ("label", "key_prefix", "user__email", "agent__name")
    date_hierarchy = "created_at"
    fields = (
        "id",
        "label",
        "key_prefix",
        "user",
        "agent",
        "scopes",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "created_at",
    )
    actions = ("revoke",)

    @admin.action(description="Revoke the chosen keys")
    def revoke(self, request: HttpRequest, rows: QuerySet[ApiKey]) -> None:
        each(self, request, rows, lambda by, row: keys.revoke_key(by=by, key_id=row.pk))

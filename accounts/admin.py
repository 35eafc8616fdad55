from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Session, User, Workspace
from accounts.services import sessions
from placet.lib.rescue import ListOnlyAdmin, RescueAdmin, each

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(RescueAdmin):
    list_display = (
        "display_name",
        "email",
        "role",
        "is_active",
        "must_change_password",
        "last_login",
    )
    list_filter = ("role", "is_active", "must_change_password")
    search_fields = ("display_name", "email")
    ordering = ("email",)
    fields = (
        "id",
        "display_name",
        "email",
        "role",
        "is_active",
        "must_change_password",
        "theme",
        "shortcuts",
        "last_login",
        "created_at",
        "updated_at",
    )


@admin.register(Workspace)
class WorkspaceAdmin(RescueAdmin):
    list_display = ("name", "slug", "created_at")
    fields = ("name", "slug", "created_at")


@admin.register(Session)
class SessionAdmin(ListOnlyAdmin):
    list_display = ("user", "user_agent", "address", "created_at", "seen_at", "expire_date")
    list_select_related = ("user",)
    list_filter = ("seen_at",)
    search_fields = ("user__email", "user__display_name", "user_agent")
    date_hierarchy = "created_at"
    fields = ("user",)
    actions = ("end",)

    @admin.action(description="End the chosen sessions")
    def end(self, request: HttpRequest, rows: QuerySet[Session]) -> None:
        each(self, request, rows, lambda by, row: sessions.end_session(by=by, session_id=row.pk))

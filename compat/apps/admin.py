from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken

from compat.apps import services
from compat.apps.models import App
from placet.lib.rescue import RescueAdmin, each

# The toolkit registers its rows with forms that make clients and tokens: here that is done by services alone.
for model in (AccessToken, Application, Grant, IDToken, RefreshToken):
    admin.site.unregister(model)


@admin.register(App)
class AppAdmin(RescueAdmin):
    list_display = ("id", "agent", "installed_by", "installed_at", "created_at")
    list_select_related = ("agent", "installed_by")
    search_fields = ("agent__name",)
    ordering = ("-id",)
    fields = ("id", "agent", "scopes", "installed_at", "installed_by", "created_at", "updated_at")
    actions = ("revoke",)

    @admin.action(description="Revoke the chosen apps")
    def revoke(self, request: HttpRequest, rows: QuerySet[App]) -> None:
        each(self, request, rows, lambda by, row: services.revoke_app(by=by, app_id=row.pk))

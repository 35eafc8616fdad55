from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from placet.lib.rescue import ListOnlyAdmin, RescueAdmin, each
from webhooks.models import Attempt, Circuit, Delivery, Endpoint
from webhooks.services import endpoints, queueing


@admin.register(Endpoint)
class EndpointAdmin(RescueAdmin):
    list_display = ("id", "name", "agent", "off", "off_since", "created_at")
    list_select_related = ("agent",)
    list_filter = ("off",)
    search_fields = ("name", "agent__name")
    date_hierarchy = "created_at"
    # Not the address, nor anything that is sent to it.
    fields = ("id", "name", "agent", "events", "only_agents", "off", "off_since", "created_at")
    actions = ("switch_on", "switch_off")

    @admin.action(description="Switch the chosen endpoints on")
    def switch_on(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        self._switch(request, rows, on=True)

    @admin.action(description="Switch the chosen endpoints off")
    def switch_off(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        self._switch(request, rows, on=False)

    def _switch(self, request: HttpRequest, rows: QuerySet[Endpoint], *, on: bool) -> None:
        each(
            self,
            request,
            rows,
            lambda by, row: endpoints.switch_endpoint(by=by, endpoint_id=row.pk, on=on),
        )


@admin.register(Delivery)
class DeliveryAdmin(RescueAdmin):
    list_display = ("event_id", "event_type", "kind", "agent", "status", "tries", "due_at")
    list_select_related = ("agent",)
    list_filter = ("status", "event_type", "kind")
    search_fields = ("event_id", "=message_id", "agent__name")
    date_hierarchy = "created_at"
    fields = (
        "id",
        "event_id",
        "event_type",
        "agent",
        "message_id",
        "kind",
        "endpoint",
        "method",
        "status",
        "tries",
        "due_at",
        "taken",
        "created_at",
        "settled_at",
    )
    actions = ("replay",)

    @admin.action(description="Send the chosen deliveries again")
    def replay(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        each(self, request, rows, lambda by, row: queueing.replay(by=by, delivery_id=row.pk))


@admin.register(Attempt)
class AttemptAdmin(ListOnlyAdmin):
    list_display = ("delivery", "number", "at", "code", "error", "milliseconds")
    list_filter = ("code",)
    search_fields = ("=delivery__event_id", "error")
    date_hierarchy = "at"
    ordering = ("-id",)
    fields = ("delivery",)


@admin.register(Circuit)
class CircuitAdmin(ListOnlyAdmin):
    list_display = ("target", "failures", "failing_since", "open_until")
    search_fields = ("target",)
    ordering = ("-failures",)
    fields = ("target",)

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from placet.lib.rescue import RescueAdmin, each
from reviews import services
from reviews.models import Review


@admin.register(Review)
class ReviewAdmin(RescueAdmin):
    list_display = (
        "id",
        "type",
        "agent",
        "status",
        "expires_at",
        "settled_at",
        "responded_by_name",
    )
    list_filter = ("status", "type", "expires_at")
    search_fields = ("agent__name", "responded_by_name", "feedback")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    # Not `sealed`, and not `callback`, whose URL may carry a token. `response` has its secret values replaced already.
    fields = (
        "id",
        "agent",
        "type",
        "payload",
        "status",
        "created_at",
        "expires_at",
        "settled_at",
        "response",
        "feedback",
        "modified_file_ids",
        "responded_by",
        "responded_by_name",
    )
    actions = ("cancel", "expire")

    @admin.action(description="Cancel the chosen reviews")
    def cancel(self, request: HttpRequest, rows: QuerySet[Review]) -> None:
        each(self, request, rows, lambda by, row: services.cancel_review(by=by, review_id=row.pk))

    @admin.action(description="Expire the chosen reviews now")
    def expire(self, request: HttpRequest, rows: QuerySet[Review]) -> None:
        each(self, request, rows, lambda by, row: services.expire_review(by=by, review_id=row.pk))

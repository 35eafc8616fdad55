"""Django admin as a rescue tool: owners look at rows; what they may change goes through a service, as everywhere."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest

from placet.lib.actors import Actor
from placet.lib.errors import PlacetError

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


class RescueAdmin(Base):
    """Read only. `fields` is an allow-list: a new column is hidden until somebody decides that it is no secret."""

    list_per_page = 50
    # Counting a big table twice for "50 of 2,000,000" costs more than it tells.
    show_full_result_count = False
    # Joins what must be there; an optional relation is named by the list that shows it.
    list_select_related: ClassVar[Any] = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ListOnlyAdmin(RescueAdmin):
    """Rows whose own page would show no more than the list."""

    list_display_links = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)


def each(
    shown: RescueAdmin,
    request: HttpRequest,
    rows: Iterable[Any],
    change: Callable[[Actor, Any], object],
) -> None:
    """Do it to every chosen row, as the owner who asked, and say what was refused."""
    # Only people of ours reach the admin, and those are Actors.
    by: Actor = request.user.as_actor()  # type: ignore[union-attr]
    done = 0
    for row in rows:
        try:
            change(by, row)
        except PlacetError as refusal:
            shown.message_user(request, f"{row}: {refusal.message}", messages.ERROR)
        else:
            done += 1
    shown.message_user(request, f"{done} done.", messages.SUCCESS if done else messages.WARNING)

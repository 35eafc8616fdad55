"""The admin, entered through our own doors: one sign-in, one sign-out, one place to change a password."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.services import signing_in


class RescueSite(AdminSite):
    site_header = "Placet rescue tools"
    site_title = "Placet"
    index_title = "Look at everything, change little"

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        # Whoever is signed in and still lands here is no owner: sending them on would send them round in circles.
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", request.path))

    # Django's own answer with a page; a redirect is as good to whoever calls them.
    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST":
            signing_in.sign_out(request=request)
        return redirect("accounts:sign-in")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        return redirect("accounts:password-change")

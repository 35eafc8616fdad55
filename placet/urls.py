"""Every door of the house."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from placet import health, metrics, openapi

urlpatterns = [
    path("", RedirectView.as_view(url="/inbox/"), name="home"),
    path("favicon.ico", RedirectView.as_view(url="/static/favicon.svg"), name="favicon"),
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("api/v1/", include("webhooks.api_urls")),
    path("metrics", metrics.metrics, name="metrics"),
    path("api/v1/", include("inbox.api.urls")),
    path("api/v1/", include("runs.api_urls")),
    path("api/v1/", include("compat.plane.urls")),
    path("auth/o/", include("compat.plane.oauth_urls")),
    path("api/schema", openapi.schema, name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/", include("inbox.api.browser_urls")),
    path("api/", include("files.browser_urls")),
    path("api/", include("agents.browser_urls")),
    path("api/", include("runs.browser_urls")),
    path("api/", include("webhooks.browser_urls")),
    path("api/", include("accounts.api_urls")),
    path("", include("compat.linear.urls")),
    path("admin/", admin.site.urls),
    path("", include("webhooks.page_urls")),
    path("", include("compat.apps.urls")),
    path("", include("runs.page_urls")),
    path("settings/", include("inbox.settings_urls")),
    path("", include("accounts.urls")),
    path("", include("inbox.welcome_urls")),
    path("files/", include("inbox.files_urls")),
    path("", include("inbox.urls")),
]
handler400 = "placet.health.bad_request"
handler403 = "placet.health.forbidden"
handler404 = "placet.health.not_found"
handler500 = "placet.health.server_error"

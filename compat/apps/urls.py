"""Settings → Apps, mounted at the root as the pages of webhooks are."""

from django.urls import path

from compat.apps import pages

app_name = "apps"
_app = "settings/apps/<uuid:app_id>/"
urlpatterns = [
    path("settings/apps/", pages.listing, name="apps"),
    path("settings/apps/new/", pages.create, name="app-create"),
    path(_app, pages.page, name="app-page"),
    path(f"{_app}change/", pages.change, name="app-change"),
    path(f"{_app}install/", pages.install, name="app-install"),
    path(f"{_app}revoke/", pages.revoke, name="app-revoke"),
    path(f"{_app}rotate/", pages.rotate, name="app-rotate"),
    path(f"{_app}token/", pages.issue, name="app-token"),
    path(f"{_app}tokens/end/", pages.end_tokens, name="app-tokens-end"),
    path(f"{_app}conversations/", pages.conversations, name="app-conversations"),
]
